// A server shows the default certificate of a remote control program.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { controlProgramOf } from '../methods/known-certificates.ts'
import type { TlsSession } from '../observe/observations.ts'

export const controlCertificate = defineRule({
  id: 'control-certificate',
  version: 1,
  readsObservations: true,
  title: 'A server shows the certificate of a remote control program',
  technique: 'T1573.002',
  severity: 'high',
  source: 'Default certificates of Quasar, AsyncRAT, DcRat, Cobalt Strike and others, as their sources and abuse.ch SSLBL have them',
  options: {
    conversations: option(1, '', 'conversations of one client with one server that shows it'),
  },
  run(context, options) {
    const { flows, observations } = context
    const pairs = new Map<string, { program: string; sessions: TlsSession[] }>()
    for (const session of observations.tls) {
      const program = controlProgramOf(session.certificate)
      if (program === null) continue
      const key = `${flows.pair(session.flow)} ${flows.serverPort(session.flow)} ${program}`
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
      measured('conversations with the certificate', sessions.length, threshold),
      fact('conversations with the server', own.length),
      fact('certificate for', certificate!.subject || 'no name'),
      fact('issued by', certificate!.issuer || 'no name'),
      fact('sent', bytes(sum((id) => flows.clientBytes(id)))),
      fact('received', bytes(sum((id) => flows.serverBytes(id)))),
    ],
    picture: null,
    flows: FlowSample.of(new Set([...sessions.map((session) => session.flow), ...own])),
    ports: [port],
    ...(name === null ? {} : { names: [name] }),
  }
}
