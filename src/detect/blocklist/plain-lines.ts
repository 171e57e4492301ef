// The lines that long lists consist of, read without regular expressions: an IPv4 address or network, a domain, nothing else. Any other line is
// left to list-format.ts and indicator.ts, which know all forms.

const DOT = 0x2e
const SLASH = 0x2f
const DASH = 0x2d
const UNDERSCORE = 0x5f
const MAX_LABEL = 63
const MAX_DOMAIN = 253

/** Filled by readIpv4Line: the network's ends. */
export const ipv4Line = { start: 0, end: 0 }

/** True if the line is exactly a.b.c.d or a.b.c.d/n; its ends are then in ipv4Line. */
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

/** True if the line is a domain in lower case: labels of letters, digits, dashes and underscores, the last one begins with a letter. */
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
