// Conversations -> the roles of local hosts, by what they answer: never by what they ask, nor by a port alone.
import type { HostIdentity } from '../../names/identity-log.ts'
import type { Context } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { routersOf } from './routers.ts'

interface Answered {
  flow: number
  count: number
}

/** Applications by role: any of them, recognised by its content. */
const ROLES: readonly [string, readonly string[]][] = [
  ['DNS server', ['dns']],
  ['mail server', ['smtp', 'imap', 'pop3']],
  ['web server', ['http', 'http2']],
  ['file server', ['smb', 'ftp']],
  ['database server', ['mysql', 'postgresql', 'mongodb', 'redis']],
]
const ANSWERED: ReadonlySet<string> = new Set(['domain controller', 'Kerberos server', ...ROLES.map(([role]) => role), 'printer'])
/** A domain controller answers Kerberos and one of these (MS-ADTS 3.1.1.3.1). */
const BESIDE_KERBEROS = ['ldap', 'dns', 'smb']
/** LPD (RFC 1179), IPP (RFC 8010) and the raw port of printers: nothing else recognises their content. */
const PRINTER_PORTS = new Set([515, 631, 9100])

/** Whether conversations alone show it. */
export function isAnsweredRole({ kind, value }: HostIdentity): boolean {
  return kind === 'role' && ANSWERED.has(value)
}

export function rolesOf(context: Context): HostIdentity[] {
  const { flows, hosts, names } = context
  const answered = new Map<number, Map<string, Answered>>()
  for (let flow = 0; flow < flows.count; flow++) {
    const host = flows.server(flow)
    if (flows.serverPackets(flow) === 0 || !hosts.isLocal(host)) continue
    const { application, applicationSource } = names.ofFlow(flow)
    const isPrinter = PRINTER_PORTS.has(flows.serverPort(flow)) && flows.transport(flow) === 'tcp' && flows.isAccepted(flow)
    const what = isPrinter ? 'printing' : applicationSource === 'content' ? application : null
    if (what === null) continue
    const of = answered.get(host) ?? new Map<string, Answered>()
    answered.set(host, of)
    const known = of.get(what)
    if (known === undefined) of.set(what, { flow, count: 1 })
    else known.count++
  }
  const found: HostIdentity[] = []
  for (const [host, of] of answered) {
    const add = (role: string, applications: readonly string[]): void => {
      const parts = applications.flatMap((name) => of.get(name) ?? [])
      if (parts.length === 0) return
      const flow = Math.min(...parts.map((part) => part.flow))
      const source = applications.filter((name) => of.has(name)).join(' ')
      found.push(
        roleOf(
          context,
          host,
          role,
          source,
          flow,
          parts.reduce((sum, { count }) => sum + count, 0),
        ),
      )
    }
    const isController = of.has('kerberos') && BESIDE_KERBEROS.some((name) => of.has(name))
    if (isController) add('domain controller', ['kerberos', ...BESIDE_KERBEROS])
    else add('Kerberos server', ['kerberos'])
    for (const [role, applications] of ROLES) add(role, applications)
    add('printer', ['printing'])
  }
  const roleBy: Parameters<typeof routersOf>[1] = (host, role, source, flow, count) => roleOf(context, host, role, source, flow, count)
  return [...found, ...fromAnnouncements(context), ...routersOf(context, roleBy)]
}

/** DHCP servers, and the gateways that they and IPv6 routers name. */
function fromAnnouncements(context: Context): HostIdentity[] {
  const { observations, hosts } = context
  const index = new HostIndex(hosts)
  const found = new Map<string, HostIdentity>()
  const add = (ip: string, role: string, source: string, flow: number, count: number): void => {
    const host = index.find(ip)
    if (host === null) return
    const known = found.get(`${host} ${role} ${source}`)
    if (known === undefined) found.set(`${host} ${role} ${source}`, roleOf(context, host, role, source, flow, count))
    else known.count += count
  }
  for (const { ip, router, flow, answers } of observations.dhcpServers) {
    add(ip, 'DHCP server', 'dhcp', flow, answers)
    if (router !== '') add(router, 'gateway', 'dhcp', flow, answers)
  }
  for (const { ip, flow, packets, lifetimeS } of observations.ipv6Routers) if (lifetimeS > 0) add(ip, 'gateway', 'ndp', flow, packets)
  return [...found.values()]
}

function roleOf({ flows }: Context, host: number, value: string, source: string, flow: number, count: number): HostIdentity {
  const place = { flow, frame: flows.firstFrame(flow), capture: flows.firstCapture(flow) - 1 }
  return { host, kind: 'role', value, source, firstUs: flows.startUs(flow), count, ...place }
}
