// TLS with a server outside that was called by no name and shows a certificate it signed itself: only whoever made both ends can know it.
import type { NameResults } from '../../names/index.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { controlProgramOf, isTorCertificate } from '../methods/known-certificates.ts'
import { groupBy } from '../methods/lists.ts'
import type { TlsSession } from '../observe/observations.ts'

/** Mail, FTP, remote desktops and telephones: clients often give no name, and servers sign their own certificates. */
const USUAL_PORTS = new Set([25, 465, 587, 990, 993, 995, 3389, 5061])
/** In JA4, whether the ClientHello has a server name (SNI): d, or i for none. */
const NAME_IN_JA4 = 3

export const namelessTls = defineRule({
  id: 'nameless-tls',
  version: 1,
  readsObservations: true,
  title: 'TLS with a server outside that has no name and signed its own certificate',
  technique: 'T1573.002',
  severity: 'medium',
  source:
    'RFC 6066 3 (browsers and programs name the server, SNI), nDPI flow risks (missing SNI, self-signed certificate); Anderson and McGrew, Deciphering Malware’s use of TLS (2016): both are frequent in malware and rare elsewhere',
  options: {
    conversations: option(1, '', 'such conversations of one client with one port of a server'),
    repeated: option(2, '', 'so many are a program that comes back: medium severity, else low'),
  },
  run(context, options) {
    const { flows, observations } = context
    const nameless = observations.tls.filter((session) => isNameless(context, session))
    const pairs = groupBy(nameless, ({ flow }) => `${flows.pair(flow)} ${flows.serverPort(flow)}`)
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
      measured('conversations', sessions.length, options.repeated),
      fact('certificate for', certificate!.subject || 'no name'),
      fact('SHA-256 of the certificate', certificate!.sha256),
      fact('JA4', names.ofFlow(flow).ja4 ?? ''),
      fact('sent', bytes(sum((id) => flows.clientBytes(id)))),
      fact('received', bytes(sum((id) => flows.serverBytes(id)))),
    ],
    picture: null,
    flows: FlowSample.of(new Set(sessions.map((session) => session.flow))),
    ports: [port],
  }
}
