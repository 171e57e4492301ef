// NetBIOS over TCP/IP, name service (RFC 1002 4.2) and datagrams (4.4) -> names that hosts give themselves.
import { formatAddress } from '../decode/address.ts'
import { count, isDnsMessage, skipName } from './dns.ts'
import { responseCodeName } from './dns-codes.ts'
import type { LoggedMessage } from './dns-log.ts'
import { nameText } from './text.ts'

const HEADER_BYTES = 12
const ENCODED_BYTES = 32
const MAX_RECORDS = 32
const NB = 0x20
const NBSTAT = 0x21
/** Top bit of NB_FLAGS and NAME_FLAGS: the name of a group, not of a host. */
const GROUP = 0x80
/** Sixteenth byte of a name: workstation and file server; others are services and groups. */
const HOST_SUFFIXES = new Set([0x00, 0x20])

/** Questions are requested names, with the type NB or NBSTAT. */
export interface NetbiosMessage extends LoggedMessage {
  /** Names that hosts claim; address null: that of the sender. */
  claims: { address: string | null; name: string }[]
}

/** Decodes a NetBIOS name: 32 letters A to P, four bits each; 15 characters and a suffix (RFC 1001 14.1). Null if invalid. */
function netbiosName(bytes: Uint8Array, at: number, end: number): { name: string; suffix: number } | null {
  if (end - at < 1 + ENCODED_BYTES || bytes[at] !== ENCODED_BYTES) return null
  const raw = new Uint8Array(16)
  for (let i = 0; i < ENCODED_BYTES; i++) {
    const nibble = bytes[at + 1 + i] - 0x41
    if (nibble < 0 || nibble > 15) return null
    raw[i >> 1] = (raw[i >> 1] << 4) | nibble
  }
  return { name: paddedName(raw, 0), suffix: raw[15] }
}

/** 15 characters, padded at the end with spaces or zeros. */
function paddedName(bytes: Uint8Array, at: number): string {
  let to = at + 15
  while (to > at && (bytes[to - 1] === 0x20 || bytes[to - 1] === 0)) to--
  return nameText(bytes, at, to)
}

/** @returns null if the bytes are not a message of the name service */
export function parseNetbiosMessage(bytes: Uint8Array, at: number, end: number): NetbiosMessage | null {
  if (!isDnsMessage(bytes, at, end)) return null
  const message: NetbiosMessage = {
    id: count(bytes, at),
    isResponse: (bytes[at + 2] & 0x80) !== 0,
    responseCode: responseCodeName(bytes[at + 3] & 15),
    questions: [],
    answers: '',
    claims: [],
  }
  let next = at + HEADER_BYTES
  let asked: { name: string; suffix: number } | null = null
  for (let i = bytes[at + 5]; i > 0; i--) {
    asked = netbiosName(bytes, next, end)
    next = skipName(bytes, next, end)
    if (asked === null || next < 0 || next + 4 > end) return message
    message.questions.push({ name: asked.name, type: count(bytes, next) === NBSTAT ? 'NBSTAT' : 'NB' })
    next += 4
  }
  const records = Math.min(MAX_RECORDS, count(bytes, at + 6) + count(bytes, at + 8) + count(bytes, at + 10))
  for (let i = 0; i < records; i++) {
    // The record of a registration refers to the name in its question by a pointer.
    const owner = netbiosName(bytes, next, end) ?? asked
    const nameEnd = skipName(bytes, next, end)
    if (nameEnd < 0 || nameEnd + 10 > end) return message
    const dataAt = nameEnd + 10
    const dataEnd = dataAt + count(bytes, nameEnd + 8)
    if (dataEnd > end) return message
    if (count(bytes, nameEnd) === NB && owner !== null) readAddresses(bytes, dataAt, dataEnd, owner, message)
    else if (count(bytes, nameEnd) === NBSTAT) readStatus(bytes, dataAt, dataEnd, message)
    next = dataEnd
  }
  return message
}

/** NB data: flags and address, six bytes each. */
function readAddresses(bytes: Uint8Array, at: number, end: number, owner: { name: string; suffix: number }, message: NetbiosMessage): void {
  for (let entry = at; entry + 6 <= end && entry < at + 6 * MAX_RECORDS; entry += 6) {
    const address = formatAddress(bytes, entry + 2, 4)
    if (message.isResponse) message.answers += (message.answers === '' ? '' : ' ') + address
    if ((bytes[entry] & GROUP) === 0 && HOST_SUFFIXES.has(owner.suffix) && owner.name !== '')
      message.claims.push({ address, name: owner.name })
  }
}

/** NBSTAT data: a count, then 16 bytes of name and two of flags each. */
function readStatus(bytes: Uint8Array, at: number, end: number, message: NetbiosMessage): void {
  if (at >= end) return
  for (let i = 0, entry = at + 1; i < Math.min(bytes[at], MAX_RECORDS) && entry + 18 <= end; i++, entry += 18) {
    if ((bytes[entry + 16] & GROUP) !== 0 || !HOST_SUFFIXES.has(bytes[entry + 15])) continue
    const name = paddedName(bytes, entry)
    if (name !== '') message.claims.push({ address: null, name })
  }
}

/** Source name of a datagram (types 0x10 to 0x12), null if there is none or if it is not a host's. */
export function parseNetbiosDatagram(bytes: Uint8Array, at: number, end: number): { address: string; name: string } | null {
  if (end - at < 14 || bytes[at] < 0x10 || bytes[at] > 0x12) return null
  const source = netbiosName(bytes, at + 14, end)
  if (source === null || source.name === '' || !HOST_SUFFIXES.has(source.suffix)) return null
  return { address: formatAddress(bytes, at + 4, 4), name: source.name }
}
