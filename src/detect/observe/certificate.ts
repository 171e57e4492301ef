// X.509 certificates (RFC 5280 4.1): names and dates.
import { nameText } from '../../names/text.ts'
import { type DerElement, DerTag, derTimeUs, readDer } from './der.ts'
import type { Certificate } from './observations.ts'

const VERSION_TAG = 0xa0
/** id-at-commonName, 2.5.4.3. */
const COMMON_NAME = [0x55, 0x04, 0x03]
/** Attributes looked at in a name. */
const MAX_ATTRIBUTES = 32

/** The certificate bytes[at..end); null when it is none. */
export function parseCertificate(bytes: Uint8Array, at: number, end: number): Certificate | null {
  const outer = readDer(bytes, at, end)
  if (outer?.tag !== DerTag.sequence) return null
  const body = readDer(bytes, outer.at, outer.end)
  if (body?.tag !== DerTag.sequence) return null
  let next = body.at
  const take = (): DerElement | null => {
    const element = readDer(bytes, next, body.end)
    if (element !== null) next = element.end
    return element
  }
  let element = take()
  if (element?.tag === VERSION_TAG) element = take()
  // The serial number is read by now; the signature's algorithm follows.
  if (element?.tag !== DerTag.integer || take()?.tag !== DerTag.sequence) return null
  const issuer = take()
  const validity = take()
  const subject = take()
  if (issuer?.tag !== DerTag.sequence || validity?.tag !== DerTag.sequence || subject?.tag !== DerTag.sequence) return null
  const notBefore = readDer(bytes, validity.at, validity.end)
  const notAfter = notBefore && readDer(bytes, notBefore.end, validity.end)
  if (!notBefore || !notAfter) return null
  return {
    subject: commonName(bytes, subject),
    issuer: commonName(bytes, issuer),
    isSelfIssued: isSame(bytes, issuer, subject),
    notBeforeUs: derTimeUs(bytes, notBefore),
    notAfterUs: derTimeUs(bytes, notAfter),
  }
}

/** A name is a sequence of sets of attributes: identifier and value (RFC 5280 4.1.2.4). */
function commonName(bytes: Uint8Array, name: DerElement): string {
  let next = name.at
  for (let count = 0; count < MAX_ATTRIBUTES; count++) {
    const set = readDer(bytes, next, name.end)
    if (set === null) return ''
    next = set.end
    const attribute = readDer(bytes, set.at, set.end)
    const type = attribute && readDer(bytes, attribute.at, attribute.end)
    if (!attribute || type?.tag !== DerTag.oid || type.end - type.at !== COMMON_NAME.length) continue
    if (!COMMON_NAME.every((byte, i) => bytes[type.at + i] === byte)) continue
    const value = readDer(bytes, type.end, attribute.end)
    return value === null ? '' : nameText(bytes, value.at, value.end)
  }
  return ''
}

function isSame(bytes: Uint8Array, a: DerElement, b: DerElement): boolean {
  if (a.end - a.at !== b.end - b.at || a.end === a.at) return false
  for (let i = 0; i < a.end - a.at; i++) if (bytes[a.at + i] !== bytes[b.at + i]) return false
  return true
}
