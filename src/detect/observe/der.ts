// A reader of DER (ITU-T X.690 10) as far as certificates and logins need it: every length checked, nothing copied, no recursion.

/** One element: tag, and where its content begins and ends. */
export interface DerElement {
  tag: number
  at: number
  end: number
}

export const DerTag = { integer: 0x02, oid: 0x06, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31 } as const

/**
 * The element that begins at `at`; null when it does not lie within bytes[at..end), or its tag or length is of a form X.509 has no use for.
 * @param isCut the element may go on beyond `end`: then it ends there
 */
export function readDer(bytes: Uint8Array, at: number, end: number, isCut = false): DerElement | null {
  if (end - at < 2 || (bytes[at] & 0x1f) === 0x1f) return null
  let length = bytes[at + 1]
  let contentAt = at + 2
  if (length >= 0x80) {
    const lengthBytes = length & 0x7f
    if (lengthBytes === 0 || lengthBytes > 3 || end - contentAt < lengthBytes) return null
    length = 0
    for (let i = 0; i < lengthBytes; i++) length = (length << 8) | bytes[contentAt + i]
    contentAt += lengthBytes
  }
  if (length > end - contentAt && !isCut) return null
  return { tag: bytes[at], at: contentAt, end: Math.min(end, contentAt + length) }
}

/** UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 writes them, in microseconds since the epoch; NaN for anything else. */
export function derTimeUs(bytes: Uint8Array, time: DerElement): number {
  const text = String.fromCharCode(...bytes.subarray(time.at, Math.min(time.end, time.at + 16)))
  const match = time.tag === DerTag.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(text) : null
  const whole = time.tag === DerTag.generalizedTime ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null
  const parts = match ?? whole
  if (parts === null) return Number.NaN
  const [, year, month, day, hour, minute, second] = parts.map(Number)
  // RFC 5280 4.1.2.5.1: two digits from 50 on are of the last century.
  const fullYear = match === null ? year : year >= 50 ? 1900 + year : 2000 + year
  return Date.UTC(fullYear, month - 1, day, hour, minute, Number.isNaN(second) ? 0 : second) * 1000
}
