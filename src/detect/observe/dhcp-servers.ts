// Who answers DHCP as a server (RFC 2131 3.1), and what it tells its clients to use.
import { formatAddress } from '../../decode/address.ts'
import type { PacketView } from '../../decode/packet.ts'
import { isDhcp } from '../../names/dhcp.ts'
import { BoundedByKey } from './bounded.ts'
import type { DhcpServer } from './observations.ts'

const MAX_SERVERS = 4_096
const BOOT_REPLY = 2
const YOUR_ADDRESS_AT = 16
const OPTIONS_AT = 240
const PAD = 0
const END = 255
/** Options that are read, by number, and how many bytes of data they may have (RFC 2132 3.3, 3.5, 3.8, 9.6, 9.7). */
const OPTIONS = new Map<number, { name: keyof Places; least: number; most: number }>([
  [1, { name: 'subnetMask', least: 4, most: 4 }],
  [3, { name: 'router', least: 4, most: 255 }],
  [6, { name: 'dnsServer', least: 4, most: 255 }],
  [53, { name: 'messageType', least: 1, most: 255 }],
  [54, { name: 'serverId', least: 4, most: 4 }],
])
const OFFER = 2
const ACK = 5

export class DhcpServerObserver {
  readonly list = new BoundedByKey<string, DhcpServer>(MAX_SERVERS)

  /** A datagram from or to the DHCP ports; `mac` is the frame's sender. */
  inspect(flow: number, view: PacketView, mac: string, timeUs: number): void {
    const { bytes, payloadAt: at, end } = view
    if (bytes[at] !== BOOT_REPLY || !isDhcp(bytes, at, end)) return
    const places = readOptions(bytes, at + OPTIONS_AT, end)
    const type = places.messageType < 0 ? 0 : bytes[places.messageType]
    if (type !== OFFER && type !== ACK) return
    const ip =
      places.serverId < 0 ? formatAddress(bytes, view.sourceAt, view.family === 4 ? 4 : 16) : formatAddress(bytes, places.serverId, 4)
    const times = { firstUs: timeUs, lastUs: timeUs }
    const server = this.list.rowOf(`${ip} ${mac}`, () => ({ flow, ip, mac, ...times, answers: 0, router: '', dnsServer: '', network: '' }))
    if (server === null) return
    server.answers++
    server.firstUs = Math.min(server.firstUs, timeUs)
    server.lastUs = Math.max(server.lastUs, timeUs)
    if (places.router >= 0) server.router = formatAddress(bytes, places.router, 4)
    if (places.dnsServer >= 0) server.dnsServer = formatAddress(bytes, places.dnsServer, 4)
    if (places.subnetMask >= 0) server.network = networkOf(bytes, at + YOUR_ADDRESS_AT, places.subnetMask) || server.network
  }
}

/** Offsets of the data of the options that are read, -1 for those that are missing. */
type Places = Record<'subnetMask' | 'router' | 'dnsServer' | 'messageType' | 'serverId', number>

function readOptions(bytes: Uint8Array, at: number, end: number): Places {
  const places: Places = { subnetMask: -1, router: -1, dnsServer: -1, messageType: -1, serverId: -1 }
  let next = at
  while (next + 1 < end && bytes[next] !== END) {
    if (bytes[next] === PAD) {
      next++
      continue
    }
    const dataAt = next + 2
    const length = bytes[next + 1]
    if (dataAt + length > end) break
    const option = OPTIONS.get(bytes[next])
    if (option !== undefined && length >= option.least && length <= option.most) places[option.name] = dataAt
    next = dataAt + length
  }
  return places
}

/** '' for no address, as in the answer to DHCPINFORM. */
function networkOf(bytes: Uint8Array, addressAt: number, maskAt: number): string {
  const network = new Uint8Array(4)
  let prefix = 0
  let isSet = 0
  for (let i = 0; i < 4; i++) {
    isSet |= bytes[addressAt + i]
    network[i] = bytes[addressAt + i] & bytes[maskAt + i]
    for (let bit = 128; bit > 0; bit >>= 1) if ((bytes[maskAt + i] & bit) !== 0) prefix++
  }
  return isSet === 0 ? '' : `${formatAddress(network, 0, 4)}/${prefix}`
}
