// What servers showed and hosts sent -> certificates and files by SHA-256.
import type { HostIdentity } from '../../names/identity-log.ts'
import type { Context } from '../engine/finding.ts'

/** A host with more of one kind is a proxy that makes certificates, or a store of files. */
const MAX_A_HOST = 32

export function digestsOf({ observations, flows }: Context): HostIdentity[] {
  const found = new Map<number, Map<string, HostIdentity>>()
  const add = (
    host: number,
    kind: 'certificate' | 'file',
    source: string,
    row: Pick<HostIdentity, 'value' | 'firstUs' | 'flow' | 'frame' | 'capture'>,
  ) => {
    const of = found.get(host) ?? new Map<string, HostIdentity>()
    found.set(host, of)
    const known = of.get(`${kind} ${row.value}`)
    if (known !== undefined) known.count++
    else if ([...of.values()].filter((other) => other.kind === kind).length < MAX_A_HOST)
      of.set(`${kind} ${row.value}`, { host, kind, source, count: 1, ...row })
  }
  for (const { flow, certificate, atUs, frame, capture } of observations.tls)
    if (certificate !== null)
      add(flows.server(flow), 'certificate', 'tls', { value: certificate.sha256, firstUs: atUs, flow, frame, capture })
  for (const { flow, host, source, name, sha256, atUs, frame, capture } of observations.carriedFiles)
    add(host, 'file', name === '' ? source : `${source} ${name}`, { value: sha256, firstUs: atUs, flow, frame, capture })
  return [...found.values()].flatMap((of) => [...of.values()])
}
