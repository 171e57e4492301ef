// Many short and similar conversations with the same login service.
import { Protocol } from '../../decode/codes.ts'
import { applicationOfPort } from '../../flows/services.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest, columnOf, distinct, groupFlows, NO_GROUP } from '../methods/grouped-flows.ts'
import { groupBy } from '../methods/lists.ts'

const WINDOW_US = 300_000_000
/** Services that people log in to: a client seldom opens many short conversations with one. */
const LOGIN_SERVICES = new Set(['ftp', 'ssh', 'telnet', 'pop3', 'imap', 'rdp', 'vnc', 'winrm'])
/** Services that programs log in to all day: only many attempts count, and only refusals, which are small. */
const PROGRAM_SERVICES = new Set(['smtp', 'smtps', 'ldap', 'ldaps', 'mssql', 'oracle', 'mysql', 'postgresql', 'redis', 'mongodb'])
/** Mail over TLS: programs and phones connect often, and encryption hides the result of a login. */
const SECURED_SERVICES = new Set(['imaps', 'pop3s'])
/** Conversations with these have many purposes besides logins: only a readable refusal is a guess. */
const ANSWERED_SERVICES = new Set(['smb', 'http'])
/** Programs with an old password ask a web server again and again: more refusals are needed. */
const RETRIED_SERVICES = new Set(['http'])
/** Applications by content that carry a service which the port tells. */
const CARRIERS = new Set(['tls', 'http', 'http2'])
const NEVER_CARRIED = new Set(['ssh', 'telnet', 'vnc'])
/** Conversations with a server's port that are looked at to learn its service. */
const SAMPLED = 8
/** Ports of services that no content tells, besides those of flows/services.ts. */
const MORE_PORTS = new Map([[5901, 'vnc']])
/** Largest refusal by a database or directory: greeting, login, error. */
const REFUSAL_BYTES = 4000
/** Smallest share of failed guesses that have a similar size. */
const ALIKE = 0.5
/** Fewer refusals before an accepted login, in one connection, are mistyped passwords. */
const LEAST_REFUSED = 3
/** A longer conversation of this many times the size of the guesses looks like a session. */
const SESSION_FACTOR = 4

export const bruteForce = defineRule({
  id: 'brute-force',
  version: 2,
  readsObservations: true,
  title: 'A login service is asked again and again',
  technique: 'T1110',
  severity: 'high',
  source:
    'After Zeek detect-bruteforcing (30 failed SSH logins, 20 failed FTP logins), told by the size and length of conversations, as in flow-based SSH detection (Hofstede et al., 2014)',
  options: {
    attempts: option(
      20,
      '',
      'short conversations with one login service in five minutes, or logins that it refused, however many in a conversation',
    ),
    program_attempts: option(100, '', 'the same for mail, directories and databases, which programs log in to all day'),
    length: option(10, 's', 'a longer conversation is no failed guess'),
    ssh_length: option(
      30,
      's',
      'the same for SSH, where a server delays each refusal by seconds, and refuses six times in a connection (OpenSSH)',
    ),
    size: option(12_000, 'B', 'a larger conversation is no failed guess'),
  },
  run(context, options) {
    const { flows, hosts } = context
    const findings: Finding[] = []
    const verdicts = verdictsOf(context)
    // Grouped by server, then by port, because guesses may come from many sources.
    const keyOf = (flow: number): number => (isAnswered(context, flow) ? flows.server(flow) : NO_GROUP)
    for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, 1)) {
      if (ids.length < options.attempts && triesOf(ids, verdicts) < options.attempts) continue
      for (const [port, own] of byPort(context, ids)) {
        const isEnough = own.length >= options.attempts || triesOf(own, verdicts) >= options.attempts
        const service = isEnough ? serviceOf(context, own, port) : null
        if (service === null || !isLoginService(service)) continue
        for (const guessing of guessers(context, own, service, options, verdicts)) {
          findings.push(describe(context, { ...guessing, target, port, service, verdicts }, options))
        }
      }
    }
    return findings
  },
})

interface Guessing {
  /** Null when there are many sources. */
  source: number | null
  target: number
  port: number
  service: string
  guesses: Int32Array
  /** The most of them within five minutes, and how many make a finding. */
  count: number
  threshold: number
  /** They are counted by the server's refusals, of which one conversation may have many. */
  isRefused: boolean
  /** All conversations between the same hosts. */
  all: Int32Array
  verdicts: Verdicts
}

interface Verdict {
  refused: number
  isAccepted: boolean
}

/** Results of logins that can be read in the server's answers, by flow. */
type Verdicts = ReadonlyMap<number, Verdict>

