// DNS messages (RFC 1035 4), also of mDNS (RFC 6762) and LLMNR (RFC 4795) -> questions, answers, names of addresses. Pointers and counts are bounded.
import { formatAddress } from '../decode/address.ts'
import { dnsTypeName, isDnsType, responseCodeName } from './dns-codes.ts'
import type { LoggedMessage } from './dns-log.ts'
import { addPayload, type DnsPayload } from './dns-payload.ts'
import { nameText } from './text.ts'

export const DNS_HEADER_BYTES = 12
/** More questions than any sensible datagram has; mDNS sends some dozens together. */
const MAX_QUESTIONS = 128
/** An unassigned opcode or class is accepted with at most this many questions: random data rarely has so few. */
const FEW_QUESTIONS = 4
const MAX_RECORDS = 512
/** Labels of one name: 255 bytes hold at most 127 (RFC 1035 2.3.4). */
const MAX_LABELS = 128
const MAX_POINTERS = 128
const MAX_NAME_BYTES = 255
/** Longest text kept of all answers of one message. */
export const MAX_ANSWERS = 1000

/** A record that maps a name to an address, or an address to its name (PTR). */
interface AddressName {
  /** Canonical address text. */
  address: string
  name: string
  isReverse: boolean
}

export interface DnsMessage extends LoggedMessage {
  /** Where CNAME records lead from the only question; '' without one. */
  alias: string
  addresses: AddressName[]
  /** What records for any data hold, if it looks encoded. */
  payload: DnsPayload | null
}

/** True if the 12 bytes at `at` can be a header. Hot path: rejects other traffic on the port. */
export function isDnsHeader(bytes: Uint8Array, at: number): boolean {
  // Counts: questions, answers, authorities, additional records.
  if (bytes[at + 4] !== 0 || bytes[at + 5] > MAX_QUESTIONS || (bytes[at + 5] > FEW_QUESTIONS && isOddOpcode(bytes, at))) return false
  return bytes[at + 6] <= 2 && bytes[at + 8] <= 2 && bytes[at + 10] <= 2
}

/** Opcodes 0 to 6 are assigned (RFC 8490). */
function isOddOpcode(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 2] >> 3) & 15) > 6
}

/** True if bytes[at..end) can be a header and first question. Hot path. */
export function isDnsMessage(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < DNS_HEADER_BYTES || !isDnsHeader(bytes, at)) return false
  if (bytes[at + 5] === 0) return (bytes[at + 2] & 0x80) !== 0 && ((bytes[at + 3] & 15) !== 0 || bytes[at + 7] + bytes[at + 9] !== 0)
  const nameEnd = skipName(bytes, at + DNS_HEADER_BYTES, end)
  if (nameEnd < 0) return false
  // Class: IN, CH, HS, NONE or ANY; the top bit is mDNS's (RFC 6762 5.4).
  const classAt = nameEnd + 2
  if (classAt + 2 > end || bytes[at + 5] <= FEW_QUESTIONS) return true
  const dnsClass = ((bytes[classAt] & 0x7f) << 8) | bytes[classAt + 1]
  return dnsClass <= 4 || dnsClass === 254 || dnsClass === 255
}

/**
 * True if bytes[at..end) is certainly a message, on any port: one question for a name of visible characters, of an assigned type and class, and a
 * header without contradictions.
 */
