// X.509 certificates (RFC 5280 4.1): names, dates and digest.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { nameText } from '../../names/text.ts'
import { type DerElement, DerTag, derTimeUs, readDer } from './der.ts'
import type { Certificate } from './observations.ts'

const VERSION_TAG = 0xa0
/** id-at-commonName, 2.5.4.3. */
const COMMON_NAME = [0x55, 0x04, 0x03]
/** Most attributes read from a name. */
const MAX_ATTRIBUTES = 32

/** Most certificates kept: a server sends the same one to all clients. */
const MAX_KNOWN = 4096

/** Parses each certificate once. */
export class Certificates {
  /** By length and two digests. */
  private readonly known = new Map<string, Certificate | null>()

  /** Parses the certificate bytes[at..end); null if it is not a certificate, or if there were too many different ones. */
  read(bytes: Uint8Array, at: number, end: number): Certificate | null {
    const key = `${end - at} ${digest(bytes, at, end, 0x811c9dc5)} ${digest(bytes, at, end, 0x9747b28c)}`
    const found = this.known.get(key)
    if (found !== undefined) return found
    if (this.known.size >= MAX_KNOWN) return null
    const certificate = parseCertificate(bytes, at, end)
    this.known.set(key, certificate)
    return certificate
  }
}

function digest(bytes: Uint8Array, at: number, end: number, seed: number): number {
  let hash = seed
  for (let i = at; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return hash
}

/** Parses the certificate bytes[at..end); null if it is not a certificate. */
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
  const common = commonName(bytes, subject)
  const alternatives = alternativeNames(bytes, subject.end, body.end)
  return {
    sha256: bytesToHex(sha256(bytes.subarray(at, end))),
    names: alternatives.names.length > 0 || common === '' ? alternatives.names : [common],
    hasAllNames: alternatives.areAll,
    subject: common,
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

/** Explicit tags of the certificate's last part and of the kinds of names in it (RFC 5280 4.1, 4.2.1.6). */
const EXTENSIONS_TAG = 0xa3
const DNS_NAME = 0x82
const OCTET_STRING = 0x04
/** id-ce-subjectAltName, 2.5.29.17. */
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11]
const MAX_NAMES = 64
const MAX_EXTENSIONS = 64

/** The host names among the subject's alternative names; the key and two optional numbers come before the extensions. */
function alternativeNames(bytes: Uint8Array, at: number, end: number): { names: string[]; areAll: boolean } {
  let part = readDer(bytes, at, end)
  for (let count = 0; part !== null && part.tag !== EXTENSIONS_TAG && count < 3; count++) part = readDer(bytes, part.end, end)
  const list = part?.tag === EXTENSIONS_TAG ? readDer(bytes, part.at, part.end) : null
  if (list === null) return { names: [], areAll: true }
  let next = list.at
  for (let count = 0; count < MAX_EXTENSIONS; count++) {
    const extension = readDer(bytes, next, list.end)
    if (extension === null) return { names: [], areAll: next >= list.end }
    next = extension.end
    const type = readDer(bytes, extension.at, extension.end)
    if (type?.tag !== DerTag.oid || type.end - type.at !== SUBJECT_ALT_NAME.length) continue
    if (!SUBJECT_ALT_NAME.every((byte, i) => bytes[type.at + i] === byte)) continue
    let value = readDer(bytes, type.end, extension.end)
    // A flag that says whether the extension is critical may come first.
    if (value !== null && value.tag !== OCTET_STRING) value = readDer(bytes, value.end, extension.end)
    const names = value === null ? null : readDer(bytes, value.at, value.end)
    return names === null ? { names: [], areAll: false } : hostNames(bytes, names)
  }
  return { names: [], areAll: false }
}

function hostNames(bytes: Uint8Array, list: DerElement): { names: string[]; areAll: boolean } {
  const names: string[] = []
  let next = list.at
  while (next < list.end) {
    const name = readDer(bytes, next, list.end)
    if (name?.tag !== DNS_NAME || names.length === MAX_NAMES) return { names, areAll: false }
    names.push(nameText(bytes, name.at, name.end))
    next = name.end
  }
  return { names, areAll: true }
}