function verdictsOf({ observations }: Context): Verdicts {
  const verdicts = new Map<number, Verdict>()
  for (const rows of [observations.credentials, observations.answeredLogins]) {
    for (const { flow, refused, accepted } of rows) if (refused + accepted > 0) verdicts.set(flow, { refused, isAccepted: accepted > 0 })
  }
  return verdicts
}

/** Guesses in a conversation: programs that guess send several passwords in one connection, as many as the server lets them. */
function refusalsOf(flow: number, verdicts: Verdicts): number {
  const verdict = verdicts.get(flow)
  return verdict === undefined || (verdict.isAccepted && verdict.refused < LEAST_REFUSED) ? 0 : verdict.refused
}

function triesOf(ids: Int32Array, verdicts: Verdicts): number {
  return ids.reduce((sum, flow) => sum + refusalsOf(flow, verdicts), 0)
}

/** The most refusals within five minutes; those of a longer conversation are spread evenly over it. */
function mostRefused({ flows }: Context, ids: Int32Array, verdicts: Verdicts): number {
  const shares = Float64Array.from(ids, (flow) => refusalsOf(flow, verdicts) * Math.min(1, WINDOW_US / Math.max(1, flows.lengthUs(flow))))
  let most = 0
  let sum = 0
  for (let from = 0, to = 0; to < ids.length; to++) {
    sum += shares[to]
    while (flows.startUs(ids[to]) - flows.startUs(ids[from]) >= WINDOW_US) sum -= shares[from++]
    most = Math.max(most, sum)
  }
  return Math.round(most)
}

function isLoginService(service: string): boolean {
  return LOGIN_SERVICES.has(service) || PROGRAM_SERVICES.has(service) || SECURED_SERVICES.has(service) || ANSWERED_SERVICES.has(service)
}

/** The service that a server offers on a port: what the content of its first conversations is, else what the port is for. */
function serviceOf({ names }: Context, own: Int32Array, port: number): string | null {
  const home = MORE_PORTS.get(port) ?? applicationOfPort(Protocol.tcp, port)
  for (const flow of own.subarray(0, SAMPLED)) {
    const { application, applicationSource } = names.ofFlow(flow)
    if (application === null || applicationSource !== 'content') continue
    if (!CARRIERS.has(application)) return application
    return home !== null && NEVER_CARRIED.has(home) ? null : home
  }
  return home
}

/** Established, with payload in both directions. */
function isAnswered({ flows }: Context, flow: number): boolean {
  return (
    flows.protocol(flow) === Protocol.tcp && flows.clientPackets(flow) > 2 && flows.serverPackets(flow) > 2 && flows.serverPort(flow) >= 0
  )
}

function isShort({ flows }: Context, flow: number, service: string, options: Record<string, number>): boolean {
  const size = flows.clientBytes(flow) + flows.serverBytes(flow)
  const limit = PROGRAM_SERVICES.has(service) ? Math.min(REFUSAL_BYTES, options.size) : options.size
  return size <= limit && flows.lengthUs(flow) <= (service === 'ssh' ? options.ssh_length : options.length) * 1e6
}

/** The conversations with each port of a server, by port. */
function byPort({ flows }: Context, ids: Int32Array): [number, Int32Array][] {
  const ports = groupBy(ids, (flow) => flows.serverPort(flow))
  return [...ports].sort(([a], [b]) => a - b).map(([port, own]) => [port, Int32Array.from(own)])
}

/** Single sources with enough guesses, then all other sources together. */
function* guessers(
  context: Context,
  own: Int32Array,
  service: string,
  options: Record<string, number>,
  verdicts: Verdicts,
): Generator<Pick<Guessing, 'source' | 'guesses' | 'count' | 'threshold' | 'isRefused' | 'all'>> {
  const { flows } = context
  const leastRefused = RETRIED_SERVICES.has(service) ? options.program_attempts : options.attempts
  const least = LOGIN_SERVICES.has(service) ? options.attempts : ANSWERED_SERVICES.has(service) ? leastRefused : options.program_attempts
  const startUs = (flow: number) => flows.startUs(flow)
  const bySource = groupBy(own, (flow) => flows.client(flow))
  const others: number[] = []
  for (const [source, ids] of bySource) {
    const all = Int32Array.from(ids)
    // Flows with an accepted login are no guesses. Refused logins are guesses, even on services that programs use all day.
    const short = all.filter((flow) => isShort(context, flow, service, options) && isGuess(service, verdicts.get(flow)))
    const { count } = busiest(columnOf(short, startUs), WINDOW_US)
    const refused = all.filter((flow) => refusalsOf(flow, verdicts) > 0)
    const mostOf = mostRefused(context, refused, verdicts)
    const isAlike = count >= least && areAlike(context, short)
    if (isAlike && mostOf <= count) yield { source, guesses: short, count, threshold: least, isRefused: false, all }
    else if (mostOf >= leastRefused) yield { source, guesses: refused, count: mostOf, threshold: leastRefused, isRefused: true, all }
    else for (const flow of short) others.push(flow)
  }
  const rest = Int32Array.from(others).sort()
  // Many sources with few guesses each. The threshold is higher, because normal users are many sources too.
  const { count } = busiest(columnOf(rest, startUs), WINDOW_US)
  if (count < least * 5 || !areAlike(context, rest)) return
  yield { source: null, guesses: rest, count, threshold: least * 5, isRefused: false, all: own }
}

