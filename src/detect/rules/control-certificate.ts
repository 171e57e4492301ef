// A server shows the default certificate of a remote control program.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { bytes, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { controlProgramOf } from '../methods/known-certificates.ts'
import type { TlsSession } from '../observe/observations.ts'

export const controlCertificate = defineRule({
  id: 'control-certificate',
  version: 1,
  title: 'A server shows the certificate of a remote control program',
  technique: 'T1573.002',
  severity: 'high',
  source: 'Default certificates of Quasar, AsyncRAT, DcRat, Cobalt Strike and others, as their sources and abuse.ch SSLBL have them',
  options: {
    conversations: { default: 1, unit: '', description: 'conversations of one client with one server that shows it' },
  },
  run(context, options) {
    const { flows, observations } = context
    const pairs = new Map<string, { program: string; sessions: TlsSession[] }>()
    for (const session of observations.tls) {
      const program = controlProgramOf(session.certificate)
      if (program === null) continue
      const key = `${flows.client(session.flow)} ${flows.server(session.flow)} ${flows.serverPort(session.flow)} ${program}`
      const pair = pairs.get(key)
      if (pair === undefined) pairs.set(key, { program, sessions: [session] })
      else pair.sessions.push(session)
    }
    return [...pairs.values()]
      .filter(({ sessions }) => sessions.length >= options.conversations)
      .map(({ program, sessions }) => describe(context, program, sessions, options.conversations))
  },
})

function describe({ flows, hosts, names }: Context, program: string, sessions: TlsSession[], threshold: number): Finding {
  const [{ flow, certificate }] = sessions
  const [client, server] = [flows.client(flow), flows.server(flow)]
  const name = names.ofFlow(flow).serverName
  const port = flows.serverPort(flow)
  // Resumed sessions show no certificate, but are with the same program.
  const own: number[] = []
  for (let id = 0; id < flows.count; id++) {
    if (flows.client(id) === client && flows.server(id) === server && flows.serverPort(id) === port) own.push(id)
  }
  const firstUs = own.reduce((us, id) => Math.min(us, flows.startUs(id)), flows.startUs(flow))
  const lastUs = own.reduce((us, id) => Math.max(us, flows.endUs(id)), flows.endUs(flow))
  const sum = (of: (id: number) => number): number => own.reduce((total, id) => total + of(id), 0)
  return {
    severity: 'high',
    severityReason: `Nothing but ${program} comes with this certificate; whoever runs it controls the host that connects.`,
    title: `${hosts.ip(client)} is connected to ${hosts.ip(server)}${name === null ? '' : ` (${name})`} port ${port}, which shows the default certificate of ${program}, for ${span(lastUs - firstUs)}.`,
    nextStep: `Isolate ${hosts.ip(client)}, find the process that connects to ${hosts.ip(server)}, and look for other clients of that address.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    observed: [
      { name: 'conversations with the certificate', value: sessions.length, unit: '', threshold },
      { name: 'conversations with the server', value: own.length, unit: '', threshold: null },
      { name: 'certificate for', value: certificate!.subject || 'no name', unit: '', threshold: null },
      { name: 'issued by', value: certificate!.issuer || 'no name', unit: '', threshold: null },
      { name: 'sent', value: bytes(sum((id) => flows.clientBytes(id))), unit: '', threshold: null },
      { name: 'received', value: bytes(sum((id) => flows.serverBytes(id))), unit: '', threshold: null },
    ],
    picture: null,
    flows: FlowSample.of(new Set([...sessions.map((session) => session.flow), ...own])),
    ports: [port],
    ...(name === null ? {} : { names: [name] }),
  }
}
