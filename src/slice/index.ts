// Captures and selected conversations -> one file with unchanged packets. Two passes: first find the packets, then copy them.
import type { InterfaceRecord } from '../capture/format.ts'
import { CaptureInput } from '../capture/input.ts'
import { IpPackets } from '../capture/ip-packets.ts'
import { merge } from '../capture/merge.ts'
import type { Sink } from '../capture/pcapng-writer.ts'
import { bytesOnWire } from '../capture/wire.ts'
import { packetChoice } from '../choice/packet-choice.ts'
import { Flows } from '../flows/index.ts'
import type { CaptureSource, ChosenPackets } from '../types.ts'
import { type CopyOptions, type PacketCopy, PcapngCopy } from './copy.ts'
import { PacketMarks } from './packet-marks.ts'
import { PcapCopy } from './pcap-copy.ts'

export interface Wanted {
  /** By conversation id minus one: its number of packets in the report; 0 if it is not selected. */
  packets: Float64Array
  /** Only packets within this time, microseconds since the epoch, both ends included. */
  fromUs: number
  toUs: number
  /** Options of the report's analysis: most conversations with their own row, and packets read from each capture. */
  maxFlows: number
  /** True: repeated packets belong to no conversation. */
  deduplicate: boolean
  packetLimits?: number[] | undefined
  /** Packets that the analysis read; undefined: all. */
  chosen?: ChosenPackets | undefined
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
  /** Number of conversations whose number of packets differs from the report: it has other captures, or another version wrote it. */
  differing: number
}

/** @throws CaptureError; an interrupted slice is returned as incomplete */
export async function slice(host: SliceHost, wanted: Wanted, options: CopyOptions): Promise<Slice> {
  const marks = new PacketMarks()
  const { differing, interfaces } = await markPackets(await host.open(), wanted, marks, host)
  const sources = await host.open()
  const copy: PacketCopy =
    options.format === 'pcap' ? new PcapCopy(host.sink, interfaces) : new PcapngCopy(host.sink, sources.length, options)
  let index = 0
  const inputs = await readAll(sources, wanted, host, ({ reader, coverage }, from) => {
    const { packet } = reader!
    coverage.add(packet, bytesOnWire(packet.originalBytes, packet.linkType))
    if (marks.has(index++)) copy.add(reader!, from)
  })
  copy.addNames(inputs.flatMap(({ fileNames }) => fileNames))
  copy.finish()
  return { packets: copy.packets, bytes: copy.bytes, differing }
}

/** Finds the conversation of every packet, as the analysis did. @returns number of conversations whose packets differ from the report; all interfaces */
async function markPackets(
  sources: CaptureSource[],
  wanted: Wanted,
  marks: PacketMarks,
  host: SliceHost,
): Promise<{ differing: number; interfaces: InterfaceRecord[] }> {
  const { packets, fromUs, toUs } = wanted
  const found = new Float64Array(packets.length)
  const take = (index: number, flow: number, timeUs: number): void => {
    if (flow < 0 || flow >= packets.length || packets[flow] === 0) return
    found[flow]++
    if (timeUs >= fromUs && timeUs <= toUs) marks.add(index)
  }
  const flows = new Flows(0, wanted.maxFlows)
  flows.onHeldFragment = take
  const ipPackets: IpPackets = new IpPackets(
    wanted.deduplicate,
    ({ timeUs }, bytes) => take(flows.table.frame, flows.add(ipPackets.view, timeUs, bytes), timeUs),
    packetChoice(wanted.chosen),
  )
  let index = 0
  const inputs = await readAll(sources, wanted, host, ({ reader, coverage }) => {
    flows.table.frame = index++
    ipPackets.read(reader!.packet, coverage)
  })
  flows.finish()
  let differing = 0
  for (let flow = 0; flow < packets.length; flow++) if (packets[flow] !== 0 && packets[flow] !== found[flow]) differing++
  return { differing, interfaces: inputs.flatMap(({ interfaces }) => interfaces) }
}

/** @param onPacket counts the reader's packet in the coverage @returns the captures, read */
async function readAll(
  sources: CaptureSource[],
  { packetLimits }: Wanted,
  host: SliceHost,
  onPacket: (input: CaptureInput, from: number) => void,
): Promise<CaptureInput[]> {
  const inputs = sources.map((source, i) => new CaptureInput(source, packetLimits?.[i], true))
  try {
    await merge(
      inputs,
      (from) => {
        onPacket(inputs[from], from)
        inputs[from].countDown()
      },
      () => !host.isInterrupted(),
    )
  } finally {
    for (const source of sources) await source.close()
  }
  return inputs
}
