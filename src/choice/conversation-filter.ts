// Text of --only, in the filter language -> a test of one packet. Only what every packet of a conversation says itself can be decided
// while packets are read: addresses, ports, protocol, tunnel. Everything else is an error that names what to use instead.
import { transportName } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import { scopeOf } from '../decode/scope.ts'
import { describeTunnel } from '../decode/tunnel.ts'
import { readAddressRange } from '../filter/address.ts'
import { parseFilter } from '../filter/parser.ts'
import { pathPattern } from '../filter/pattern.ts'
import { type Filter, FilterError, type Term } from '../filter/syntax.ts'
import type { TextValue, Value } from '../filter/values.ts'
import { addressTest, and, endTest, familyTest, not, or, type PacketTest, portTest, protocolTest } from './packet-test.ts'

const DECIDABLE = 'ip, net or host with an address, port, proto, scope, tunnel, is:ipv4 and is:ipv6'

/** @throws FilterError */
export function conversationFilter(text: string): PacketTest {
  const filter = parseFilter(text)
  if (filter.kind === 'all') throw new FilterError('The filter is empty', 0, text.length)
  return testOf(filter, text)
}

function testOf(filter: Filter, text: string): PacketTest {
  switch (filter.kind) {
    case 'all':
      return () => true
    case 'not':
      return not(testOf(filter.part, text))
    case 'term':
      return filter.values.map((value) => termTest(filter, value, text)).reduce(or)
    default:
      return filter.parts.map((part) => testOf(part, text)).reduce(filter.kind === 'and' ? and : or)
  }
}

function termTest(term: Term, value: Value, text: string): PacketTest {
  const { field } = term
  if (value.kind === 'address' && (field === 'ip' || field === 'net')) return addressTest(value.first, value.last, 'either')
  if (value.kind === 'range' && field === 'port') return portTest(value.range.from, value.range.to, 'either')
  if (value.kind === 'text') {
    const test = textTest(field, value)
    if (test !== null) return test
  }
  const what = text.slice(term.start, term.end)
  const why =
    field === 'time'
      ? 'use --from and --to'
      : `only ${DECIDABLE} can be decided for each packet; analyse all, then rtnvis slice selects by everything`
  throw new FilterError(`“${what}” is not known while packets are read: ${why}`, term.start, term.end)
}

function textTest(field: Term['field'], { text, pattern }: TextValue): PacketTest | null {
  switch (field) {
    case '':
    case 'host': {
      const range = readAddressRange(text)
      return range === null ? null : addressTest(range.first, range.last, 'either')
    }
    case 'proto':
      return protocolTest((protocol) => pattern.test(transportName(protocol)))
    case 'scope': {
      const scope = text.toLowerCase()
      const has = ({ bytes, family }: PacketView, at: number): boolean => scopeOf(bytes, at, family === 4 ? 4 : 16) === scope
      return endTest(
        'either',
        (view) => has(view, view.sourceAt),
        (view) => has(view, view.targetAt),
      )
    }
    case 'tunnel':
      return tunnelTest(text.toLowerCase())
    case 'is':
      return /^ipv[46]$/i.test(text) ? familyTest(text.endsWith('4') ? 4 : 6) : null
    default:
      return null
  }
}

/** As the field `tunnel` of the filter language: any, none, the whole path, or a part of it. */
function tunnelTest(word: string): PacketTest {
  if (word === 'any' || word === 'none') return ({ tunnel }) => (tunnel === 0) === (word === 'none')
  const path = pathPattern(word)
  const known: boolean[] = []
  return ({ tunnel }) => {
    known[tunnel] ??= tunnel > 0 && path.test(describeTunnel(tunnel)!)
    return known[tunnel]
  }
}
