// Addresses as 32 hexadecimal digits, IPv4 as ::ffff:a.b.c.d: text order is address order, so a network is a range.

const MAPPED = '00000000000000000000ffff'

/** IPv4 or IPv6 text -> 32 hexadecimal digits, or null. */
export function addressKey(text: string): string | null {
  return text.includes(':') ? keyOf6(text) : keyOf4(text)
}

function keyOf4(text: string): string | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!match) return null
  let key = MAPPED
  for (const octet of match.slice(1)) {
    if (Number(octet) > 255) return null
    key += Number(octet).toString(16).padStart(2, '0')
  }
  return key
}

/** RFC 4291, 2.2: eight groups, one run of zeros as "::", the last two groups perhaps as IPv4. */
function keyOf6(text: string): string | null {
  let source = text
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(source)
  if (tail) {
    const key = keyOf4(tail[2])
    if (!key) return null
    source = `${tail[1]}${key.slice(24, 28)}:${key.slice(28)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return null
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  if (groups.flat().some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return null
  const written = groups.flat().length
  if (halves.length === 1 ? written !== 8 : written > 7) return null
  const zeros = new Array(8 - written).fill('0')
  return [...groups[0], ...zeros, ...(groups[1] ?? [])].map((group) => group.toLowerCase().padStart(4, '0')).join('')
}

/** "10.0.0.0/8", "2001:db8::/32", "10.0.0.1..10.0.0.9", "10.1.*", or one address. */
export function readAddressRange(text: string): { first: string; last: string } | null {
  const ends = text.split('..')
  if (ends.length === 2) {
    const [first, last] = ends.map(addressKey)
    return first && last && first <= last ? { first, last } : null
  }
  const stars = /^((?:\d{1,3}\.){1,3})\*$/.exec(text)
  if (stars) {
    const octets = stars[1].split('.').length - 1
    return readAddressRange(`${stars[1]}${'0.'.repeat(4 - octets).slice(0, -1)}/${octets * 8}`)
  }
  const [address = '', length, ...more] = text.split('/')
  const key = addressKey(address)
  if (!key || more.length > 0) return null
  if (length === undefined) return { first: key, last: key }
  const most = address.includes(':') ? 128 : 32
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return null
  const fixed = Number(length) + (128 - most)
  const value = BigInt(`0x${key}`)
  const free = (1n << BigInt(128 - fixed)) - 1n
  const hex = (bits: bigint) => bits.toString(16).padStart(32, '0')
  return { first: hex(value & ~free), last: hex(value | free) }
}

/** Whether a range is one of IPv4, as ::ffff:0:0/96 is. Only these have addresses of IPv4: `::/0` has none. */
export function isOfIpv4(first: string, last: string): boolean {
  return isKey4(first) && isKey4(last)
}

/** A test whether addresses are in a range. */
export function rangeTest({ first, last }: { first: string; last: string }): (key: string, ip: string) => boolean {
  const hasIpv4 = isOfIpv4(first, last)
  return (key, ip) => key >= first && key <= last && (hasIpv4 || ip.includes(':'))
}

export function isKey4(key: string): boolean {
  return key.startsWith(MAPPED)
}

/** 32 hexadecimal digits -> text as in the database: dotted IPv4, or IPv6 after RFC 5952. */
export function formatKey(key: string): string {
  if (isKey4(key)) return [24, 26, 28, 30].map((at) => Number.parseInt(key.slice(at, at + 2), 16)).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => Number.parseInt(key.slice(index * 4, index * 4 + 4), 16).toString(16))
  // The longest run of two or more zero groups, the first of equals, is "::" (section 4.2).
  let best = { at: 0, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.length < 2) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}

/** Prefix length of a range (of IPv4's 32 or IPv6's 128 bits) that is a network, else null. */
export function networkLength(first: string, last: string): number | null {
  const low = BigInt(`0x${first}`)
  const span = BigInt(`0x${last}`) - low + 1n
  if ((span & (span - 1n)) !== 0n || low % span !== 0n) return null
  const free = span.toString(2).length - 1
  const length = 128 - free
  return isKey4(first) && isKey4(last) ? length - 96 : isKey4(first) ? null : length
}
