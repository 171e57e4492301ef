// Ends of conversations, the same for both directions -> the latest conversation between them.
import { HASH_SEED, mix } from '../flows/hash.ts'
import { ColumnMemory } from './column-memory.ts'

/** Protocol, then host and port of both ends. */
const INTS = 5

export class EndsIndex {
  /** By piece. */
  private readonly ends: Int32Array
  /** Pieces + 1, 0 for none; open addressing. */
  private readonly slots: Int32Array

  constructor(pieces: number) {
    const memory = new ColumnMemory()
    this.ends = memory.take(Int32Array, pieces * INTS)
    this.slots = memory.take(Int32Array, 2 ** Math.ceil(Math.log2(Math.max(2, pieces * 2))))
  }

  /** @param port -1 for none */
  set(piece: number, protocol: number, client: number, clientPort: number, server: number, serverPort: number): void {
    const isInOrder = client < server || (client === server && clientPort <= serverPort)
    const [first, second] = isInOrder ? [1, 3] : [3, 1]
    const { ends } = this
    const at = piece * INTS
    ends[at] = protocol
    ends[at + first] = client
    ends[at + first + 1] = clientPort
    ends[at + second] = server
    ends[at + second + 1] = serverPort
  }

  /** @returns the slot of the latest piece that keep() was called with of those between the same ends, or a free one */
  find(piece: number): number {
    const { slots, ends } = this
    const mask = slots.length - 1
    let hash = HASH_SEED
    for (let i = 0; i < INTS; i++) hash = mix(hash ^ ends[piece * INTS + i])
    let slot = hash & mask
    while (slots[slot] !== 0 && !this.isSame(slots[slot] - 1, piece)) slot = (slot + 1) & mask
    return slot
  }

  /** @returns -1 for a free slot */
  at(slot: number): number {
    return this.slots[slot] - 1
  }

  keep(slot: number, piece: number): void {
    this.slots[slot] = piece + 1
  }

  private isSame(a: number, b: number): boolean {
    const { ends } = this
    for (let i = 0; i < INTS; i++) if (ends[a * INTS + i] !== ends[b * INTS + i]) return false
    return true
  }
}
