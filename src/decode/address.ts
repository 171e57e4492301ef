// Address bytes <-> text: writes RFC 5952; reads RFC 4291 2.2 and dotted IPv4. Not on the hot path: text is made once per host.

const DOT = 0x2e
const DIGIT_0 = 0x30
const IPV6_GROUP = /^[0-9a-fA-F]{1,4}$/

/** Canonical text of the 4 or 16 address bytes at `at`. The caller has checked the bounds. */
export function formatAddress(bytes: Uint8Array, at: number, length: 4 | 16): string {
  return length === 4 ? formatIpv4(bytes, at) : formatIpv6(bytes, at)
}

function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

/** RFC 5952 4: lower case, no leading zeros, `::` for the first of the longest runs of two or more zero groups; 5: mapped IPv4 is dotted. */
function formatIpv6(bytes: Uint8Array, at: number): string {
  if (isMapped(bytes, at)) return `::ffff:${formatIpv4(bytes, at + 12)}`
  let runStart = -1
  let runLength = 1 // 4.2.2: a single zero group is not shortened
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && group(bytes, at, start + length) === 0) length++
    if (length > runLength) {
      runStart = start
      runLength = length
    }
    start += length
  }
  if (runStart < 0) return formatGroups(bytes, at, 0, 8)
  return `${formatGroups(bytes, at, 0, runStart)}::${formatGroups(bytes, at, runStart + runLength, 8)}`
}

function formatGroups(bytes: Uint8Array, at: number, from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) text += (i > from ? ':' : '') + group(bytes, at, i).toString(16)
  return text
}

function group(bytes: Uint8Array, at: number, index: number): number {
  return (bytes[at + 2 * index] << 8) | bytes[at + 2 * index + 1]
}

/** ::ffff:0:0/96, an IPv4 address written as IPv6 (RFC 4291 2.5.5.2). */
function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff
}

/** The 4 or 16 bytes of an address, or null. Other notations (octal, hex, short forms, zones, prefixes) are not accepted. */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | null {
  const bytes = new Uint8Array(4)
  let part = 0
  let digits = 0
  let value = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT
    if (code === DOT) {
      if (digits === 0 || value > 255 || part === 4) return null
      bytes[part++] = value
      digits = 0
      value = 0
    } else {
      const isLeadingZero = digits === 1 && value === 0
      if (code < DIGIT_0 || code > DIGIT_0 + 9 || digits === 3 || isLeadingZero) return null
      value = value * 10 + code - DIGIT_0
      digits++
    }
  }
  return part === 4 ? bytes : null
}

function parseIpv6(text: string): Uint8Array | null {
  if (text.length > 45) return null // the longest form: six full groups and a dotted IPv4
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0], halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : []
  if (head === null || tail === null) return null
  const zeros = 16 - head.length - tail.length
  // RFC 4291 2.2: `::` stands for at least one group.
  if (halves.length === 2 ? zeros < 2 : zeros !== 0) return null
  const bytes = new Uint8Array(16)
  bytes.set(head, 0)
  bytes.set(tail, 16 - tail.length)
  return bytes
}

/** Bytes of colon-separated groups, or null; the last group may be dotted IPv4 at the end of the address. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [i, part] of groups.entries()) {
    if (IPV6_GROUP.test(part)) {
      const value = Number.parseInt(part, 16)
      bytes.push(value >> 8, value & 255)
      continue
    }
    const ipv4 = last && i === groups.length - 1 ? parseIpv4(part) : null
    if (ipv4 === null) return null
    bytes.push(...ipv4)
  }
  return bytes
}

/**
 * The IPv4 address inside a 16-byte address, or null: IPv4-mapped (RFC 4291 2.5.5.2), NAT64 64:ff9b::/96 (RFC 6052), 6to4 2002::/16 (RFC 3056),
 * and the client's address of Teredo 2001::/32, which is stored inverted (RFC 4380 4).
 */
export function embeddedIpv4(bytes: Uint8Array, at: number): Uint8Array | null {
  if (isMapped(bytes, at) || isNat64(bytes, at)) return bytes.slice(at + 12, at + 16)
  if (group(bytes, at, 0) === 0x2002) return bytes.slice(at + 2, at + 6)
  if (group(bytes, at, 0) === 0x2001 && group(bytes, at, 1) === 0) return bytes.slice(at + 12, at + 16).map((byte) => byte ^ 255)
  return null
}

function isNat64(bytes: Uint8Array, at: number): boolean {
  if (group(bytes, at, 0) !== 0x64 || group(bytes, at, 1) !== 0xff9b) return false
  for (let i = 4; i < 12; i++) if (bytes[at + i] !== 0) return false
  return true
}

/** A hardware address (EUI-48): six bytes at `at`, lower case with colons. */
export function formatMac(bytes: Uint8Array, at: number): string {
  let text = ''
  for (let i = 0; i < 6; i++) text += (i > 0 ? ':' : '') + (bytes[at + i] < 16 ? '0' : '') + bytes[at + i].toString(16)
  return text
}
