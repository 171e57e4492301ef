// TLS sessions -> the certificates that servers showed, by SHA-256.
import type { HostIdentity } from '../../names/identity-log.ts'
import type { Context } from '../engine/finding.ts'

/** A host with more of them is a proxy that makes certificates. */
const MAX_A_HOST = 32

export function certificatesOf({ observations, flows }: Context): HostIdentity[] {
  const byHost = new Map<number, Map<string, HostIdentity>>()
  for (const { flow, certificate, atUs, frame, capture } of observations.tls) {
    if (certificate === null) continue
    const host = flows.server(flow)
    const of = byHost.get(host) ?? new Map<string, HostIdentity>()
    byHost.set(host, of)
    const known = of.get(certificate.sha256)
    if (known !== undefined) known.count++
    else if (of.size < MAX_A_HOST) {
      of.set(certificate.sha256, {
        host,
        kind: 'certificate',
        value: certificate.sha256,
        source: 'tls',
        firstUs: atUs,
        count: 1,
        flow,
        frame,
        capture,
      })
    }
  }
  return [...byHost.values()].flatMap((of) => [...of.values()])
}
