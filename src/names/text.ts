// Bytes of a packet -> the text of a name. Text only, never markup or terminal escapes: invisible characters are written as escapes.

/** Longest name kept, in UTF-16 units; a domain name has at most 253 (RFC 1035 2.3.4). */
const MAX_NAME = 255

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const LINE = new Uint8Array(MAX_NAME)
/** Controls, invisible and direction-changing format characters, line separators, unassigned code points. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}]/gu
const SHORT = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
])

/**
 * The name in bytes[at..end): lower case, without the root's dot at its end, at most MAX_NAME long. Invisible characters are escaped as in
 * Wireshark: \t and similar, a backslash and three octal digits for other control characters (\033), \u and four digits or \U and eight for other
 * invisible characters; bytes that are not UTF-8 become the replacement character U+FFFD.
 */
export function nameText(bytes: Uint8Array, at: number, end: number): string {
  const length = end - at
  if (length > MAX_NAME) return cleanName(UTF8.decode(bytes.subarray(at, Math.min(at + 4 * MAX_NAME, end))))
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i]
    if (byte < 0x21 || byte > 0x7e || byte === 0x5c) return cleanName(UTF8.decode(bytes.subarray(at, end)))
    LINE[i] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  const kept = length > 1 && LINE[length - 1] === 0x2e ? length - 1 : length
  return String.fromCharCode.apply(null, LINE.subarray(0, kept) as unknown as number[])
}

/** As nameText(), for text that is already decoded. */
export function cleanName(text: string): string {
  if (isClean(text)) return text
  let name = visible(cut(text, MAX_NAME).toLowerCase()).trim()
  if (name.length > 1 && name.endsWith('.')) name = name.slice(0, -1)
  return cut(name, MAX_NAME)
}

function isClean(text: string): boolean {
  if (text.length > MAX_NAME || text.endsWith('.')) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e || (code >= 0x41 && code <= 0x5a)) return false
  }
  return true
}

/** The text in bytes[at..end) as it is written, without spaces around it, at most MAX_NAME long; invisible characters are escaped. */
export function plainText(bytes: Uint8Array, at: number, end: number): string {
  const text = UTF8.decode(bytes.subarray(at, Math.min(end, at + 4 * MAX_NAME)))
  return cut(visible(cut(text.trim(), MAX_NAME)), MAX_NAME)
}

/** Text with all invisible characters escaped. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped)
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x80) return SHORT.get(character) ?? `\\${code.toString(8).padStart(3, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

/** At most `length` UTF-16 units, never half a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length)
}
