// DHCP (RFC 2131) messages -> what a client says of itself: names, vendor class, hardware address; and its address.
import { formatAddress, formatMac } from '../decode/address.ts'
import { dhcpSystem } from './dhcp-system.ts'
import { nameText, plainText } from './text.ts'

const OPTIONS_AT = 240
const MAGIC = [0x63, 0x82, 0x53, 0x63]
const Option = {
  pad: 0,
  hostName: 12,
  requestedAddress: 50,
  messageType: 53,
  requestedOptions: 55,
  vendorClass: 60,
  clientFqdn: 81,
  end: 255,
} as const
const BOOT_REQUEST = 1
const REQUEST = 3
const ACK = 5
const NAK = 6
const INFORM = 8

/** True if bytes[at..end) is BOOTP with DHCP's magic cookie. */
export function isDhcp(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < OPTIONS_AT || (bytes[at] !== 1 && bytes[at] !== 2)) return false
  return MAGIC.every((byte, i) => bytes[at + 236 + i] === byte)
}

/** Of a client's request and of its answer; xid (RFC 2131 2) and hardware address are the same in both. */
export interface DhcpTransaction {
  key: string
  isRequest: boolean
  /** The server assigns the address. */
  isAnswer: boolean
  /** The server refuses the address: the client has it on another network. */
  isRefusal: boolean
}

/** @param bytes that isDhcp() */
export function dhcpTransaction(bytes: Uint8Array, at: number, end: number): DhcpTransaction {
  let type = 0
  for (
    let next = at + OPTIONS_AT;
    next + 2 < end && bytes[next] !== Option.end;
    next += bytes[next] === Option.pad ? 1 : 2 + bytes[next + 1]
  ) {
    if (bytes[next] !== Option.messageType) continue
    type = bytes[next + 2]
    break
  }
  const xid = bytes.subarray(at + 4, at + 8).join()
  const isRequest = bytes[at] === BOOT_REQUEST && type === REQUEST
  return { key: `${xid} ${hardwareAddress(bytes, at)}`, isRequest, isAnswer: type === ACK, isRefusal: type === NAK }
}

/** Texts are '' where the message has none. */
export interface DhcpClient {
  address: string
  /** Options 12 (RFC 2132 3.14) and 81 (RFC 4702). */
  hostName: string
  fullName: string
  /** Option 60 (RFC 2132 9.13) of a message of the client. */
  vendorClass: string
  /** Operating system by option 55 (RFC 2132 9.8) of a message of the client. */
  system: string
  /** chaddr of Ethernet and Wi-Fi. */
  mac: string
}

/** @returns null without an address that is certainly the client's: an offered address may not be used */
export function parseDhcp(bytes: Uint8Array, at: number, end: number): DhcpClient | null {
  if (!isDhcp(bytes, at, end)) return null
  let vendorClass = ''
  let hostName = ''
  let fullName = ''
  let system = ''
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
    else if (bytes[next] === Option.requestedOptions && bytes[at] === BOOT_REQUEST) system = dhcpSystem(bytes, dataAt, dataEnd)
    else if (bytes[next] === Option.vendorClass && bytes[at] === BOOT_REQUEST) vendorClass = plainText(bytes, dataAt, dataEnd)
    else if (bytes[next] === Option.clientFqdn) fullName = clientFqdn(bytes, dataAt, dataEnd)
    next = dataEnd
  }
  const addressAt = addressOf(bytes, at, type, requestedAt)
  if (addressAt < 0) return null
  return { address: formatAddress(bytes, addressAt, 4), hostName, fullName, vendorClass, system, mac: hardwareAddress(bytes, at) }
}

/** '' unless it is of the kind of Ethernet. */
function hardwareAddress(bytes: Uint8Array, at: number): string {
  const isEthernet = bytes[at + 1] === 1 && bytes[at + 2] === 6 && (bytes[at + 28] & 1) === 0
  return isEthernet && bytes.subarray(at + 28, at + 34).some((byte) => byte !== 0) ? formatMac(bytes, at + 28) : ''
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
