// TLS with a server outside that was called by no name and shows a certificate it signed itself: nobody but who made both ends knows it.
import type { NameResults } from '../../names/index.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { controlProgramOf } from '../methods/known-certificates.ts'
import { append } from '../methods/lists.ts'
import type { TlsSession } from '../observe/observations.ts'
import { isTorCertificate } from './tor.ts'

/** Mail, FTP, remote desktops and telephones: clients often give no name, and servers sign their own certificates. */
const USUAL_PORTS = new Set([25, 465, 587, 990, 993, 995, 3389, 5061])
/** In JA4, whether the ClientHello has a server name (SNI): d, or i for none. */
const NAME_IN_JA4 = 3

export const namelessTls = defineRule({
  id: 'nameless-tls',
  version: 1,
  title: 'TLS with a server outside that has no name and signed its own certificate',
  technique: 'T1573.002',
  severity: 'medium',
  source:
    'RFC 6066 3 (browsers and programs name the server, SNI), nDPI flow risks (missing SNI, self-signed certificate); Anderson and McGrew, Deciphering Malware’s use of TLS (2016): both are frequent in malware and rare elsewhere',
  options: {
    conversations: { default: 1, unit: '', description: 'such conversations of one client with one port of a server' },
    repeated: { default: 2, unit: '', description: 'so many are a program that comes back: medium severity, else low' },
  },
  run(context, options) {
    const { flows, observations } = context
    const pairs = new Map<string, TlsSession[]>()
    for (const session of observations.tls) {
      if (!isNameless(context, session)) continue
      append(pairs, `${flows.client(session.flow)} ${flows.server(session.flow)} ${flows.serverPort(session.flow)}`, session)
    }
    return [...pairs.values()]
      .filter((sessions) => sessions.length >= options.conversations)
      .map((sessions) => describe(context, sessions, options))
  },
})

/** Whether this rule reports a session; others then leave its certificate to it. */
export function isNameless(
  { flows, hosts, names }: Pick<Context, 'flows' | 'hosts' | 'names'>,
  { flow, certificate }: TlsSession,
): boolean {
  if (certificate === null || !certificate.isSelfIssued) return false
  if (isTorCertificate(certificate) || controlProgramOf(certificate) !== null) return false
  const server = flows.server(flow)
  if (hosts.scope(server) !== 'public' || hosts.isLocal(server) || USUAL_PORTS.has(flows.serverPort(flow))) return false
  return isUnnamed(names, flow)
}

/** The ClientHello was read and names nobody, and no answer of DNS has led to the server. */
function isUnnamed(names: NameResults, flow: number): boolean {
  const { application, serverName, ja4 } = names.ofFlow(flow)
  return application === 'tls' && serverName === null && ja4?.[NAME_IN_JA4] === 'i'
}

const COMES_BACK: Pick<Finding, 'severity' | 'severityReason'> = {
  severity: 'medium',
  severityReason: 'Programs that people install name the server and check who signed for it; whoever controls both ends needs neither.',
}
const ONCE: Pick<Finding, 'severity' | 'severityReason'> = {
  severity: 'low',
  severityReason: 'A single conversation may be of a VPN or a device that knows its server by address; no authority vouches for it.',
}

function describe({ flows, hosts, names }: Context, sessions: TlsSession[], options: Record<string, number>): Finding {
  const [{ flow, certificate }] = sessions
  const [client, server, port] = [flows.client(flow), flows.server(flow), flows.serverPort(flow)]
  const firstUs = sessions.reduce((us, own) => Math.min(us, flows.startUs(own.flow)), flows.startUs(flow))
  const lastUs = sessions.reduce((us, own) => Math.max(us, flows.endUs(own.flow)), flows.endUs(flow))
  const sum = (of: (id: number) => number): number => sessions.reduce((total, own) => total + of(own.flow), 0)
  return {
    ...(sessions.length >= options.repeated ? COMES_BACK : ONCE),
    title: `${hosts.ip(client)} spoke TLS with ${hosts.ip(server)} port ${port} without a name, and the server signed its certificate itself: ${plural(sessions.length, 'conversation')} in ${span(lastUs - firstUs)}.`,
    nextStep: `Find the program on ${hosts.ip(client)} that connects to ${hosts.ip(server)}, and look for the certificate and its JA4 elsewhere; devices that call their vendor by address do this, too.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    observed: [
      { name: 'conversations', value: sessions.length, unit: '', threshold: options.repeated },
      { name: 'certificate for', value: certificate!.subject || 'no name', unit: '', threshold: null },
      { name: 'SHA-256 of the certificate', value: certificate!.sha256, unit: '', threshold: null },
      { name: 'JA4', value: names.ofFlow(flow).ja4 ?? '', unit: '', threshold: null },
      { name: 'sent', value: bytes(sum((id) => flows.clientBytes(id))), unit: '', threshold: null },
      { name: 'received', value: bytes(sum((id) => flows.serverBytes(id))), unit: '', threshold: null },
    ],
    picture: null,
    flows: FlowSample.of(new Set(sessions.map((session) => session.flow))),
    ports: [port],
  }
}
