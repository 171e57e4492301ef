// Captures and selected conversations -> one pcapng or pcap file with unchanged packets. Two passes: first find the packets, then copy them.
import { CaptureReader } from '../capture/index.ts'
import { type MergeInput, merge } from '../capture/merge.ts'
import type { Sink } from '../capture/pcapng-writer.ts'
import { Repeats } from '../capture/repeats.ts'
import { eachSubframe } from '../capture/subframes.ts'
import { bytesOnWire } from '../capture/wire.ts'
import { decodePacket } from '../decode/index.ts'
import { PacketView } from '../decode/packet.ts'
import { DECODED } from '../decode/status.ts'
import { Flows } from '../flows/index.ts'
import type { CaptureSource } from '../types.ts'
import { Copy, type CopyOptions } from './copy.ts'
import { PacketMarks } from './packet-marks.ts'

export interface Wanted {
  /** By conversation id minus one: its number of packets in the report; 0 if it is not selected. */
  packets: Float64Array
  /** Only packets within this time, microseconds since the epoch, both ends included. */
  fromUs: number
  toUs: number
  /** Options of the report's analysis: most conversations with their own row, and packets read from each capture. */
  maxFlows: number
  /** Packets that are there a second time are in no conversation. */
  deduplicate: boolean
  packetLimits?: number[]
}

export interface SliceHost {
  /** Opens the captures in the report's order; called once for each pass. */
  open(): Promise<CaptureSource[]>
  sink: Sink
  isInterrupted(): boolean
}

export interface Slice {
  packets: number
  /** Bytes of the frames as captured. */
  bytes: number
  /** Conversations whose number of packets differs from the report: it has other captures, or another version made it. */
  differing: number
}

/** @throws CaptureError; an interrupted slice is returned as incomplete */
export async function slice(host: SliceHost, wanted: Wanted, options: CopyOptions): Promise<Slice> {
  const marks = new PacketMarks()
  const differing = await markPackets(await host.open(), wanted, marks, host)
  const sources = await host.open()
  const copy = new Copy(host.sink, sources, options)
  let index = 0
  await readAll(sources, wanted, host, copy, (readers, from) => {
    if (marks.has(index++)) copy.add(readers[from], from)
  })
  copy.finish()
  return { packets: copy.packets, bytes: copy.bytes, differing }
}

/** Finds the conversation of every packet, as the analysis did. @returns number of conversations whose packets differ from the report */
async function markPackets(sources: CaptureSource[], wanted: Wanted, marks: PacketMarks, host: SliceHost): Promise<number> {
  const flows = new Flows(0, wanted.maxFlows)
  const view = new PacketView()
  const { packets, fromUs, toUs } = wanted
  const times = { from: fromUs, to: toUs }
  const found = new Float64Array(packets.length)
  const take = (index: number, flow: number, isInSpan: boolean): void => {
    if (flow >= packets.length || packets[flow] === 0) return
    found[flow]++
    if (isInSpan) marks.add(index)
  }
  const late: { index: number; isInSpan: boolean }[] = []
  flows.onHeldFragment = (held, flow) => take(late[held].index, flow, late[held].isInSpan)
  const repeats = wanted.deduplicate ? new Repeats(true) : null
  let index = -1
  await readAll(sources, wanted, host, null, (readers, from) => {
    index++
    const { packet } = readers[from]
    const isInSpan = packet.timeUs >= times.from && packet.timeUs <= times.to
    const add = (bytes: number): void => {
      flows.frame = late.length
      const flow = flows.add(view, packet.timeUs, bytes)
      if (flow >= 0) take(index, flow, isInSpan)
      else late.push({ index, isInSpan })
    }
    const bytes = bytesOnWire(packet.originalBytes, packet.linkType)
    const status = decodePacket(packet.bytes, packet.start, packet.end, packet.linkType, view)
    const isAggregated = view.nextSubframe >= 0
    if (repeats?.isRepeat(packet, status === DECODED && !isAggregated ? view : null)) return
    if (isAggregated) eachSubframe(packet, view, status, bytes, add)
    else if (status === DECODED) add(bytes)
  })
  flows.finish()
  let differing = 0
  for (let flow = 0; flow < packets.length; flow++) if (packets[flow] !== 0 && packets[flow] !== found[flow]) differing++
  return differing
}

async function readAll(
  sources: CaptureSource[],
  { packetLimits }: Wanted,
  host: SliceHost,
  copy: Copy | null,
  onPacket: (readers: CaptureReader[], from: number) => void,
): Promise<void> {
  const readers: CaptureReader[] = []
  try {
    for (const source of sources) {
      const reader = await CaptureReader.open(source.chunks, source.file)
      if (copy !== null) reader.keepMetadata()
      readers.push(reader)
    }
    const left = packetLimits?.slice() ?? readers.map(() => Number.POSITIVE_INFINITY)
    for (const [i, limit] of left.entries()) if (limit === 0) readers[i].stop()
    await merge(
      readers.map(waiting),
      (from) => {
        onPacket(readers, from)
        if (--left[from] === 0) readers[from].stop()
      },
      () => !host.isInterrupted(),
    )
    copy?.addNames(readers.flatMap((reader) => reader.fileNames))
    for (const reader of readers) await reader.close()
  } finally {
    for (const source of sources) await source.close()
  }
}

/** Open already: what a reader keeps of its file is set before the first packet. */
function waiting(opened: CaptureReader): MergeInput {
  return {
    firstUs: undefined,
    reader: null,
    async open() {
      this.reader = opened
      return opened
    },
    async finish() {},
  }
}
