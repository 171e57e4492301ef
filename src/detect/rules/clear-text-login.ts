// Logins without encryption. The finding has neither the password nor the user name, only the name's first letter.

import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append } from '../methods/lists.ts'
import type { Credential, CredentialService } from '../observe/observations.ts'

const SERVICE_NAMES: Record<CredentialService, string> = {
  ftp: 'FTP',
  telnet: 'Telnet',
  http: 'HTTP (Basic authentication)',
  'http-proxy': 'an HTTP proxy (Basic authentication)',
  'http-form': 'HTTP (a password in a form)',
  pop3: 'POP3',
  imap: 'IMAP',
  smtp: 'SMTP',
  ldap: 'LDAP (simple bind)',
  snmp: 'SNMP (community)',
}

const SAFER: Record<CredentialService, string> = {
  ftp: 'SFTP or FTPS',
  telnet: 'SSH',
  http: 'HTTPS',
  'http-proxy': 'TLS to the proxy',
  'http-form': 'HTTPS',
  pop3: 'POP3 over TLS',
  imap: 'IMAP over TLS',
  smtp: 'submission over TLS',
  ldap: 'LDAPS',
  snmp: 'SNMPv3',
}

/** If a service has findings for more pairs of hosts than this, they are combined. */
const MAX_PAIRS = 200

export const clearTextLogin = defineRule({
  id: 'clear-text-login',
  version: 1,
  title: 'A login is sent without encryption',
  technique: 'T1040',
  severity: 'medium',
  source: 'Wireshark (tap-credentials) and Zeek for what is read; the user is masked, the secret never kept',
  options: {
    logins: { default: 1, unit: '', description: 'logins of one client at one server' },
  },
  run(context, options) {
    const findings: Finding[] = []
    for (const logins of grouped(context)) {
      const attempts = logins.reduce((sum, login) => sum + login.attempts, 0)
      if (attempts >= options.logins && findings.length < MAX_PAIRS) findings.push(describe(context, logins, options.logins))
    }
    return findings
  },
})

/** Grouped by service, client and server; SNMP, whose clients ask many devices, by service and client. */
function grouped({ observations, flows }: Context): Iterable<Credential[]> {
  const groups = new Map<string, Credential[]>()
  for (const login of observations.credentials) {
    const server = login.service === 'snmp' ? '' : flows.server(login.flow)
    const key = `${login.service} ${flows.client(login.flow)} ${server}`
    append(groups, key, login)
  }
  return groups.values()
}

function describe(context: Context, logins: Credential[], threshold: number): Finding {
  const { flows, hosts, names } = context
  const { service, flow } = logins[0]
  const client = flows.client(flow)
  const servers = [...new Set(logins.map((login) => flows.server(login.flow)))]
  const sum = (pick: (login: Credential) => number): number => logins.reduce((total, login) => total + pick(login), 0)
  const attempts = sum((login) => login.attempts)
  const accepted = sum((login) => login.accepted)
  const refused = sum((login) => login.refused)
  const users = [...new Set(logins.map(({ maskedUser }) => maskedUser).filter((user) => user !== ''))]
  const firstUs = Math.min(...logins.map((login) => login.firstUs))
  const lastUs = Math.max(...logins.map((login) => login.lastUs))
  const isOutside = servers.some((server) => !hosts.isLocal(server))
  const name = names.ofFlow(flow).serverName
  const where = servers.length === 1 ? `${hosts.ip(servers[0])}${name === null ? '' : ` (${name})`}` : plural(servers.length, 'host')
  const what = service === 'snmp' ? 'the community of SNMP' : `a login of ${SERVICE_NAMES[service]}`
  const ports = [...new Set(logins.map((login) => flows.serverPort(login.flow)))]
  return {
    ...gravity(service, accepted, isOutside),
    title: `${hosts.ip(client)} sent ${what} to ${where} unencrypted${attempts > 1 ? `, ${plural(attempts, 'time')}` : ''}.`,
    nextStep: `Take the ${service === 'snmp' ? 'community' : 'password'} as known to others: change it, and use ${SAFER[service]} instead.`,
    firstUs,
    lastUs,
    source: client,
    target: servers.length === 1 ? servers[0] : null,
    observed: [
      { name: 'logins', value: attempts, unit: '', threshold },
      { name: 'accepted', value: accepted, unit: '', threshold: null },
      { name: 'refused', value: refused, unit: '', threshold: null },
      ...(users.length > 0 ? [{ name: 'users (first letters)', value: list(users, 8), unit: '', threshold: null }] : []),
    ],
    picture:
      logins.length < 2
        ? null
        : {
            kind: 'dots',
            x: { label: 'Time since the first login', unit: 's' },
            y: { label: 'Logins in one conversation', unit: '' },
            points: samplePoints(logins.length, (i) => [secondsSince(firstUs, logins[i].firstUs), logins[i].attempts]),
            threshold: null,
            caption: 'Each dot is a conversation with a login.',
          },
    flows: FlowSample.of(logins.map((login) => login.flow)),
    ports,
    ...(name === null ? {} : { names: [name] }),
  }
}

function gravity(service: CredentialService, accepted: number, isOutside: boolean): { severity: Severity; severityReason: string } {
  if (service === 'snmp')
    return isOutside
      ? { severity: 'medium', severityReason: 'The community opens the device to whoever reads it, and it left the site.' }
      : { severity: 'low', severityReason: 'The community can be read on the way; most only allow reading.' }
  if (accepted === 0) return { severity: 'low', severityReason: 'No answer that accepts the login was seen.' }
  return { severity: 'medium', severityReason: 'The server accepted the login: whoever read it can use it.' }
}
