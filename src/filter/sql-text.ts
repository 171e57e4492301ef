// Parts of SQL conditions: quoted texts, patterns, ranges, conditions on a flow's hosts.
import type { Side, SqlContext } from './field.ts'
import type { AddressValue, Range } from './values.ts'

export const quoteSql = (value: string): string => `'${value.replaceAll("'", "''").replaceAll('\0', '')}'`

/** A pattern for the whole of `column`, with wildcards * and ?, ignoring case. */
export function like(column: string, pattern: string): string {
  const lower = pattern.toLowerCase()
  const folded = foldedFor(pattern, column)
  return /[*?]/.test(lower) ? `${folded} GLOB ${quoteSql(lower.replaceAll('[', '[[]'))}` : `${folded} = ${quoteSql(lower)}`
}

/** A text without wildcards anywhere in `column`, ignoring case; with * or ? the pattern is for the whole of it. */
export function likeInside(column: string, text: string): string {
  const lower = text.toLowerCase()
  return /[*?]/.test(lower) ? like(column, text) : `instr(${foldedFor(text, column)}, ${quoteSql(lower)}) > 0`
}

/** `column` in lower case as far as a comparison with `text` needs it: SQLite's lower() knows only ASCII, and "Łódź" stays what it is. */
function foldedFor(text: string, column: string): string {
  const pairs = new Map<string, string>()
  for (const letter of text.match(/\P{ASCII}/gu) ?? []) {
    const lower = letter.toLowerCase()
    for (const upper of [letter, lower.toUpperCase()]) if (upper !== lower && upper.toLowerCase() === lower) pairs.set(upper, lower)
  }
  let folded = `lower(${column})`
  for (const [upper, lower] of pairs) folded = `replace(${folded}, ${quoteSql(upper)}, ${quoteSql(lower)})`
  return folded
}

export function within(column: string, { from, to }: Range): string {
  if (from === to) return `${column} = ${from}`
  const ends = [Number.isFinite(from) ? `${column} >= ${from}` : '', Number.isFinite(to) ? `${column} <= ${to}` : ''].filter(Boolean)
  return ends.join(' AND ') || `${column} IS NOT NULL`
}

/** A condition on the client, the server or either: on h (hosts), and on p (places) if `isPlaced`. SQLite looks for such hosts once, not for each flow. */
export function hasEnd(side: Side | undefined, condition: string, isPlaced = false): string {
  const hosts = `SELECT h.id FROM hosts h${isPlaced ? ' JOIN places p ON p.id = h.place_id' : ''} WHERE ${condition}`
  if (side) return `f.${side}_host_id IN (${hosts})`
  return `(f.client_host_id IN (${hosts}) OR f.server_host_id IN (${hosts}))`
}

/** Whether h has a name that satisfies a condition on n. */
export const hasName = (condition: string): string => `EXISTS (SELECT 1 FROM names n WHERE n.host_id = h.id AND ${condition})`

/** Whether h has a place that satisfies a condition on p. */
export const hasPlace = (condition: string): string => `EXISTS (SELECT 1 FROM places p WHERE p.id = h.place_id AND ${condition})`

/** Whether the address of h is in a range. */
export function addressSql({ first, last }: AddressValue, context: SqlContext): string {
  const octets = octetPatterns(first, last)
  if (octets && first !== last) {
    // An IPv4 address that packets of IPv6 have (::ffff:10.0.0.1) is in the network, too.
    const globs = octets.flatMap((glob) => [`h.ip GLOB '${glob}'`, `h.ip GLOB '::ffff:${glob}'`])
    return `(${globs.join(' OR ')})`
  }
  const found = context.addressesWithin(first, last)
  return found.length === 1 ? `h.ip = ${quoteSql(found[0])}` : `h.ip IN (${found.map(quoteSql).join(', ')})`
}

/** Most patterns for one network. */
const MOST_PATTERNS = 32

/** "10.*" for 10.0.0.0/8, sixteen patterns for a /12; null when there are too many or the range is not such a network. */
function octetPatterns(first: string, last: string): string[] | null {
  if (!first.startsWith('00000000000000000000ffff') || !last.startsWith('00000000000000000000ffff')) return null
  const octets = (key: string) => [24, 26, 28, 30].map((at) => Number.parseInt(key.slice(at, at + 2), 16))
  const [low, high] = [octets(first), octets(last)]
  const at = low.findIndex((octet, index) => octet !== high[index])
  if (at < 0 || at === 3 || high[at] - low[at] >= MOST_PATTERNS) {
    const whole = at === 3 && low[3] === 0 && high[3] === 255
    const all =
      at >= 0 &&
      at < 3 &&
      low[at] === 0 &&
      high[at] === 255 &&
      low.slice(at).every((octet) => octet === 0) &&
      high.slice(at).every((octet) => octet === 255)
    if (whole || (all && at > 0)) return [`${low.slice(0, at).join('.')}.*`]
    return null
  }
  if (low.slice(at + 1).some((octet) => octet !== 0) || high.slice(at + 1).some((octet) => octet !== 255)) return null
  if (low[at] === 0 && high[at] === 255 && at > 0) return [`${low.slice(0, at).join('.')}.*`]
  return Array.from({ length: high[at] - low[at] + 1 }, (_, index) => `${[...low.slice(0, at), low[at] + index].join('.')}.*`)
}
