// The most frequent lines of long lists, read without regular expressions: only an IPv4 address or network, or only a domain.
// list-format.ts and indicator.ts read all other lines.

const DOT = 0x2e
const SLASH = 0x2f
const DASH = 0x2d
const UNDERSCORE = 0x5f
const MAX_LABEL = 63
const MAX_DOMAIN = 253

/** First and last address of the network; set by readIpv4Line. */
export const ipv4Line = { start: 0, end: 0 }

/** True if the line is exactly a.b.c.d or a.b.c.d/n; ipv4Line then has its first and last address. */
export function readIpv4Line(line: string): boolean {
  let at = 0
  let address = 0
  for (let part = 0; part < 4; part++) {
    const from = at
    let value = 0
    while (at < line.length && isDigit(line.charCodeAt(at)) && at - from < 3) value = value * 10 + line.charCodeAt(at++) - 0x30
    const hasLeadingZero = at - from > 1 && line.charCodeAt(from) === 0x30
    if (at === from || value > 255 || hasLeadingZero) return false
    address = address * 256 + value
    if (part < 3 && line.charCodeAt(at++) !== DOT) return false
  }
  let length = 32
  if (line.charCodeAt(at) === SLASH) {
    const from = ++at
    length = 0
    while (at < line.length && isDigit(line.charCodeAt(at)) && at - from < 2) length = length * 10 + line.charCodeAt(at++) - 0x30
    if (at === from || length === 0 || length > 32) return false
  }
  if (at !== line.length) return false
  const size = 2 ** (32 - length)
  ipv4Line.start = address - (address % size)
  ipv4Line.end = ipv4Line.start + size - 1
  return true
}

/** True if the line is a lower-case domain: labels of letters, digits, hyphens and underscores; the last label begins with a letter. */
export function isDomainLine(line: string): boolean {
  const { length } = line
  if (length < 4 || length > MAX_DOMAIN) return false
  let labelAt = 0
  let labels = 1
  for (let i = 0; i < length; i++) {
    const code = line.charCodeAt(i)
    if (code === DOT) {
      if (i === labelAt || i - labelAt > MAX_LABEL || line.charCodeAt(i - 1) === DASH) return false
      labelAt = i + 1
      labels++
    } else if (!isLetter(code) && !isDigit(code) && code !== UNDERSCORE && !(code === DASH && i > labelAt)) return false
  }
  const last = line.charCodeAt(length - 1)
  return (
    labels > 1 &&
    length - labelAt > 1 &&
    length - labelAt <= MAX_LABEL &&
    isLetter(line.charCodeAt(labelAt)) &&
    last !== DASH &&
    last !== UNDERSCORE
  )
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a
}
