// A flow record -> its conversation and its place in the timeline, in which its packets and bytes are spread over its time.
import type { FlowRecord } from '../capture/flow-records/record.ts'
import { MAX_PACKETS } from '../capture/flow-records/values.ts'
import { CaptureError } from '../errors.ts'
import type { PacketSample } from './packet-sample.ts'
import type { FlowTable } from './table.ts'
import type { Timeline } from './timeline.ts'

/** Parts into which the time of a record is divided: its rows of activity, and so memory, grow with records alone. */
const PARTS = 64

/** @throws CaptureError if the row counts many conversations and its counters have no room */
export function checkRoom(table: FlowTable, flow: number, record: FlowRecord): void {
  const packets = table.forwardPackets(flow) + table.backwardPackets(flow) + record.sourcePackets + record.targetPackets
  if (packets <= MAX_PACKETS) return
  throw new CaptureError(
    `line ${record.line} of a flow log: more than ${MAX_PACKETS} packets between two hosts that have one row: give a larger --max-memory or fewer files`,
  )
}

/** @param direction of the record's source @param sample its flags and frame; times and numbers are replaced */
export function spread(timeline: Timeline, flow: number, direction: number, record: FlowRecord, sample: PacketSample): void {
  spreadDirection(timeline, flow, direction, record, record.sourcePackets, record.sourceBytes, sample)
  spreadDirection(timeline, flow, 1 - direction, record, record.targetPackets, record.targetBytes, sample)
  timeline.cover(record.endUs)
  sample.packets = 1
}

/** The first packet is at the beginning of the record, the last part at its end; every part has whole packets, and the sums are exact. */
function spreadDirection(
  timeline: Timeline,
  flow: number,
  direction: number,
  { startUs, endUs }: FlowRecord,
  packets: number,
  bytes: number,
  sample: PacketSample,
): void {
  const parts = endUs > startUs ? Math.min(PARTS, packets) : Math.min(1, packets)
  let packetsBefore = 0
  let bytesBefore = 0
  for (let part = 1; part <= parts; part++) {
    // In one tick with the end of the record, the parts are one.
    if (part > 1 && timeline.isInTick(endUs)) part = parts
    const packetsSoFar = Math.floor((packets * part) / parts)
    const bytesSoFar = Math.floor(bytes * (packetsSoFar / packets))
    sample.timeUs = parts === 1 ? startUs : startUs + Math.floor(((endUs - startUs) * (part - 1)) / (parts - 1))
    sample.packets = packetsSoFar - packetsBefore
    sample.bytes = bytesSoFar - bytesBefore
    timeline.add(flow, direction, sample)
    packetsBefore = packetsSoFar
    bytesBefore = bytesSoFar
  }
}
