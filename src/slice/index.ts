// Captures and selected conversations -> one file with unchanged packets, in one pass where that is possible.
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
import { HostPairs } from './host-pairs.ts'
import { PacketMarks } from './packet-marks.ts'
import { PcapCopy } from './pcap-copy.ts'
import type { PairFlows } from './select.ts'

export interface Wanted {
  /** By conversation id minus one: its number of packets in the report; 0 if it is not selected. */
  packets: Float64Array
  /** All conversations between the same hosts, if only these packets need to be looked at. */
  pairs?: PairFlows | null
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
  /** Called before the first byte, and again when what was written must be replaced from its beginning. */
  begin(): Sink
  /** False: what was written cannot be replaced. */
  canReplace: boolean
  isInterrupted(): boolean
}

export interface Slice {
  packets: number
  /** Bytes of the frames as captured. */
  bytes: number
  /** Number of conversations whose number of packets differs from the report: it has other captures, or another version wrote it. */
  differing: number
  /** By capture: SHA-256 as its source says it, of the first pass. */
  digests: (string | null)[]
}

/**
 * One pass: packets are copied while their conversations are found. First only packets between the hosts of selected conversations are looked at; if that
 * does not give the report's numbers of packets, all of them are. @throws CaptureError; an interrupted slice is returned as incomplete
 */
export async function slice(host: SliceHost, wanted: Wanted, options: CopyOptions): Promise<Slice> {
  const pairs = wanted.deduplicate || wanted.chosen !== undefined ? null : (wanted.pairs ?? null)
  const made = await slicePackets(host, wanted, pairs, options)
  if (pairs === null || made.differing === 0 || host.isInterrupted()) return made
  return { ...(await slicePackets(host, wanted, null, options)), digests: made.digests }
}

async function slicePackets(host: SliceHost, wanted: Wanted, pairs: PairFlows | null, options: CopyOptions): Promise<Slice> {
  const marks = new PacketMarks()
  const sources = await host.open()
  const first = host.canReplace ? beginCopy(host.begin(), sources.length, options) : null
  const { differing, inputs, isLate } = await findPackets(sources, wanted, pairs, marks, first, host)
  const digests = inputs.map(({ summary }) => summary?.sha256 ?? null)
  if (pairs !== null && differing > 0) return { packets: 0, bytes: 0, differing, digests }
  const interfaces = inputs.flatMap((input) => input.interfaces)
  const isComplete = first !== null && !isLate && first.suits(interfaces)
  const copy = isComplete ? first : await copyMarked(interfaces, wanted, marks, options, host)
  copy.addNames(inputs.flatMap(({ fileNames }) => fileNames))
  copy.finish()
  return { packets: copy.packets, bytes: copy.bytes, differing, digests }
}

/**
 * Finds the conversation of every packet, as the analysis did, and copies it if that is known at once.
 * @param pairs null: all packets are looked at
 * @param copy null: packets are only marked
 * @returns number of conversations whose packets differ from the report; whether a packet was found to be wanted only after later ones were copied
 */
async function findPackets(
  sources: CaptureSource[],
  wanted: Wanted,
  pairs: PairFlows | null,
  marks: PacketMarks,
  copy: PacketCopy | null,
  host: SliceHost,
): Promise<{ differing: number; inputs: CaptureInput[]; isLate: boolean }> {
  const { packets, fromUs, toUs } = wanted
  const found = new Float64Array(packets.length)
  let index = 0
  let isTaken = false
  let isLate = false
  const take = (at: number, number: number, timeUs: number): void => {
    // Between two hosts conversations begin in the same order, whatever else is in the captures.
    const flow = pairs === null ? number : (pairs.flows[number] ?? -1)
    if (flow < 0 || flow >= packets.length) return
    found[flow]++
    if (packets[flow] === 0 || timeUs < fromUs || timeUs > toUs) return
    marks.add(at)
    if (at === index) isTaken = true
    else isLate = true
  }
  const flows = new Flows(0, wanted.maxFlows)
  flows.keepsTimeline = false
  flows.onHeldFragment = take
  const hosts = pairs === null ? null : new HostPairs(pairs.hosts)
  const ipPackets: IpPackets = new IpPackets(
    wanted.deduplicate || null,
    ({ timeUs }, bytes) => {
      const { view } = ipPackets
      if (hosts === null || hosts.isOne(view)) take(flows.table.frame, flows.add(view, timeUs, bytes), timeUs)
    },
    packetChoice(wanted.chosen),
  )
  // Of several captures, packets are taken in the order of time: none can be passed over unread.
  const passedOver = sources.length === 1 ? hosts : null
  const inputs = await readAll(sources, wanted, host, (input, from) => {
    const { reader, coverage } = input
    const { bytes, start, end, linkType } = reader!.packet
    flows.table.frame = index
    isTaken = false
    if (hosts === null || hosts.mayBe(bytes, start, end, linkType)) ipPackets.read(reader!.packet, coverage)
    else coverage.passOver(1)
    if (isTaken && !isLate) copy?.add(reader!, from)
    index += 1 + (passedOver === null ? 0 : input.passOver(passedOver))
  })
  flows.finish()
  let differing = 0
  if (pairs === null)
    for (let flow = 0; flow < packets.length; flow++) differing += packets[flow] !== 0 && packets[flow] !== found[flow] ? 1 : 0
  else for (const [i, flow] of pairs.flows.entries()) differing += pairs.packets[i] !== found[flow] ? 1 : 0
  return { differing, inputs, isLate }
}

/** A second pass: a fragment that came before its first one is copied at its place, or times are written as all interfaces need them. */
async function copyMarked(
  interfaces: InterfaceRecord[],
  wanted: Wanted,
  marks: PacketMarks,
  options: CopyOptions,
  host: SliceHost,
): Promise<PacketCopy> {
  const sources = await host.open()
  const copy = beginCopy(host.begin(), sources.length, options, interfaces)
  let index = 0
  await readAll(sources, wanted, host, ({ reader, coverage }, from) => {
    const { packet } = reader!
    coverage.add(packet, bytesOnWire(packet.originalBytes, packet.linkType))
    if (marks.has(index++)) copy.add(reader!, from)
  })
  return copy
}

/** @param interfaces of all captures, where they are known */
function beginCopy(sink: Sink, captures: number, options: CopyOptions, interfaces: InterfaceRecord[] = []): PacketCopy {
  return options.format === 'pcap' ? new PcapCopy(sink, interfaces) : new PcapngCopy(sink, captures, options)
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
