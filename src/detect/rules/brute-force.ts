// Many short and similar conversations with the same login service.
import { Protocol } from '../../decode/codes.ts'
import { applicationOfPort } from '../../flows/services.ts'
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest, distinct, groupFlows, NO_GROUP } from '../methods/grouped-flows.ts'
import { append } from '../methods/lists.ts'

const WINDOW_US = 300_000_000
/** Services that people log in to: a client seldom opens many short conversations with one. */
const LOGIN_SERVICES = new Set(['ftp', 'ssh', 'telnet', 'pop3', 'imap', 'rdp', 'vnc', 'winrm'])
/** Services that programs log in to all day: only many attempts count, and only refusals, which are small. */
const PROGRAM_SERVICES = new Set(['smtp', 'smtps', 'ldap', 'ldaps', 'mssql', 'oracle', 'mysql', 'postgresql', 'redis', 'mongodb'])
/** Mail over TLS: programs and phones connect often, and encryption hides the result of a login. */
const SECURED_SERVICES = new Set(['imaps', 'pop3s'])
/** Conversations with these have many purposes besides logins: only a readable refusal is a guess. */
const ANSWERED_SERVICES = new Set(['smb'])
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
/** A longer conversation of this many times the size of the guesses looks like a session. */
const SESSION_FACTOR = 4

