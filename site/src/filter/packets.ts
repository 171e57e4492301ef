// A filter -> a filter on packets, as Wireshark (display filter) and tcpdump (BPF) write one. Flows know things that packets do not:
// what cannot be said is left out where that only widens the answer, and named.
import { type FilterSource, hostsOf, matchFlows } from './match.ts'
import { insidePattern } from './pattern.ts'
import type { Filter, Range, Term, Value } from './syntax.ts'

export interface PacketFilter {
  /** "" when nothing of the filter can be said. */
  text: string
  /** Parts of the filter that are left out, as typed. */
  missing: string[]
  /** Where the text means more or other than the filter, in words. */
  notes: string[]
}

export interface Dialect {
  and: string
  or: string
  not: string
  /** Null: this dialect cannot say it. */
  transport(name: string): string | null
  application(name: string): string | null
  port(range: Range): string
  addresses(ips: readonly string[]): string
  network(first: string, last: string): string | null
  time(fromUs: number, toUs: number): string | null
  name(text: string): string | null
  conversation(flow: Conversation): string
}

export interface Conversation {
  client: string
  server: string
  clientPort: number | null
  serverPort: number | null
  transport: string
}

/** Addresses or conversations that are written out at most. */
const MOST_LISTED = 60

/** `isExact`: says the same of every packet, so that its negation can be said too. */
interface Part {
  text: string
  isExact: boolean
}

export function packetFilter(filter: Filter, filterText: string, source: FilterSource, dialect: Dialect): PacketFilter {
  const missing: string[] = []
  const notes = new Set<string>()
  const sourceText = (part: Filter): string => {
    if (part.kind === 'term') return filterText.slice(part.start, part.end)
    if (part.kind === 'not') return `-${sourceText(part.part)}`
    return part.kind === 'all' ? '' : `(${part.parts.map(sourceText).join(part.kind === 'or' ? ' or ' : ' ')})`
  }
  const leaveOut = (part: Filter): null => {
    missing.push(sourceText(part))
    return null
  }
  const say = (part: Filter): Part | null => {
    switch (part.kind) {
      case 'all':
        return null
      case 'term':
        return sayTerm(part, source, dialect, notes) ?? leaveOut(part)
      case 'not': {
        const before = missing.length
        const inner = say(part.part)
        if (inner?.isExact) return { text: `${dialect.not}(${inner.text})`, isExact: true }
        missing.length = before
        return leaveOut(part)
      }
      case 'or': {
        // Leaving one alternative out would narrow the answer: all or nothing.
        const before = missing.length
        const parts = part.parts.map(say)
        if (parts.every((one) => one !== null)) return join(parts, dialect.or)
        missing.length = before
        return leaveOut(part)
      }
      default: {
        const parts = part.parts.map(say)
        const said = parts.filter((one) => one !== null)
        if (said.length === 0) return null
        const joined = join(said, dialect.and)
        return { ...joined, isExact: joined.isExact && said.length === parts.length }
      }
    }
  }
  const said = say(filter)
  return { text: said?.text ?? '', missing, notes: [...notes] }
}

function join(parts: Part[], word: string): Part {
  if (parts.length === 1) return parts[0]
  return { text: parts.map(({ text }) => `(${text})`).join(` ${word} `), isExact: parts.every(({ isExact }) => isExact) }
}

function sayTerm(term: Term, source: FilterSource, dialect: Dialect, notes: Set<string>): Part | null {
  const parts = term.values.map((value) => sayValue(term, value, source, dialect, notes))
  if (parts.every((part) => part !== null)) return join(parts, dialect.or)
  return sayConversations(term, source, dialect)
}

/** Whatever a few conversations have in common can be said by naming them. */
function sayConversations(term: Term, source: FilterSource, dialect: Dialect): Part | null {
  const { flows, hosts } = source
  const mask = matchFlows(term, source)
  const found: string[] = []
  for (let flow = 0; flow < mask.length; flow++) {
    if (!mask[flow]) continue
    if (found.length === MOST_LISTED) return null
    const port = (value: number) => (value < 0 ? null : value)
    found.push(
      dialect.conversation({
        client: hosts.ip[flows.clientHost[flow]],
        server: hosts.ip[flows.serverHost[flow]],
        clientPort: port(flows.clientPort[flow]),
        serverPort: port(flows.serverPort[flow]),
        transport: flows.transport.texts[flows.transport.code[flow]],
      }),
    )
  }
  // Another conversation between the same ports may follow later: the words fit both.
  return found.length === 0
    ? null
    : join(
        found.map((text) => ({ text, isExact: false })),
        dialect.or,
      )
}

function sayValue({ field }: Term, value: Value, source: FilterSource, dialect: Dialect, notes: Set<string>): Part | null {
  const exact = (text: string | null): Part | null => (text === null ? null : { text, isExact: true })
  const wider = (text: string | null, note: string): Part | null => {
    if (text === null) return null
    notes.add(note)
    return { text, isExact: false }
  }
  if (value.kind === 'range') return field === 'port' ? exact(dialect.port(value.range)) : null
  if (value.kind === 'time') {
    const offset = value.isRelative ? source.firstUs : 0
    return wider(
      dialect.time(value.range.from + offset, value.range.to + offset),
      'A time takes the packets within it, not the whole of their flows.',
    )
  }
  const direction = 'Packets go both ways: from: and to: are either end here.'
  if (value.kind === 'address') {
    const text =
      dialect.network(value.first, value.last) ??
      sayHosts(
        Uint8Array.from(source.hosts.key, (key) => (key >= value.first && key <= value.last ? 1 : 0)),
        source,
        dialect,
      )
    return field === 'from' || field === 'to' ? wider(text, direction) : exact(text)
  }
  const passes = (text: string) => value.pattern.test(text)
  const hosts = (mask: Uint8Array) => sayHosts(mask, source, dialect)
  switch (field) {
    case 'proto': {
      const names = source.flows.transport.texts.filter(passes)
      const parts = (names.length > 0 ? names : [value.text.toLowerCase()]).map((name) => dialect.transport(name))
      return parts.includes(null) ? null : exact(parts.map((part) => (parts.length > 1 ? `(${part})` : part)).join(` ${dialect.or} `))
    }
    case 'app':
      return wider(
        dialect.application(value.text.toLowerCase()),
        'An application takes the packets that Wireshark shows as such, not the rest of their flows.',
      )
    case 'name':
    case 'dns':
      return wider(dialect.name(value.text), 'A name takes the packets that carry it, not the whole of their flows.')
    case 'country':
    case 'place':
    case 'scope':
    case 'host':
    case 'asn':
    case 'net': {
      const text = hosts(hostsOf(field, value.text, passes, source))
      return wider(text, 'Countries, networks and names stand for the addresses that this report has of them.')
    }
    case 'from':
    case 'to':
      return wider(hosts(hostsOf(field, value.text, passes, source)), direction)
    case '': {
      const inside = insidePattern(value.text)
      const found = Uint8Array.from(source.hosts.ip, (ip) => (inside.test(ip) ? 1 : 0))
      return found.includes(1) ? wider(hosts(found), 'A bare word is taken for a part of an address.') : null
    }
    default:
      return null
  }
}

function sayHosts(mask: Uint8Array, { hosts }: FilterSource, dialect: Dialect): string | null {
  const ips = hosts.ip.filter((_, host) => mask[host] === 1)
  return ips.length === 0 || ips.length > MOST_LISTED ? null : dialect.addresses(ips)
}
