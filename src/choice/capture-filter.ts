// Text of a capture filter, a subset of pcap-filter(7) -> a test of one packet: hosts, networks, ports and protocols of the innermost IP
// header. As there, "not" binds most tightly, "and" and "or" bind alike, from left to right, and a value alone has the qualifiers before it.
import { Protocol } from '../decode/codes.ts'
import { readAddressRange } from '../filter/address.ts'
import { FilterError } from '../filter/syntax.ts'
import { addressTest, and, type End, familyTest, not, or, type PacketTest, portTest, protocolTest } from './packet-test.ts'

interface Word {
  text: string
  start: number
}

/** Words that stand before a value: a protocol, which end, and what the value is. */
interface Qualifiers {
  protocol: string | null
  end: End
  type: string | null
}

const FAMILIES = new Map<string, 4 | 6>([
  ['ip', 4],
  ['ip6', 6],
])
const PROTOCOLS = new Map<string, number>([
  ['tcp', Protocol.tcp],
  ['udp', Protocol.udp],
  ['sctp', Protocol.sctp],
  ['icmp', Protocol.icmp],
  ['icmp6', Protocol.icmpv6],
  ['igmp', Protocol.igmp],
  ['pim', Protocol.pim],
  ['vrrp', Protocol.vrrp],
  ['ah', Protocol.authentication],
  ['esp', Protocol.esp],
])
/** Protocols of which pcap-filter reads ports. */
const WITH_PORTS: readonly number[] = [Protocol.tcp, Protocol.udp, Protocol.sctp]
const ENDS = new Map<string, End>([
  ['src', 'source'],
  ['dst', 'target'],
])
const TYPES = ['host', 'net', 'port', 'portrange', 'proto']
const JOINING = new Map<string, 'and' | 'or'>([
  ['and', 'and'],
  ['&&', 'and'],
  ['or', 'or'],
  ['||', 'or'],
])
/** Most levels of parentheses and negations, and most characters: nobody types more. */
const DEEPEST = 64
const LONGEST = 4096

const SUPPORTED =
  'supported are host, net, port, portrange and proto with src and dst, ip, ip6, tcp, udp, sctp, icmp, icmp6, igmp, pim, vrrp, ah, esp, and, or, not and parentheses; tcpdump -r FILE -w - FILTER | rtnvis analyze - takes any filter'

/** @throws FilterError */
export function captureFilter(text: string): PacketTest {
  if (text.length > LONGEST) throw new FilterError(`A filter has at most ${LONGEST} characters`, 0, text.length)
  return new Parser(text).read()
}

class Parser {
  private readonly text: string
  private readonly words: Word[]
  private at = 0
  private depth = 0
  /** Those of the last value. */
  private qualifiers: Qualifiers | null = null

  constructor(text: string) {
    this.text = text
    this.words = [...text.matchAll(/[()!]|&&|\|\||[^\s()!&|]+|[&|]/g)].map((match) => ({ text: match[0], start: match.index }))
  }

  read(): PacketTest {
    if (this.words.length === 0) throw this.error('the filter is empty', undefined)
    const test = this.readAll()
    const rest = this.words[this.at]
    if (rest !== undefined) throw this.error(rest.text === ')' ? 'a ")" has no "(" before it' : 'and, or or the end is expected', rest)
    return test
  }

  private readAll(): PacketTest {
    let test = this.readOne()
    for (let how = JOINING.get(this.peek()); how !== undefined; how = JOINING.get(this.peek())) {
      this.at++
      test = (how === 'and' ? and : or)(test, this.readOne())
    }
    return test
  }

  private readOne(): PacketTest {
    if (++this.depth > DEEPEST) throw this.error(`parentheses and negations reach more than ${DEEPEST} deep`, this.words[this.at])
    try {
      if (this.take('!') || this.take('not')) return not(this.readOne())
      const open = this.words[this.at]
      if (!this.take('(')) return this.readPrimitive()
      const test = this.readAll()
      if (!this.take(')')) throw this.error('the "(" is never closed', open)
      return test
    } finally {
      this.depth--
    }
  }

