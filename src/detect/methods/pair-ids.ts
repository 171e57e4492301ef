// Pairs of numbers -> numbers from 0, in the order in which pairs come. A Map with a text or a large number for each of a million conversations takes several times longer.
import { doubled, FIRST_ROWS } from '../../column.ts'
import { HASH_SEED, mix } from '../../flows/hash.ts'

export class PairIds {
  count = 0
  private firsts = new Int32Array(FIRST_ROWS)
  private seconds = new Int32Array(FIRST_ROWS)
  /** By hash: number of the pair + 1, 0 for free; at most half full. */
  private slots = new Int32Array(2 * FIRST_ROWS)

  /** @param first from 0, as is `second`. @returns `count` as it was before for a new pair */
  idOf(first: number, second: number): number {
    const { firsts, seconds, slots } = this
    const mask = slots.length - 1
    let slot = hashOf(first, second) & mask
    for (;;) {
      const id = slots[slot] - 1
      if (id < 0) return this.add(slot, first, second)
      if (firsts[id] === first && seconds[id] === second) return id
      slot = (slot + 1) & mask
    }
  }

  first(id: number): number {
    return this.firsts[id]
  }

  second(id: number): number {
    return this.seconds[id]
  }

  private add(slot: number, first: number, second: number): number {
    const id = this.count++
    if (id === this.firsts.length) {
      this.firsts = doubled(this.firsts)
      this.seconds = doubled(this.seconds)
    }
    this.firsts[id] = first
    this.seconds[id] = second
    this.slots[slot] = id + 1
    if (2 * this.count > this.slots.length) this.rehash()
    return id
  }

  private rehash(): void {
    const mask = 2 * this.slots.length - 1
    this.slots = new Int32Array(mask + 1)
    for (let id = 0; id < this.count; id++) {
      let slot = hashOf(this.firsts[id], this.seconds[id]) & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = id + 1
    }
  }
}

function hashOf(first: number, second: number): number {
  return mix(mix(first ^ HASH_SEED) ^ second)
}
