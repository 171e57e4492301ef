// Packets that follow -> what the tables hold of them, in the processor's cache before they are added. Hot path.
// With hundreds of thousands of conversations, a packet waits for memory a dozen times: its hosts, its conversation, its row of activity, its TCP record.
// Here these are read for many packets at once, so that the processor waits for several of them together (group prefetching: Chen et al., Improving
// Hash Join Performance through Prefetching, ICDE 2004). It changes nothing: what is guessed wrongly costs time only.
import type { CaptureReader } from './capture/index.ts'
import { NO_BYTES } from './decode/bytes.ts'
import { Protocol } from './decode/codes.ts'
import type { Observer } from './detect/observe/index.ts'
import type { Flows } from './flows/index.ts'
import type { TcpRecords } from './health/tcp-records.ts'
import type { Names } from './names/index.ts'

/** Packets at once: more, and the first are out of the smallest cache before they are added. */
const BATCH = 24
/** The tables of fewer conversations are in the cache anyway. */
const LEAST_FLOWS = 65_536

const LINK_ETHERNET = 1
const VLAN_TYPE = 0x8100

export class LookAhead {
  private readonly flows: Flows
  private readonly tcp: TcpRecords
  private readonly names: Names
  private readonly observer: Observer
  private readonly leastFlows: number
  private bytes: Uint8Array = NO_BYTES
  /** By packet that follows: where it begins and ends. */
  private readonly ranges = new Int32Array(2 * BATCH)
  /** By IP packet among them: IP version, offsets of its addresses and ports, protocol. */
  private readonly family = new Int32Array(BATCH)
  private readonly sourceAt = new Int32Array(BATCH)
  private readonly targetAt = new Int32Array(BATCH)
  private readonly portsAt = new Int32Array(BATCH)
  private readonly protocol = new Int32Array(BATCH)
  /** Its conversation, row of activity and TCP record, -1 for none. */
  private readonly flow = new Int32Array(BATCH)
  private readonly row = new Int32Array(BATCH)
  private readonly record = new Int32Array(BATCH)
  /** Packets that were looked at and are not added yet. */
  private left = 0
  /** The compiler leaves out what nobody uses. */
  private sum = 0

  /** @param leastFlows with fewer conversations nothing is read ahead */
  constructor(flows: Flows, tcp: TcpRecords, names: Names, observer: Observer, leastFlows = LEAST_FLOWS) {
    this.flows = flows
    this.tcp = tcp
    this.names = names
    this.observer = observer
    this.leastFlows = leastFlows
  }

  /** Call before a packet of the reader is added. */
  follow(reader: CaptureReader): void {
    if (--this.left >= 0 || this.flows.table.count < this.leastFlows) return
    this.left = reader.upcoming(this.ranges)
    this.bytes = reader.packet.bytes
    const packets = this.findHeaders(this.left, reader.packet.linkType)
    this.touchHosts(packets)
    this.touchConversations(packets)
  }

  /** Only where headers mostly are: behind Ethernet with at most one tag, or at the start. @returns number of IP packets */
  private findHeaders(packets: number, linkType: number): number {
    const { bytes, ranges } = this
    let found = 0
    for (let i = 0; i < packets; i++) {
      const start = ranges[2 * i]
      const end = ranges[2 * i + 1]
      if (end - start < 20) continue
      const isTagged = ((bytes[start + 12] << 8) | bytes[start + 13]) === VLAN_TYPE
      const ip = linkType !== LINK_ETHERNET ? start : start + (isTagged ? 18 : 14)
      const family = bytes[ip] >> 4
      const portsAt = ip + (family === 4 ? (bytes[ip] & 15) * 4 : 40)
      if ((family !== 4 && family !== 6) || portsAt + 4 > end) continue
      this.family[found] = family
      this.sourceAt[found] = ip + (family === 4 ? 12 : 8)
      this.targetAt[found] = ip + (family === 4 ? 16 : 24)
      this.portsAt[found] = portsAt
      this.protocol[found++] = bytes[ip + (family === 4 ? 9 : 6)]
    }
    return found
  }

  private touchHosts(packets: number): void {
    const { bytes, family, sourceAt, targetAt } = this
    const { hosts } = this.flows
    for (let i = 0; i < packets; i++) {
      this.sum ^= hosts.touch(bytes, sourceAt[i], family[i]) ^ hosts.touch(bytes, targetAt[i], family[i])
    }
  }

  /** A loop reads what the one before has found: within a loop, no packet waits for another. */
  private touchConversations(packets: number): void {
    const { bytes, family, sourceAt, targetAt, portsAt, protocol, flow, row, record, tcp, names, observer } = this
    const { hosts, table, timeline } = this.flows
    let known = 0
    for (let i = 0; i < packets; i++) {
      const source = hosts.find(bytes, sourceAt[i], family[i])
      const target = hosts.find(bytes, targetAt[i], family[i])
      if (source < 0 || target < 0) continue
      const hasPorts = protocol[i] === Protocol.tcp || protocol[i] === Protocol.udp
      const at = portsAt[i]
      const sourcePort = hasPorts ? (bytes[at] << 8) | bytes[at + 1] : -1
      const targetPort = hasPorts ? (bytes[at + 2] << 8) | bytes[at + 3] : -1
      flow[known] = table.likely(source, target, sourcePort, targetPort, protocol[i])
      if (flow[known] >= 0) known++
    }
    let sum = 0
    for (let i = 0; i < known; i++) sum ^= table.touch(flow[i])
    for (let i = 0; i < known; i++) {
      row[i] = timeline.likelyRow(flow[i])
      record[i] = tcp.find(flow[i])
      sum ^= names.budget[flow[i]] ^ observer.watch[flow[i]]
    }
    for (let i = 0; i < known; i++) if (row[i] >= 0) sum ^= timeline.touch(row[i])
    for (let i = 0; i < known; i++) if (record[i] >= 0) sum ^= tcp.touch(record[i])
    this.sum ^= sum
  }
}
