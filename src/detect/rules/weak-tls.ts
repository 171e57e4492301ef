// Weak TLS: old versions, weak cipher suites, expired and self-signed certificates.
import type { FlowNames } from '../../names/index.ts'
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { list, plural } from '../engine/wording.ts'
import { isBroken, tlsVersionName, weaknessOf } from '../methods/cipher-suites.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import type { Certificate, TlsSession } from '../observe/observations.ts'

import { isTorCertificate } from './tor.ts'

const SELF_SIGNED = 'a certificate it signed itself'
const OTHER_NAME = 'a certificate for another name'
const SSL_3_0 = 0x0300
const TLS_1_2 = 0x0303
const MAX_FINDINGS = 500
/** Allowed clock difference between the capture and the certificate's issuer. */
const CLOCKS_DIFFER_US = 86_400_000_000

export const weakTls = defineRule({
  id: 'weak-tls',
  version: 1,
  title: 'A server agrees to weak TLS',
  technique: 'T1040',
  severity: 'medium',
  source: 'Zeek weak-keys and expiring-certs, nDPI flow risks; RFC 8996 (TLS 1.0 and 1.1), RFC 7568 (SSL 3.0), RFC 7465 (RC4), RFC 9325',
  options: {
    sessions: { default: 1, unit: '', description: 'conversations with one server' },
  },
  run(context, options) {
    const findings: Finding[] = []
    for (const [key, sessions] of weakByServer(context)) {
      if (sessions.length >= options.sessions && findings.length < MAX_FINDINGS)
        findings.push(describe(context, key, sessions, options.sessions))
    }
    return findings
  },
})

interface Weak {
  session: TlsSession
  weaknesses: string[]
}

/** Grouped by server and port: a server with a thousand connections is one finding. */
function weakByServer({ observations, flows, names }: Context): Map<string, Weak[]> {
  const servers = new Map<string, Weak[]>()
  for (const session of observations.tls) {
    // The rule `tor` reports these.
    if (isTorCertificate(session.certificate)) continue
    const weaknesses = weaknessesOf(session, names.ofFlow(session.flow))
    if (weaknesses.length === 0) continue
    const key = `${flows.server(session.flow)} ${flows.serverPort(session.flow)}`
    const own = servers.get(key)
    if (own === undefined) servers.set(key, [{ session, weaknesses }])
    else own.push({ session, weaknesses })
  }
  return servers
}

function weaknessesOf({ version, cipher, certificate, atUs }: TlsSession, { serverName, serverNameSource }: FlowNames): string[] {
  const found: string[] = []
  if (version < TLS_1_2 && version >= SSL_3_0) found.push(tlsVersionName(version))
  const cipherWeakness = weaknessOf(cipher)
  if (cipherWeakness !== null) found.push(cipherWeakness)
  if (certificate !== null && certificate.notAfterUs + CLOCKS_DIFFER_US < atUs) found.push('a certificate that has expired')
  if (certificate !== null && certificate.notBeforeUs - CLOCKS_DIFFER_US > atUs) found.push('a certificate that is not valid yet')
  if (certificate?.isSelfIssued) found.push(SELF_SIGNED)
  const isForAnother = serverName !== null && serverNameSource === 'tls' && !isFor(certificate, serverName)
  if (certificate !== null && isForAnother) found.push(OTHER_NAME)
  return found
}

/** Whether a certificate is valid for a name (RFC 9525 6.3: a star matches one label). True when not all of its names are known. */
function isFor(certificate: Certificate | null, name: string): boolean {
  if (certificate === null || !certificate.hasAllNames || certificate.names.length === 0) return true
  const parent = name.slice(name.indexOf('.') + 1)
  return certificate.names.some((own) => own === name || (own.startsWith('*.') && own.slice(2) === parent))
}

function describe(context: Context, key: string, weak: Weak[], threshold: number): Finding {
  const { flows, hosts, names } = context
  const [server, port] = key.split(' ').map(Number)
  const { session } = weak[0]
  const weaknesses = [...new Set(weak.flatMap((own) => own.weaknesses))]
  const clients = [...new Set(weak.map((own) => flows.client(own.session.flow)))]
  const name = names.ofFlow(session.flow).serverName
  const certificate = weak.find((own) => own.session.certificate !== null)?.session.certificate ?? null
  const firstUs = Math.min(...weak.map((own) => own.session.atUs))
  const lastUs = Math.max(...weak.map((own) => own.session.atUs))
  const versions = [...new Set(weak.map((own) => tlsVersionName(own.session.version)))].sort()
  return {
    ...gravity(weaknesses, weak, hosts.isLocal(server)),
    title: `${hosts.ip(server)}${name === null ? '' : ` (${name})`} port ${port} agreed to TLS with ${list(weaknesses, 6)}, for ${clients.length === 1 ? hosts.ip(clients[0]) : plural(clients.length, 'client')}.`,
    nextStep: `Find out why ${name ?? hosts.ip(server)} still offers this, and whether the client asked for nothing better.`,
    firstUs,
    lastUs,
    source: clients.length === 1 ? clients[0] : null,
    target: server,
    observed: [
      { name: 'conversations', value: weak.length, unit: '', threshold },
      { name: 'version', value: list(versions, 5), unit: '', threshold: null },
      { name: 'cipher suite', value: `0x${session.cipher.toString(16).padStart(4, '0')}`, unit: '', threshold: null },
      ...(certificate === null
        ? []
        : [
            { name: 'certificate for', value: certificate.subject || 'no name', unit: '', threshold: null },
            { name: 'issued by', value: certificate.issuer || 'no name', unit: '', threshold: null },
            { name: 'valid until', value: dateOf(certificate.notAfterUs), unit: '', threshold: null },
          ]),
    ],
    picture:
      weak.length < 2
        ? null
        : {
            kind: 'dots',
            x: { label: 'Time since the first conversation', unit: 's' },
            y: { label: 'Weaknesses', unit: '' },
            points: samplePoints(weak.length, (i) => [secondsSince(firstUs, weak[i].session.atUs), weak[i].weaknesses.length]),
            threshold: null,
            caption: 'Each dot is a conversation.',
          },
    flows: FlowSample.of(weak.map((own) => own.session.flow)),
    ports: [port],
    ...(name === null ? {} : { names: [name] }),
  }
}

function gravity(weaknesses: string[], weak: Weak[], isLocal: boolean): { severity: Severity; severityReason: string } {
  if (weak.some(({ session }) => session.version === SSL_3_0) || weaknesses.some(isBroken))
    return { severity: 'medium', severityReason: 'What was sent can be read or changed by who listens.' }
  if (weaknesses.includes(OTHER_NAME) && !weaknesses.includes(SELF_SIGNED))
    return {
      severity: 'medium',
      severityReason: 'Somebody else answered than was called: a proxy that listens in, a block page, or a server set up wrong.',
    }
  const isOnlySelfSigned = weaknesses.every((weakness) => weakness === SELF_SIGNED)
  if (isOnlySelfSigned && isLocal)
    return {
      severity: 'info',
      severityReason: 'Devices inside a site often sign their own certificates; nobody can tell them from an impostor.',
    }
  return { severity: 'low', severityReason: 'Breaking it takes effort, but nothing needs it any more.' }
}

/** The day in ISO 8601; "" if the certificate's time is invalid. */
function dateOf(us: number): string {
  return Number.isNaN(us) ? '' : new Date(us / 1000).toISOString().slice(0, 10)
}
