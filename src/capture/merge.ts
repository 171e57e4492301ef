// Merges several captures by time, as mergecap does: the earliest of the next packets comes first. A capture is opened when its first packet is due. Hot path.
import type { CaptureReader } from './index.ts'

/** One capture to merge. */
export interface MergeInput {
  /** Time of its first packet, if it is known before the capture is opened. */
  readonly firstUs: number | undefined
  /** The reader, after the capture is opened. */
  reader: CaptureReader | null
  open(): Promise<CaptureReader>
  /** Called once, after its last packet. */
  finish(): Promise<void>
}

/**
 * Calls onPacket(index of the reader) for every packet, which is in that reader's `packet`.
 * @param onChunk called before more bytes are loaded; returning false ends reading
 */
export async function merge(inputs: MergeInput[], onPacket: (index: number) => void, onChunk: () => boolean): Promise<void> {
  const heads = new Heads(inputs.length)
  for (const [index, { firstUs }] of inputs.entries()) heads.add(index, firstUs ?? Number.NEGATIVE_INFINITY)
  while (heads.length > 0) {
    const index = heads.first
    const input = inputs[index]
    const isNew = input.reader === null
    const reader = input.reader ?? (await input.open())
    if (!isNew && drain(reader, index, heads.nextUs, index < heads.next, onPacket)) {
      heads.moveFirst(reader.packet.timeUs)
      continue
    }
    const hasPacket = await advance(reader, onChunk)
    if (hasPacket === null) return
    if (hasPacket) heads.moveFirst(reader.packet.timeUs)
    else {
      heads.removeFirst()
      await input.finish()
    }
  }
}

/** Loads the reader's next packet; false when it has none, null when reading was ended. */
async function advance(reader: CaptureReader, onChunk: () => boolean): Promise<boolean | null> {
  while (!reader.next()) {
    if (!onChunk()) return null
    // A read that waits ends at an interruption too, as if there were no more.
    if (!(await reader.fill())) return onChunk() ? false : null
  }
  return true
}

/**
 * Passes packets on while no other capture has an earlier one. A separate function, because V8 does not fully optimise a loop that awaits.
 * @param reader has a packet
 * @param untilUs time of the earliest packet of the other captures
 * @param isBefore whether this capture comes first when times are equal
 * @returns whether the reader has another packet, which is later
 */
function drain(reader: CaptureReader, index: number, untilUs: number, isBefore: boolean, onPacket: (index: number) => void): boolean {
  const { packet } = reader
  for (;;) {
    onPacket(index)
    if (!reader.next()) return false
    if (packet.timeUs > untilUs || (packet.timeUs === untilUs && !isBefore)) return true
  }
}

/** The captures that have more packets, by the time of the next one, then in their order: a binary heap. */
class Heads {
  length = 0
  private readonly heap: Int32Array
  /** By capture. */
  private readonly timeUs: Float64Array

  constructor(captures: number) {
    this.heap = new Int32Array(captures)
    this.timeUs = new Float64Array(captures)
  }

  get first(): number {
    return this.heap[0]
  }

  /** The capture with the second earliest packet; a number above all captures if there is none. */
  get next(): number {
    const { heap, length } = this
    if (length < 2) return this.timeUs.length
    return length > 2 && this.isBefore(heap[2], heap[1]) ? heap[2] : heap[1]
  }

  get nextUs(): number {
    return this.length < 2 ? Number.POSITIVE_INFINITY : this.timeUs[this.next]
  }

  add(capture: number, timeUs: number): void {
    const { heap } = this
    this.timeUs[capture] = timeUs
    let at = this.length++
    for (let parent = (at - 1) >> 1; at > 0 && this.isBefore(capture, heap[parent]); parent = (at - 1) >> 1) {
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = capture
  }

  moveFirst(timeUs: number): void {
    this.timeUs[this.heap[0]] = timeUs
    this.sink(this.heap[0])
  }

  removeFirst(): void {
    this.length--
    if (this.length > 0) this.sink(this.heap[this.length])
  }

  /** Puts the capture in the place of the first, and then where it belongs. */
  private sink(capture: number): void {
    const { heap, length } = this
    let at = 0
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && this.isBefore(heap[child + 1], heap[child])) child++
      if (!this.isBefore(heap[child], capture)) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = capture
  }

  private isBefore(one: number, other: number): boolean {
    const difference = this.timeUs[one] - this.timeUs[other]
    return difference < 0 || (difference === 0 && one < other)
  }
}
