// "Time exceeded": routers that say a packet has used up its hops (RFC 792; RFC 4443 3.3). Several of them about one target are a traceroute.
import { formatAddress } from '../../decode/address.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { FlowTable } from '../../flows/table.ts'
import { Bounded } from './bounded.ts'
import type { TimeExceeded } from './observations.ts'

const MAX_PAIRS = 10_000
const MAX_ROUTERS = 64
const TIME_EXCEEDED = 11
const TIME_EXCEEDED_V6 = 3
/** Unused bytes between checksum and the quoted header. */
const UNUSED_BYTES = 4

export class TimeExceededObserver {
  readonly list = new Bounded<TimeExceeded>(MAX_PAIRS)
  private readonly pairs = new Map<string, { row: TimeExceeded; routers: Set<number> }>()

  /** An ICMP or ICMPv6 packet; `direction` is the flow's. */
  inspect(flow: number, direction: number, table: FlowTable, view: PacketView, timeUs: number): void {
    const { bytes, end, family } = view
    if (view.icmpType !== (family === 4 ? TIME_EXCEEDED : TIME_EXCEEDED_V6)) return
    const quoted = view.payloadAt + UNUSED_BYTES
    const addressBytes = family === 4 ? 4 : 16
    const targetAt = quoted + (family === 4 ? 16 : 24)
    if (targetAt + addressBytes > end || bytes[quoted] >> 4 !== family) return
    const router = direction === 0 ? table.firstHost(flow) : table.otherHost(flow)
    const source = direction === 0 ? table.otherHost(flow) : table.firstHost(flow)
    const target = formatAddress(bytes, targetAt, addressBytes)
    const key = `${source} ${target}`
    let pair = this.pairs.get(key)
    if (pair === undefined) {
      const row = this.list.add({ source, target, routers: 0, packets: 0, firstUs: timeUs, lastUs: timeUs, flows: [] })
      if (row === null) return
      pair = { row, routers: new Set() }
      this.pairs.set(key, pair)
    }
    const { row, routers } = pair
    row.packets++
    row.firstUs = Math.min(row.firstUs, timeUs)
    row.lastUs = Math.max(row.lastUs, timeUs)
    if (routers.size >= MAX_ROUTERS || routers.has(router)) return
    routers.add(router)
    row.routers = routers.size
    row.flows.push(flow)
  }
}
