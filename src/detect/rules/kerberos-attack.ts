// One host guesses accounts and passwords at a Kerberos server, or collects tickets from which passwords can be guessed elsewhere.

import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest } from '../methods/grouped-flows.ts'
import { groupBy } from '../methods/lists.ts'
import type { KerberosExchange } from '../observe/observations.ts'

const KERBEROS_PORT = 88
/** Time in which names are counted. */
const WINDOW_US = 600_000_000

/** Services of machines, whose passwords are long and random. Whoever logs in to a domain asks for many of them. */
const OF_MACHINES = new Set([
  ...['krbtgt', 'host', 'cifs', 'ldap', 'gc', 'dns', 'rpc', 'rpcss', 'termsrv', 'wsman', 'restrictedkrbhost', 'protectedstorage'],
  ...['kadmin', 'nfs', 'afs', 'e3514235-4b06-11d1-ab04-00c04fc2dcd2'],
])

type Option = 'accounts' | 'attempts' | 'names' | 'services' | 'without_proof'

/** A kind of attack, and how it is told. */
interface Method {
  result: KerberosExchange['result']
  option: Option
  technique: string
  /** "A ... B": who did what. @param count names @param time "in 3 s" */
  title(count: number, server: string, time: string): string
  reason: string
  nextStep(source: string): string
}

const SPRAY: Method = {
  result: 'refused',
  option: 'accounts',
  technique: 'T1110.003',
  title: (count, server, time) => `tried passwords of ${plural(count, 'account')} at the Kerberos server ${server} ${time}`,
  reason: 'One host logs in with the accounts of one person; here the passwords of many were refused.',
  nextStep: (source) => `Ask who works on ${source}, and look in the log of the domain controller (event 4771) which accounts were tried.`,
}

const METHODS: Method[] = [
  SPRAY,
  {
    result: 'unknown',
    option: 'names',
    technique: 'T1087.002',
    title: (count, server, time) => `asked the Kerberos server ${server} for ${plural(count, 'account')} that do not exist ${time}`,
    reason: 'The answers tell which accounts exist, without a single failed login in the log.',
    nextStep: (source) => `Ask who works on ${source}, and look for passwords tried from there at the accounts that exist.`,
  },
  {
    result: 'rc4-ticket',
    option: 'services',
    technique: 'T1558.003',
    title: (count, server, time) =>
      `got tickets encrypted with RC4 for ${plural(count, 'service')} from the Kerberos server ${server} ${time} (Kerberoasting)`,
    reason: "From such a ticket the password of the service's account can be guessed elsewhere, unseen; programs need one or two.",
    nextStep: (source) =>
      `Ask who works on ${source}; give the accounts of these services (event 4769) long random passwords, and turn RC4 off.`,
  },
  {
    result: 'rc4-without-proof',
    option: 'without_proof',
    technique: 'T1558.004',
    title: (count, server, time) =>
      `got RC4 tickets of ${plural(count, 'account')} that need no preauthentication from the Kerberos server ${server} ${time} (AS-REP roasting)`,
    reason: 'The client proved nothing and offered RC4 alone: from the reply the password can be guessed elsewhere, unseen.',
    nextStep: (source) =>
      `Ask who works on ${source}; make the accounts (event 4768, preauthentication type 0) need preauthentication, and change their passwords.`,
  },
]

export const kerberosAttack = defineRule<Option>({
  id: 'kerberos-attack',
  version: 1,
  readsObservations: true,
  title: 'Accounts or passwords are guessed by Kerberos',
  technique: 'T1558',
  severity: 'high',
  source:
    'Errors 6 and 24 of RFC 4120 7.5.9 and encryption types of RFC 3961 8; ATT&CK T1110.003, T1087.002, T1558.003, T1558.004; events 4768, 4769 and 4771 of Windows',
  options: {
    accounts: option(5, '', 'accounts whose password one host got wrong, and never right, in ten minutes'),
    attempts: option(15, '', 'wrong passwords of one account, by one host, in ten minutes'),
    names: option(10, '', 'accounts that do not exist, asked for by one host in ten minutes'),
    services: option(4, '', 'services, other than those of machines, whose tickets one host got encrypted with RC4 in ten minutes'),
    without_proof: option(1, '', 'accounts whose tickets one host got for requests that proved nothing and offered RC4 alone'),
  },
  run(context, options) {
    const exchanges = context.observations.kerberos.filter(({ result, name }) => result !== 'rc4-ticket' || !isOfMachine(name))
    const pairs = groupBy(exchanges, ({ client, server }) => `${client} ${server}`)
    return [...pairs.values()].flatMap((rows) => {
      const meant = withoutMistakes(rows)
      const ofMany = METHODS.flatMap((method) => {
        const found = mostWithin(meant.filter(({ result }) => result === method.result))
        const threshold = options[method.option]
        return found.length >= threshold && found.length > 0 ? describe(context, method, found, rows, threshold) : []
      })
      const ofOne = rows.filter((row) => row.result === 'refused' && isFast(row, options.attempts))
      return [...ofMany, ...ofOne.map((row) => guessed(context, row, rows, options.attempts))]
    })
  },
})

