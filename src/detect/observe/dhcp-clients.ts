// DHCP requests (RFC 2131) -> the most clients that asked within a minute of each rush, and how many of them were asked for by another machine.
import { formatMac } from '../../decode/address.ts'
import { be16, be32 } from '../../decode/bytes.ts'
import type { PacketView } from '../../decode/packet.ts'
import { isDhcp } from '../../names/dhcp.ts'
import { Bounded } from './bounded.ts'
import type { DhcpClients } from './observations.ts'

const WINDOW_US = 60_000_000
/** Clients of a minute that are remembered. */
const MAX_CLIENTS = 4096
const MAX_RUSHES = 1000
/** Fewer clients are no rush, and not kept. */
const LEAST_CLIENTS = 20
const BOOT_REQUEST = 1
const ETHERNET = 1
const HARDWARE_TYPE_AT = 1
const HOPS_AT = 3
const RELAY_AT = 24
const CLIENT_HARDWARE_AT = 28

interface Asked {
  atUs: number
  /** The frame's sender is another than the client that is named. */
  isForeign: boolean
}

export class DhcpClientObserver {
  /** By hardware address, in the order of their last request. */
  private readonly recent = new Map<number, Asked>()
  private foreign = 0
  readonly list = new Bounded<DhcpClients>(MAX_RUSHES)
  private rush: DhcpClients | null = null

  /** A datagram from or to the DHCP ports; `mac` is the frame's sender, '' if the link layer has none. What a relay sends on is not counted. */
  inspect(flow: number, { bytes, payloadAt: at, end }: PacketView, mac: string, timeUs: number): void {
    if (bytes[at] !== BOOT_REQUEST || bytes[at + HARDWARE_TYPE_AT] !== ETHERNET || !isDhcp(bytes, at, end)) return
    if (bytes[at + HOPS_AT] !== 0 || be32(bytes, at + RELAY_AT) !== 0) return
    const client = be16(bytes, at + CLIENT_HARDWARE_AT) * 2 ** 32 + be32(bytes, at + CLIENT_HARDWARE_AT + 2)
    this.forget(client)
    for (const [old, { atUs }] of this.recent) {
      if (timeUs - atUs <= WINDOW_US && this.recent.size < MAX_CLIENTS) break
      this.forget(old)
    }
    // A minute without requests ends a rush.
    if (this.recent.size === 0) this.rush = null
    const isForeign = mac !== '' && mac !== formatMac(bytes, at + CLIENT_HARDWARE_AT)
    this.recent.set(client, { atUs: timeUs, isForeign })
    if (isForeign) this.foreign++
    const { size } = this.recent
    if (size < LEAST_CLIENTS || (this.rush !== null && size <= this.rush.clients)) return
    this.rush ??= this.list.add({ flow, clients: 0, foreign: 0, mac: '', firstUs: timeUs, lastUs: timeUs })
    if (this.rush === null) return
    const firstUs = Math.min(timeUs, this.recent.values().next().value!.atUs)
    Object.assign(this.rush, { flow, clients: size, foreign: this.foreign, firstUs, lastUs: timeUs })
    if (isForeign) this.rush.mac = mac
  }

  private forget(client: number): void {
    if (this.recent.get(client)?.isForeign === true) this.foreign--
    this.recent.delete(client)
  }
}