/** Whether a short conversation may be a guess, by the answer to its login. */
function isGuess(service: string, verdict: Verdict | undefined): boolean {
  return ANSWERED_SERVICES.has(service) ? verdict?.isAccepted === false : verdict?.isAccepted !== true
}

/** Whether at least half of the guesses differ by at most a quarter from the median size. */
function areAlike({ flows }: Context, ids: Int32Array): boolean {
  const sizes = Float64Array.from(ids, (flow) => flows.clientBytes(flow) + flows.serverBytes(flow)).sort()
  const middle = sizes[sizes.length >> 1]
  return sizes.filter((size) => Math.abs(size - middle) <= middle / 4).length >= ALIKE * sizes.length
}

function describe(
  context: Context,
  { source, target, port, service, guesses, count, threshold, isRefused, all, verdicts }: Guessing,
  options: Record<string, number>,
): Finding {
  const { flows, hosts } = context
  const startUs = (flow: number) => flows.startUs(flow)
  const sizeOf = (flow: number) => flows.clientBytes(flow) + flows.serverBytes(flow)
  const sizes = Float64Array.from(guesses, sizeOf).sort()
  const usual = sizes[sizes.length >> 1]
  const firstUs = startUs(guesses[0])
  const guessing = new Set(guesses)
  const least = source === null ? threshold / 5 : threshold
  const session =
    guesses.find((flow) => verdicts.get(flow)?.isAccepted === true) ??
    all.find(
      (flow) =>
        !guessing.has(flow) &&
        startUs(flow) > startUs(guesses[Math.min(guesses.length, least) - 1]) &&
        (verdicts.get(flow)?.isAccepted ?? sizeOf(flow) > SESSION_FACTOR * usual) &&
        flows.serverBytes(flow) > 0,
    )
  const shown = session === undefined ? guesses : Int32Array.from(new Set([...guesses, session]))
  const lastUs = shown.reduce((last, flow) => Math.max(last, flows.endUs(flow)), firstUs)
  const sources = source === null ? distinct(guesses, (flow) => flows.client(flow), hosts.count) : 1
  const who = source === null ? plural(sources, 'address', 'addresses') : hosts.ip(source)
  const isIn = session !== undefined
  return {
    severity: isIn ? 'high' : 'medium',
    severityReason: isIn
      ? verdicts.get(session)?.isAccepted
        ? 'After the guesses a login was accepted.'
        : 'After the guesses came a conversation that is much larger: the login may have succeeded.'
      : 'Many attempts, none of which looks like a session that followed.',
    title: `${who} tried to log in to ${hosts.ip(target)} (${service}) ${plural(isRefused ? triesOf(guesses, verdicts) : guesses.length, 'time')} in ${span(lastUs - firstUs)}${isIn ? ', possibly with success' : ''}.`,
    nextStep: isIn
      ? `Read the login records of ${hosts.ip(target)} for ${hosts.ip(flows.client(session))}, and see what that session did.`
      : `Read the login records of ${hosts.ip(target)}, and block or lock out who guesses.`,
    firstUs,
    lastUs,
    source,
    target,
    ...(isIn ? { technique: 'T1110.001' } : {}),
    observed: [
      measured(isRefused ? 'logins refused in five minutes' : 'short conversations in five minutes', count, threshold),
      measured('usual size', usual, options.size, 'B'),
      fact('sources', sources),
      fact('possible session', isIn ? bytes(sizeOf(session)) : 'none seen'),
    ],
    picture: overTime('dots', 'attempt', firstUs, shown.length, (i) => [startUs(shown[i]), sizeOf(shown[i])], {
      y: { label: 'Size of the conversation', unit: 'B' },
      threshold: { axis: 'y', value: options.size, label: 'larger is no failed guess' },
      caption: `Each dot is a conversation with ${service} of ${hosts.ip(target)}${isIn ? '; the last one may be a session' : ''}.`,
    }),
    flows: FlowSample.of(isIn ? new Set([session, ...guesses]) : guesses),
    ports: [port],
  }
}