/** A machine's own account ends in $. */
function isOfMachine(service: string): boolean {
  return OF_MACHINES.has(service.split('/')[0]) || service.endsWith('$')
}

/** Without accounts whose password was mistyped, and then was right. */
function withoutMistakes(rows: KerberosExchange[]): KerberosExchange[] {
  const acceptedUs = new Map(rows.filter(({ result }) => result === 'accepted').map(({ name, lastUs }) => [name, lastUs]))
  return rows.filter(({ result, name, firstUs }) => result !== 'refused' || (acceptedUs.get(name) ?? firstUs) <= firstUs)
}

/** Names that were first seen within ten minutes: the most. */
function mostWithin(rows: KerberosExchange[]): KerberosExchange[] {
  const ordered = [...rows].sort((a, b) => a.firstUs - b.firstUs)
  const { count, at } = busiest(
    Float64Array.from(ordered, ({ firstUs }) => firstUs),
    WINDOW_US,
  )
  return ordered.slice(at, at + count)
}

function isFast({ count, firstUs, lastUs }: KerberosExchange, attempts: number): boolean {
  return count >= attempts && count / Math.max(1, (lastUs - firstUs) / WINDOW_US) >= attempts
}

function describe(context: Context, method: Method, found: KerberosExchange[], rows: KerberosExchange[], threshold: number): Finding {
  const { hosts } = context
  const [{ client, server }] = found
  const firstUs = found[0].firstUs
  const lastUs = Math.max(...found.map((row) => row.lastUs))
  const got = method === SPRAY ? acceptedAtOnce(rows, firstUs, lastUs) : 0
  const title = `${hosts.ip(client)} ${method.title(found.length, hosts.ip(server), timeOf(firstUs, lastUs))}`
  return {
    ...severityOf(got, method.reason),
    title: `${title}${got > 0 ? `, and got in with ${plural(got, 'account')}` : ''}.`,
    nextStep: method.nextStep(hosts.ip(client)),
    firstUs,
    lastUs,
    source: client,
    target: server,
    technique: method.technique,
    observed: [
      measured(method.result === 'rc4-ticket' ? 'services' : 'accounts', found.length, threshold),
      fact(
        'answers',
        found.reduce((sum, { count }) => sum + count, 0),
      ),
    ],
    picture: null,
    flows: FlowSample.of(new Set(found.flatMap(({ flows }) => flows))),
    ports: [KERBEROS_PORT],
  }
}

/** Many passwords of one account. */
function guessed({ hosts }: Context, row: KerberosExchange, rows: KerberosExchange[], threshold: number): Finding {
  const { client, server, name, count, firstUs, lastUs, flows } = row
  const got = rows.filter((other) => other.result === 'accepted' && other.name === name && other.lastUs >= firstUs).length
  return {
    ...severityOf(got, 'A person who forgot a password gives up, or the account is locked.'),
    title: `${hosts.ip(client)} tried ${plural(count, 'wrong password')} of one account at the Kerberos server ${hosts.ip(server)} ${timeOf(firstUs, lastUs)}${got > 0 ? ', and got in' : ''}.`,
    nextStep: `Ask who works on ${hosts.ip(client)}; a program with an old password tries, too, but seldom as fast.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    technique: 'T1110.001',
    observed: [measured('wrong passwords', count, threshold)],
    picture: null,
    flows: FlowSample.of(new Set(flows)),
    ports: [KERBEROS_PORT],
  }
}

function severityOf(accepted: number, reason: string): { severity: Severity; severityReason: string } {
  return accepted > 0
    ? { severity: 'high', severityReason: 'A login was accepted among the refused ones: a password is known.' }
    : { severity: 'medium', severityReason: reason }
}

/** Accounts that logged in between the first and the last refusal and were never refused. */
function acceptedAtOnce(rows: KerberosExchange[], firstUs: number, lastUs: number): number {
  const refused = new Set(rows.filter(({ result }) => result === 'refused').map(({ name }) => name))
  return rows.filter((row) => row.result === 'accepted' && row.firstUs >= firstUs && row.firstUs <= lastUs && !refused.has(row.name)).length
}

const timeOf = (firstUs: number, lastUs: number): string => `in ${span(lastUs - firstUs)}`
