// DHCP (RFC 2131) messages -> the host name that a client gives itself, and its address.
import { formatAddress } from '../decode/address.ts'
import { nameText } from './text.ts'

const OPTIONS_AT = 240
const MAGIC = [0x63, 0x82, 0x53, 0x63]
const Option = { pad: 0, hostName: 12, requestedAddress: 50, messageType: 53, clientFqdn: 81, end: 255 } as const
const REQUEST = 3
const ACK = 5
const INFORM = 8

/** True if bytes[at..end) is BOOTP with DHCP's magic cookie. */
export function isDhcp(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < OPTIONS_AT || (bytes[at] !== 1 && bytes[at] !== 2)) return false
  return MAGIC.every((byte, i) => bytes[at + 236 + i] === byte)
}

/** @returns null without a name or without an address that is certainly the client's: an offered address may not be used */
export function parseDhcp(bytes: Uint8Array, at: number, end: number): { address: string; name: string } | null {
  if (!isDhcp(bytes, at, end)) return null
  let hostName = ''
  let fullName = ''
  let type = 0
  let requestedAt = -1
  let next = at + OPTIONS_AT
  while (next + 1 < end && bytes[next] !== Option.end) {
    if (bytes[next] === Option.pad) {
      next++
      continue
    }
    const dataAt = next + 2
    const dataEnd = dataAt + bytes[next + 1]
    if (dataEnd > end) break
    if (bytes[next] === Option.messageType && dataEnd > dataAt) type = bytes[dataAt]
    else if (bytes[next] === Option.requestedAddress && dataEnd - dataAt === 4) requestedAt = dataAt
    else if (bytes[next] === Option.hostName && dataEnd > dataAt) hostName = nameText(bytes, dataAt, withoutZeros(bytes, dataAt, dataEnd))
    else if (bytes[next] === Option.clientFqdn) fullName = clientFqdn(bytes, dataAt, dataEnd)
    next = dataEnd
  }
  const name = fullName || hostName
  if (name === '') return null
  const addressAt = addressOf(bytes, at, type, requestedAt)
  return addressAt < 0 ? null : { address: formatAddress(bytes, addressAt, 4), name }
}

/** The address that the client has (ciaddr), was assigned (yiaddr of an ACK) or requests again. */
function addressOf(bytes: Uint8Array, at: number, type: number, requestedAt: number): number {
  if (type === ACK && isSet(bytes, at + 16)) return at + 16
  if ((type === REQUEST || type === INFORM || type === ACK) && isSet(bytes, at + 12)) return at + 12
  return type === REQUEST ? requestedAt : -1
}

function isSet(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] | bytes[at + 1] | bytes[at + 2] | bytes[at + 3]) !== 0
}

/** Some clients include a terminating zero. */
function withoutZeros(bytes: Uint8Array, at: number, end: number): number {
  let to = end
  while (to > at && bytes[to - 1] === 0) to--
  return to
}

/** Option 81 (RFC 4702): flags and two response codes, then a name as labels when bit 2 (E) of the flags is set, else as text. */
function clientFqdn(bytes: Uint8Array, at: number, end: number): string {
  if (end - at < 4) return ''
  if ((bytes[at] & 4) === 0) return nameText(bytes, at + 3, withoutZeros(bytes, at + 3, end))
  const labels: string[] = []
  for (let label = at + 3; label < end && bytes[label] > 0; label += 1 + bytes[label]) {
    if (bytes[label] > 63 || label + 1 + bytes[label] > end) return ''
    labels.push(nameText(bytes, label + 1, label + 1 + bytes[label]))
  }
  return labels.join('.')
}