export function isSureDnsMessage(bytes: Uint8Array, at: number, end: number): boolean {
  if (
    end - at < DNS_HEADER_BYTES + 7 ||
    bytes[at + 4] !== 0 ||
    bytes[at + 5] !== 1 ||
    (bytes[at + 2] & 0x78) !== 0 ||
    (bytes[at + 3] & 0x40) !== 0
  )
    return false
  const records = count(bytes, at + 6) + count(bytes, at + 8)
  if ((bytes[at + 2] & 0x80) === 0 ? records !== 0 || (bytes[at + 3] & 15) !== 0 : records > 100) return false
  if (count(bytes, at + 10) > 32) return false
  const nameEnd = skipName(bytes, at + DNS_HEADER_BYTES, end)
  if (nameEnd < 0 || nameEnd + 4 > end || nameEnd < at + DNS_HEADER_BYTES + 3) return false
  for (let i = at + DNS_HEADER_BYTES; i < nameEnd - 1; i += 1 + bytes[i]) {
    if (bytes[i] > 63) return false
    for (let j = i + 1; j <= i + bytes[i]; j++) if (bytes[j] < 0x21 || bytes[j] > 0x7e) return false
  }
  return isDnsType(count(bytes, nameEnd)) && (count(bytes, nameEnd + 2) & 0x7fff) <= 4 && bytes[nameEnd + 3] !== 0
}

/** @returns null if the bytes are not a message; records after a cut or a contradiction are dropped */
export function parseDnsMessage(bytes: Uint8Array, at: number, end: number): DnsMessage | null {
  if (!isDnsMessage(bytes, at, end)) return null
  const message: DnsMessage = {
    id: (bytes[at] << 8) | bytes[at + 1],
    isResponse: (bytes[at + 2] & 0x80) !== 0,
    responseCode: '',
    questions: [],
    answers: '',
    alias: '',
    addresses: [],
    payload: null,
  }
  let extendedCode = 0
  let next = at + DNS_HEADER_BYTES
  for (let i = bytes[at + 5]; i > 0 && next >= 0; i--) next = readQuestion(bytes, at, next, end, message)
  if (message.questions.length === 1) message.alias = message.questions[0].name
  const answerCount = count(bytes, at + 6)
  const others = count(bytes, at + 8) + count(bytes, at + 10)
  const total = Math.min(MAX_RECORDS, answerCount + others)
  for (let i = 0; i < total && next >= 0; i++) {
    const nameEnd = skipName(bytes, next, end)
    if (nameEnd < 0 || nameEnd + 10 > end) break
    const dataAt = nameEnd + 10
    const dataEnd = dataAt + count(bytes, nameEnd + 8)
    if (dataEnd > end) break
    const type = count(bytes, nameEnd)
    // OPT has the upper bits of the response code in place of the time to live (RFC 6891 6.1.3).
    if (type === 41) extendedCode = bytes[nameEnd + 4] << 4
    else readRecord({ bytes, start: at, at: next, type, dataAt, dataEnd, end }, message, i < answerCount)
    next = dataEnd
  }
  message.responseCode = responseCodeName(extendedCode | (bytes[at + 3] & 15))
  return message
}

/** Unsigned 16 bits, network order. */
export function count(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}

function readQuestion(bytes: Uint8Array, start: number, at: number, end: number, message: DnsMessage): number {
  const nameEnd = skipName(bytes, at, end)
  if (nameEnd < 0) return -1
  const name = dnsName(bytes, start, at, end)
  if (name === null) return -1
  message.questions.push({ name, type: nameEnd + 2 <= end ? dnsTypeName(count(bytes, nameEnd)) : '?' })
  return nameEnd + 4 <= end ? nameEnd + 4 : -1
}

interface DnsRecord {
  bytes: Uint8Array
  /** Offset of the message: pointers are relative to it. */
  start: number
  at: number
  type: number
  dataAt: number
  dataEnd: number
  end: number
}