  private readPrimitive(): PacketTest {
    const begin = this.at
    const protocol = FAMILIES.has(this.peek()) || PROTOCOLS.has(this.peek()) ? this.next() : null
    const end = this.readEnd()
    const type = TYPES.includes(this.peek()) ? this.next() : null
    if (protocol !== null && end === null && type === null) return protocolOf(protocol)
    const isBare = this.at === begin
    if (isBare && !(this.qualifiers !== null && isValue(this.peek()))) throw this.unsupported()
    if (!isBare) this.qualifiers = { protocol, end: end ?? 'either', type }
    return this.readValue(this.qualifiers!)
  }

  /** src, dst, "src or dst", "src and dst"; null for none. */
  private readEnd(): End | null {
    const first = this.peek()
    const end = ENDS.get(first)
    if (end === undefined) return null
    this.at++
    const other = this.words[this.at + 1]?.text ?? ''
    const how = JOINING.get(this.peek())
    if (how === undefined || !ENDS.has(other) || other === first) return end
    this.at += 2
    return how === 'and' ? 'both' : 'either'
  }

  private readValue({ protocol, end, type }: Qualifiers): PacketTest {
    const word = this.words[this.at]
    if (word === undefined) throw this.error('a value is missing at the end', undefined)
    this.at++
    if (type === 'port' || type === 'portrange') return this.ports(word, protocol, type, end)
    if (type === 'proto') return this.protocol(word, protocol)
    const range = type === 'net' ? readNetwork(word.text) : readHost(word.text)
    if (range === null)
      throw this.error(
        `"${word.text}" is not ${type === 'net' ? 'a network: write 10.0.0.0/8' : 'an address: names are not looked up'}`,
        word,
      )
    const test = addressTest(range.first, range.last, end)
    const family = familyTest(word.text.includes(':') ? 6 : 4)
    if (protocol === null) return and(family, test)
    return and(and(family, protocolOf(protocol)), test)
  }

  private ports(word: Word, protocol: string | null, type: string, end: End): PacketTest {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word.text)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? from)
    if (match === null || (match[2] !== undefined) !== (type === 'portrange') || from > to || to > 65_535)
      throw this.error(
        `"${word.text}" is not a ${type === 'port' ? 'port: write port 443' : 'range of ports: write portrange 8000-8080'}`,
        word,
      )
    const ports = and(
      protocolTest((number) => WITH_PORTS.includes(number)),
      portTest(from, to, end),
    )
    return protocol === null ? ports : and(protocolOf(protocol), ports)
  }

  private protocol(word: Word, family: string | null): PacketTest {
    const name = word.text.replace(/^\\/, '')
    const number = /^\d{1,3}$/.test(name) ? Number(name) : (PROTOCOLS.get(name) ?? Number.NaN)
    if (!(number <= 255)) throw this.error(`"${word.text}" is not a protocol: a number up to 255, or a name`, word)
    const test = protocolTest((one) => one === number)
    return family === null ? test : and(protocolOf(family), test)
  }

  private peek(): string {
    return this.words[this.at]?.text ?? ''
  }

  private next(): string {
    return this.words[this.at++].text
  }

  private take(text: string): boolean {
    if (this.peek() !== text) return false
    this.at++
    return true
  }

  private unsupported(): FilterError {
    const word = this.words[this.at]
    return word === undefined
      ? this.error('something is missing at the end', word)
      : this.error(`"${word.text}" is not supported: ${SUPPORTED}`, word)
  }

  private error(message: string, word: Word | undefined): FilterError {
    const start = word?.start ?? Math.max(0, this.text.length - 1)
    return new FilterError(message, start, start + (word?.text.length ?? 1))
  }
}

function protocolOf(name: string): PacketTest {
  const family = FAMILIES.get(name)
  return family === undefined ? protocolTest((number) => number === PROTOCOLS.get(name)) : familyTest(family)
}

const isValue = (text: string): boolean => /^[\d:]|^[0-9a-f]+:/i.test(text)

function readHost(text: string): { first: string; last: string } | null {
  return /[/*]|\.\./.test(text) ? null : readAddressRange(text)
}

/** "10.0.0.0/8", "2001:db8::/32", one address, or the first bytes of IPv4: "192.168" is 192.168.0.0/16. */
function readNetwork(text: string): { first: string; last: string } | null {
  if (/\*|\.\./.test(text)) return null
  const octets = /^\d{1,3}(\.\d{1,3}){0,2}$/.test(text) ? text.split('.') : null
  if (octets === null) return readAddressRange(text)
  return readAddressRange(`${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${octets.length * 8}`)
}
