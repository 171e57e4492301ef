// Packets straight into Flows: what a test of conversations needs to say, and no more.
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { DECODED } from '../../src/decode/status.ts'
import { Flows } from '../../src/flows/index.ts'
import { ethernet, type Layer } from './build.ts'

/** Feeds [seconds, packet] pairs; answers the tables and each packet's flow id. */
export function flowsOf(packets: [number, Layer][], maxPackets = 1000, maxFlows?: number): { flows: Flows; ids: number[] } {
  const flows = new Flows(maxPackets, maxFlows)
  const view = new PacketView()
  const ids = packets.map(([seconds, packet]) => {
    const bytes = ethernet(packet)
    if (decodePacket(bytes, 0, bytes.length, 1, view) !== DECODED) throw new Error('the test built a packet without IP')
    return flows.add(view, seconds * 1e6, bytes.length)
  })
  flows.finish()
  return { flows, ids }
}