function readRecord(record: DnsRecord, message: DnsMessage, isAnswer: boolean): void {
  const { bytes, start, type, dataAt, dataEnd, end } = record
  if (isAnswer) message.payload = addPayload(message.payload, type, bytes, dataAt, dataEnd)
  switch (type) {
    case 1:
    case 28: {
      const length = type === 1 ? 4 : 16
      if (dataEnd - dataAt !== length) return
      const address = formatAddress(bytes, dataAt, length)
      // With CNAMEs, the address is recorded under the name that the client asked for; a service's address (DNS-SD) under that of its host.
      const name = dnsName(bytes, start, record.at, end)
      const owner = isAnswer && name === message.alias ? message.questions[0].name : name
      if (isHostName(owner) && message.isResponse) message.addresses.push({ address, name: owner, isReverse: false })
      if (isAnswer) addAnswer(message, address)
      return
    }
    case 12: {
      const name = dnsName(bytes, start, dataAt, end)
      if (name === null) return
      const address = message.isResponse ? reverseAddress(dnsName(bytes, start, record.at, end)) : null
      if (address !== null && isHostName(name)) message.addresses.push({ address, name, isReverse: true })
      if (isAnswer) addAnswer(message, name)
      return
    }
    default: {
      const name = isAnswer ? dnsName(bytes, start, dataAt + nameOffset(type), end, dataEnd) : null
      if (type === 5 && name !== null && dnsName(bytes, start, record.at, end) === message.alias) message.alias = name
      addAnswer(message, name)
    }
  }
}

/** The root and a name that is too long are not host names. */
export function isHostName(name: string | null): name is string {
  return name !== null && name !== '.' && name !== TOO_LONG
}

/** Offset, in the record's data, of the name it points to; NaN for types without one. */
function nameOffset(type: number): number {
  switch (type) {
    case 2: // NS
    case 5: // CNAME
    case 6: // SOA
    case 39: // DNAME
      return 0
    case 15: // MX
    case 64: // SVCB
    case 65: // HTTPS
      return 2
    case 33: // SRV
      return 6
    default:
      return Number.NaN
  }
}

function addAnswer(message: DnsMessage, text: string | null): void {
  if (text === null || message.answers.length + text.length >= MAX_ANSWERS) return
  message.answers = message.answers === '' ? text : `${message.answers} ${text}`
}

/** Offset after the name at `at`, or -1 if it is cut off or invalid. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  for (let labels = 0; labels < MAX_LABELS && next < end; labels++) {
    const length = bytes[next]
    if (length === 0) return next + 1
    if (length >= 0xc0) return next + 2 <= end ? next + 2 : -1
    if (length > 63) return -1
    next += 1 + length
  }
  return -1
}

/** Wireshark's text for a name that pointers make longer than a name can be. */
const TOO_LONG = '<name too long>'
const NAME = new Uint8Array(MAX_NAME_BYTES + 64)

/** The name at `at`, with pointers followed (RFC 1035 4.1.4); "." for the root; null if it is incomplete or loops. */
function dnsName(bytes: Uint8Array, start: number, at: number, end: number, dataEnd = end): string | null {
  if (Number.isNaN(at) || at >= dataEnd) return null
  let next = at
  let length = 0
  for (let steps = 0, pointers = 0; steps < MAX_LABELS + MAX_POINTERS && next < end; steps++) {
    const label = bytes[next]
    if (label === 0) return length === 0 ? '.' : nameText(NAME, 0, length)
    if (label >= 0xc0) {
      if (next + 1 >= end || ++pointers > MAX_POINTERS) return null
      next = start + (((label & 0x3f) << 8) | bytes[next + 1])
      continue
    }
    if (label > 63 || next + 1 + label > end) return null
    if (length + 1 + label > MAX_NAME_BYTES) return TOO_LONG
    if (length > 0) NAME[length++] = 0x2e
    NAME.set(bytes.subarray(next + 1, next + 1 + label), length)
    length += label
    next += 1 + label
  }
  return null
}

/** 4.3.2.1.in-addr.arpa, or 32 nibbles under ip6.arpa (RFC 3596 2.5) -> canonical text. */
function reverseAddress(name: string | null): string | null {
  if (name === null) return null
  if (name.endsWith('.in-addr.arpa')) {
    const parts = name.slice(0, -13).split('.')
    if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null
    return formatAddress(Uint8Array.from(parts.reverse(), Number), 0, 4)
  }
  if (!name.endsWith('.ip6.arpa')) return null
  const nibbles = name.slice(0, -9).split('.').reverse()
  if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) return null
  return formatAddress(
    Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(nibbles[2 * i] + nibbles[2 * i + 1], 16)),
    0,
    16,
  )
}
