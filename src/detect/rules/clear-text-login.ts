// Logins without encryption. The finding has neither the password nor the user name, only the name's first letter.

import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy, onlyOne } from '../methods/lists.ts'
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
  readsObservations: true,
  title: 'A login is sent without encryption',
  technique: 'T1040',
  severity: 'medium',
  source: 'Wireshark (tap-credentials) and Zeek for what is read; the user is masked, the secret never kept',
  options: {
    logins: option(1, '', 'logins of one client at one server'),
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
  const keyOf = ({ service, flow }: Credential) => `${service} ${flows.client(flow)} ${service === 'snmp' ? '' : flows.server(flow)}`
  return groupBy(observations.credentials, keyOf).values()
}

function describe(context: Context, logins: Credential[], threshold: number): Finding {
  const { flows, hosts, names } = context
  const { service, flow } = logins[0]
  const client = flows.client(flow)
  const servers = flows.servers(logins.map(({ flow }) => flow))
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
  const ports = flows.serverPorts(logins.map(({ flow }) => flow))
  return {
    ...gravity(service, accepted, isOutside),
    title: `${hosts.ip(client)} sent ${what} to ${where} unencrypted${attempts > 1 ? `, ${plural(attempts, 'time')}` : ''}.`,
    nextStep: `Take the ${service === 'snmp' ? 'community' : 'password'} as known to others: change it, and use ${SAFER[service]} instead.`,
    firstUs,
    lastUs,
    source: client,
    target: onlyOne(servers),
    observed: [
      measured('logins', attempts, threshold),
      fact('accepted', accepted),
      fact('refused', refused),
      ...(users.length > 0 ? [fact('users (first letters)', list(users, 8))] : []),
    ],
    picture:
      logins.length < 2
        ? null
        : overTime('dots', 'login', firstUs, logins.length, (i) => [logins[i].firstUs, logins[i].attempts], {
            y: { label: 'Logins in one conversation', unit: '' },
            threshold: null,
            caption: 'Each dot is a conversation with a login.',
          }),
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
