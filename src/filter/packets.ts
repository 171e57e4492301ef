// A filter -> a filter on packets for Wireshark (display filter) and tcpdump (BPF). Flows have properties that packets do not have:
// these parts are left out, and named, where the result then only has more packets.
import type { Dialect } from './dialects.ts'
import type { PacketCondition, PacketWriter } from './field.ts'
import { fieldNamed } from './fields.ts'
import { matchFlows } from './match.ts'
import type { FilterSource } from './source.ts'
import type { Filter, Term } from './syntax.ts'

export interface PacketFilter {
  /** "" when no part of the filter can be expressed. */
  text: string
  /** Parts of the filter that are left out, as typed. */
  missing: string[]
  /** Sentences that say where the text matches more or other packets than the filter. */
  notes: string[]
}

/** Most addresses or conversations that are listed. */
const MOST_LISTED = 60

export function packetFilter(filter: Filter, filterText: string, source: FilterSource, dialect: Dialect): PacketFilter {
  const missing: string[] = []
  const notes = new Set<string>()
  const writer = writerOf(source, dialect, notes)
  const sourceText = (part: Filter): string => {
    if (part.kind === 'term') return filterText.slice(part.start, part.end)
    if (part.kind === 'not') return `-${sourceText(part.part)}`
    return part.kind === 'all' ? '' : `(${part.parts.map(sourceText).join(part.kind === 'or' ? ' or ' : ' ')})`
  }
  const leaveOut = (part: Filter): null => {
    missing.push(sourceText(part))
    return null
  }
  const say = (part: Filter): PacketCondition | null => {
    switch (part.kind) {
      case 'all':
        return null
      case 'term':
        return translateTerm(part, writer) ?? leaveOut(part)
      case 'not': {
        const before = missing.length
        const inner = say(part.part)
        if (inner?.isExact) return { text: `${dialect.not}(${inner.text})`, isExact: true }
        missing.length = before
        return leaveOut(part)
      }
      case 'or': {
        // Without one alternative of an "or" the result would lose packets, so the whole "or" is left out.
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

function join(parts: PacketCondition[], word: string): PacketCondition {
  if (parts.length === 1) return parts[0]
  return { text: parts.map(({ text }) => `(${text})`).join(` ${word} `), isExact: parts.every(({ isExact }) => isExact) }
}

function translateTerm(term: Term, writer: PacketWriter): PacketCondition | null {
  const parts = term.values.map((value) => fieldNamed(term.field).packets(value, writer))
  if (parts.every((part) => part !== null)) return join(parts, writer.dialect.or)
  return translateFlows(term, writer)
}

/** A term that selects few conversations can be expressed by listing their addresses and ports. */
function translateFlows(term: Term, { source, dialect }: PacketWriter): PacketCondition | null {
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
  // A later conversation may use the same addresses and ports.
  return found.length === 0
    ? null
    : join(
        found.map((text) => ({ text, isExact: false })),
        dialect.or,
      )
}

function writerOf(source: FilterSource, dialect: Dialect, notes: Set<string>): PacketWriter {
  return {
    source,
    dialect,
    exact: (text) => (text === null ? null : { text, isExact: true }),
    wider(text, note) {
      if (text === null) return null
      notes.add(note)
      return { text, isExact: false }
    },
    hosts(mask) {
      const ips = source.hosts.ip.filter((_, host) => mask[host] === 1)
      return ips.length === 0 || ips.length > MOST_LISTED ? null : dialect.addresses(ips)
    },
  }
}
