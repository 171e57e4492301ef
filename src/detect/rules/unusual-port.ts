// An application on the port of another one, and default ports of known malware.
import { Protocol } from '../../decode/codes.ts'
import { applicationOfPort } from '../../flows/services.ts'
import type { FlowNames } from '../../names/index.ts'
import { ownValue } from '../../own-value.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { onlyOne } from '../methods/lists.ts'

/** Default ports of attack tools that no common service uses. */
const MALWARE_PORTS = new Map<number, string>([
  [4444, 'Metasploit'],
  [4445, 'Metasploit'],
  [1337, 'various backdoors'],
  [31_337, 'Back Orifice and others'],
  [12_345, 'NetBus'],
  [27_374, 'SubSeven'],
  [5552, 'njRAT'],
  [1604, 'DarkComet'],
  [3460, 'Poison Ivy'],
  [50_050, 'Cobalt Strike team server'],
  [60_000, 'Deep Throat'],
  [6606, 'AsyncRAT'],
  [7707, 'AsyncRAT'],
  [8808, 'AsyncRAT'],
])

/** Applications that use other ports by design: upgrades, proxies, media streams, peer-to-peer programs that avoid filters. */
const GUESTS: Record<string, ReadonlySet<string>> = {
  tls: new Set(['*']),
  http2: new Set(['*']),
  socks: new Set(['http', 'tls']),
  stun: new Set(['*']),
  dtls: new Set(['*']),
  rtp: new Set(['*']),
  rtcp: new Set(['*']),
  bittorrent: new Set(['*']),
  openvpn: new Set(['tls', 'quic', 'openvpn']),
  wireguard: new Set(['*']),
  quic: new Set(['*']),
  llmnr: new Set(['mdns', 'dns']),
  mdns: new Set(['llmnr', 'dns']),
  dns: new Set(['mdns', 'llmnr']),
  smtp: new Set(['smtps']),
  imap: new Set(['imaps']),
  pop3: new Set(['pop3s']),
  ldap: new Set(['ldaps']),
  mqtt: new Set(['mqtts']),
  amqp: new Set(['amqps']),
  ftp: new Set(['ftps']),
  http: new Set(['ipp', 'docker', 'http', 'upnp', 'rtsp', 'winrm', 'cassandra', 'xmpp', 'socks']),
}
/** Ports on which TLS is not expected: their protocols have their own encryption, or another port for TLS. */
const NO_TLS = new Set(['ssh', 'telnet', 'dns'])
/** Applications that are often hidden on ports that firewalls leave open: reported with a higher severity. */
const CONTROL = new Set(['ssh', 'telnet', 'rdp', 'vnc', 'smb', 'socks', 'irc', 'openvpn'])
const OPEN_PORTS = new Set([53, 80, 123, 443])

export const unusualPort = defineRule({
  id: 'unusual-port',
  version: 1,
  title: 'An application on a port where another one is at home, or a port known from malware',
  technique: 'T1571',
  severity: 'medium',
  source: 'Application by content against the IANA service registry, as Zeek tells service from port; default ports of published backdoors',
  options: {
    packets: option(3, '', 'packets from each end, at least, for a port known from malware'),
  },
  run(context, options) {
    const groups = new Map<string, Group>()
    const { flows, hosts, names } = context
    const { indexes } = names.byFlow
    const { applications, numbers } = surelyKnown(names.byFlow.distinct)
    /** By application: protocol and port on which it was found at home last. Most conversations use it, too. */
    const homes = new Int32Array(applications.length).fill(-1)
    for (let flow = 0; flow < flows.count; flow++) {
      const port = flows.serverPort(flow)
      const protocol = flows.protocol(flow)
      const number = numbers[indexes[flow]]
      const place = protocol * 65_536 + port
      if (port < 0 || homes[number] === place || flows.serverPackets(flow) === 0 || flows.clientPackets(flow) === 0) continue
      const home = applicationOfPort(protocol, port)
      const application = number < 0 ? null : applications[number]
      const guest = application !== null && home !== null && !isAtHome(application, home) ? application : null
      if (application !== null && guest === null) homes[number] = place
      const malware = protocol === Protocol.tcp ? MALWARE_PORTS.get(port) : undefined
      const isMalware =
        malware !== undefined &&
        application === null &&
        flows.isAccepted(flow) &&
        Math.min(flows.clientPackets(flow), flows.serverPackets(flow)) > options.packets &&
        !hosts.isLocal(flows.server(flow))
      if (guest === null && !isMalware) continue
      const key = `${flows.client(flow)} ${protocol} ${port} ${guest ?? ''}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { guest, home, malware: malware ?? null, port, protocol, flows: [flow] })
      else group.flows.push(flow)
    }
    return [...groups.values()].map((group) => describe(context, group))
  },
})

/** Applications that content tells, and the number of each combination's; -1 for none. */
function surelyKnown(combinations: readonly FlowNames[]): { applications: string[]; numbers: Int16Array } {
  const applications: string[] = []
  const numbers = Int16Array.from(combinations, ({ application, applicationSource }) => {
    if (application === null || applicationSource !== 'content') return -1
    const known = applications.indexOf(application)
    return known < 0 ? applications.push(application) - 1 : known
  })
  return { applications, numbers }
}

interface Group {
  guest: string | null
  home: string | null
  malware: string | null
  port: number
  protocol: number
  flows: number[]
}

function isAtHome(application: string, home: string): boolean {
  if (application === home) return true
  if (application === 'tls' && NO_TLS.has(home)) return false
  const homes = ownValue(GUESTS, application)
  return homes !== undefined && (homes.has('*') || homes.has(home))
}

function describe({ flows, hosts }: Context, group: Group): Finding {
  const { guest, home, malware, port, flows: ids } = group
  const [flow] = ids
  const source = flows.client(flow)
  const servers = flows.servers(ids)
  const target = onlyOne(servers)
  const whom = target === null ? plural(servers.length, 'host') : hosts.ip(target)
  const isControl = guest !== null && CONTROL.has(guest) && OPEN_PORTS.has(port) && servers.some((server) => !hosts.isLocal(server))
  const transport = group.protocol === Protocol.tcp ? 'TCP' : 'UDP'
  const isLow = guest !== null ? isControl : true
  return {
    severity: isControl ? 'medium' : isLow ? 'low' : 'info',
    severityReason: isControl
      ? `${guest} on a port that firewalls leave open is a way past them.`
      : guest !== null
        ? 'Many services are moved to other ports for good reasons.'
        : 'A port alone proves nothing; what was said on it is not recognised.',
    title:
      guest !== null
        ? `${hosts.ip(source)} spoke ${guest} to ${whom} on ${transport} port ${port}, where ${home} is at home.`
        : `${hosts.ip(source)} had ${plural(ids.length, 'conversation')} with ${whom} on TCP port ${port}, a default of ${malware}.`,
    nextStep:
      guest !== null
        ? `Ask who runs ${guest} on ${whom}, and what it is used for.`
        : `Find the program on ${hosts.ip(source)} that opened it, and look at the first bytes in the capture.`,
    firstUs: ids.reduce((us, id) => Math.min(us, flows.startUs(id)), flows.startUs(flow)),
    lastUs: ids.reduce((us, id) => Math.max(us, flows.endUs(id)), flows.endUs(flow)),
    source,
    target,
    observed: [
      fact('application', guest ?? 'not recognised'),
      fact('port', list([`${transport} ${port}`, home ?? malware ?? ''].filter((part) => part !== ''))),
      fact('conversations', ids.length),
    ],
    picture: null,
    flows: FlowSample.of(ids),
    ports: [port],
  }
}