export const bruteForce = defineRule({
  id: 'brute-force',
  version: 1,
  title: 'A login service is asked again and again by short conversations',
  technique: 'T1110',
  severity: 'high',
  source:
    'After Zeek detect-bruteforcing (30 failed SSH logins, 20 failed FTP logins), told by the size and length of conversations, as in flow-based SSH detection (Hofstede et al., 2014)',
  options: {
    attempts: { default: 20, unit: '', description: 'short conversations with one login service in five minutes' },
    program_attempts: {
      default: 100,
      unit: '',
      description: 'the same for mail, directories and databases, which programs log in to all day',
    },
    length: { default: 10, unit: 's', description: 'a longer conversation is no failed guess' },
    size: { default: 12_000, unit: 'B', description: 'a larger conversation is no failed guess' },
  },
  run(context, options) {
    const { flows, hosts } = context
    const findings: Finding[] = []
    const verdicts = verdictsOf(context)
    // Grouped by server, then by port, because guesses may come from many sources.
    const keyOf = (flow: number): number => (isAnswered(context, flow) ? flows.server(flow) : NO_GROUP)
    for (const { key: target, ids } of groupFlows(flows.count, hosts.count, keyOf, options.attempts, (flow) => flows.startUs(flow))) {
      for (const [port, own] of byPort(context, ids)) {
        const service = own.length < options.attempts ? null : serviceOf(context, own, port)
        if (service === null || !isLoginService(service)) continue
        for (const { source, guesses, all } of guessers(context, own, service, options, verdicts)) {
          findings.push(describe(context, { source, target, port, service, guesses, all, verdicts }, options))
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
  /** All conversations between the same hosts. */
  all: Int32Array
  verdicts: Verdicts
}

/** Results of logins that can be read in the server's answers: by flow, true for accepted. */
type Verdicts = ReadonlyMap<number, boolean>

function verdictsOf({ observations }: Context): Verdicts {
  const verdicts = new Map<number, boolean>()
  for (const { flow, refused, accepted } of [...observations.credentials, ...observations.answeredLogins]) {
    if (refused + accepted > 0) verdicts.set(flow, accepted > 0)
  }
  return verdicts
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
  return size <= limit && flows.lengthUs(flow) <= options.length * 1e6
}

/** The conversations with each port of a server, by port. */
function byPort({ flows }: Context, ids: Int32Array): [number, Int32Array][] {
  const ports = new Map<number, number[]>()
  for (const flow of ids) {
    append(ports, flows.serverPort(flow), flow)
  }
  return [...ports].sort(([a], [b]) => a - b).map(([port, own]) => [port, Int32Array.from(own)])
}

/** Single sources with enough guesses, then all other sources together. */
function* guessers(
  context: Context,
  own: Int32Array,
  service: string,
  options: Record<string, number>,
  verdicts: Verdicts,
): Generator<Pick<Guessing, 'source' | 'guesses' | 'all'>> {
  const { flows } = context
  const least = LOGIN_SERVICES.has(service) || ANSWERED_SERVICES.has(service) ? options.attempts : options.program_attempts
  const startUs = (flow: number) => flows.startUs(flow)
  const bySource = new Map<number, number[]>()
  for (const flow of own) {
    append(bySource, flows.client(flow), flow)
  }
  const others: number[] = []
  for (const [source, ids] of bySource) {
    const all = Int32Array.from(ids)
    // Flows with an accepted login are no guesses. Refused logins are guesses, even on services that programs use all day.
    const short = all.filter((flow) => isShort(context, flow, service, options) && isGuess(service, verdicts.get(flow)))
    const refused = short.filter((flow) => verdicts.get(flow) === false)
    if (busiest(short, startUs, WINDOW_US).count >= least && areAlike(context, short)) yield { source, guesses: short, all }
    else if (busiest(refused, startUs, WINDOW_US).count >= options.attempts) yield { source, guesses: refused, all }
    else for (const flow of short) others.push(flow)
  }
  const rest = Int32Array.from(others).sort()
  // Many sources with few guesses each. The threshold is higher, because normal users are many sources too.
  if (busiest(rest, startUs, WINDOW_US).count < least * 5 || !areAlike(context, rest)) return
  yield { source: null, guesses: rest, all: own }
}

/** Whether a short conversation may be a guess, by the answer to its login. */
function isGuess(service: string, isAccepted: boolean | undefined): boolean {
  return ANSWERED_SERVICES.has(service) ? isAccepted === false : isAccepted !== true
}

/** Whether at least half of the guesses differ by at most a quarter from the median size. */
function areAlike({ flows }: Context, ids: Int32Array): boolean {
  const sizes = Float64Array.from(ids, (flow) => flows.clientBytes(flow) + flows.serverBytes(flow)).sort()
  const middle = sizes[sizes.length >> 1]
  return sizes.filter((size) => Math.abs(size - middle) <= middle / 4).length >= ALIKE * sizes.length
}

function describe(
  context: Context,
  { source, target, port, service, guesses, all, verdicts }: Guessing,
  options: Record<string, number>,
): Finding {
  const { flows, hosts } = context
  const startUs = (flow: number) => flows.startUs(flow)
  const sizeOf = (flow: number) => flows.clientBytes(flow) + flows.serverBytes(flow)
  const sizes = Float64Array.from(guesses, sizeOf).sort()
  const usual = sizes[sizes.length >> 1]
  const firstUs = startUs(guesses[0])
  const { count } = busiest(guesses, startUs, WINDOW_US)
  const isOfPrograms = !LOGIN_SERVICES.has(service) && count >= options.program_attempts
  const least = isOfPrograms ? options.program_attempts : options.attempts
  const guessing = new Set(guesses)
  const session = all.find(
    (flow) =>
      !guessing.has(flow) &&
      startUs(flow) > startUs(guesses[Math.min(guesses.length, least) - 1]) &&
      (verdicts.get(flow) ?? sizeOf(flow) > SESSION_FACTOR * usual) &&
      flows.serverBytes(flow) > 0,
  )
  const shown = session === undefined ? guesses : Int32Array.from([...guesses, session])
  const lastUs = shown.reduce((last, flow) => Math.max(last, flows.endUs(flow)), firstUs)
  const sources = source === null ? distinct(guesses, (flow) => flows.client(flow), hosts.count) : 1
  const who = source === null ? plural(sources, 'address', 'addresses') : hosts.ip(source)
  const isIn = session !== undefined
  return {
    severity: isIn ? 'high' : 'medium',
    severityReason: isIn
      ? 'After the guesses came a conversation that is much larger: the login may have succeeded.'
      : 'Many attempts, none of which looks like a session that followed.',
    title: `${who} tried to log in to ${hosts.ip(target)} (${service}) ${plural(guesses.length, 'time')} in ${span(lastUs - firstUs)}${isIn ? ', possibly with success' : ''}.`,
    nextStep: isIn
      ? `Read the login records of ${hosts.ip(target)} for ${hosts.ip(flows.client(session))}, and see what that session did.`
      : `Read the login records of ${hosts.ip(target)}, and block or lock out who guesses.`,
    firstUs,
    lastUs,
    source,
    target,
    ...(isIn ? { technique: 'T1110.001' } : {}),
    observed: [
      { name: 'short conversations in five minutes', value: count, unit: '', threshold: source === null ? least * 5 : least },
      { name: 'usual size', value: usual, unit: 'B', threshold: options.size },
      { name: 'sources', value: sources, unit: '', threshold: null },
      { name: 'possible session', value: isIn ? bytes(sizeOf(session)) : 'none seen', unit: '', threshold: null },
    ],
    picture: {
      kind: 'dots',
      x: { label: 'Time since the first attempt', unit: 's' },
      y: { label: 'Size of the conversation', unit: 'B' },
      points: samplePoints(shown.length, (i) => [secondsSince(firstUs, startUs(shown[i])), sizeOf(shown[i])]),
      threshold: { axis: 'y', value: options.size, label: 'larger is no failed guess' },
      caption: `Each dot is a conversation with ${service} of ${hosts.ip(target)}${isIn ? '; the last one may be a session' : ''}.`,
    },
    flows: FlowSample.of(isIn ? [session, ...guesses] : guesses),
    ports: [port],
  }
}
