// Domains in one byte pool and an open-addressing hash table: room for millions, and one pass compares a name with all its parent domains.
import { HASH_SEED, mix } from '../../flows/hash.ts'
import { grown } from './growing.ts'

const NONE = -1
const DOT = 0x2e
/** RFC 1035 2.3.4. */
export const MAX_DOMAIN = 253

export class DomainSet {
  private count = 0
  /** All domains, one after the other, each with its characters in reverse order. */
  private pool = new Uint8Array(16_384)
  private used = 0
  private offsets = new Uint32Array(1024)
  private entries = new Int32Array(1024)
  private hashes = new Int32Array(1024)
  /** Hash table: number + 1 of a domain, 0 for a free slot; at most half full. */
  private slots = new Int32Array(4096)

  /** The domain is ASCII, lower case, at most 253 characters. If it is there already, its first entry stays. */
  add(domain: string, entry: number): void {
    let hash = HASH_SEED
    for (let i = domain.length - 1; i >= 0; i--) hash = step(hash, domain.charCodeAt(i))
    const slot = this.slotOf(domain, 0, mix(hash))
    if (this.slots[slot] !== 0) return
    const number = this.count++
    this.offsets = grown(this.offsets, number + 2)
    this.entries = grown(this.entries, number + 1)
    this.hashes = grown(this.hashes, number + 1)
    this.pool = grown(this.pool, this.used + domain.length)
    for (let i = domain.length - 1; i >= 0; i--) this.pool[this.used++] = domain.charCodeAt(i)
    this.offsets[number + 1] = this.used
    this.entries[number] = entry
    this.hashes[number] = mix(hash)
    this.slots[slot] = number + 1
    if (this.count * 2 > this.slots.length) this.rehash()
  }

  /** @returns the entry of the name or of its nearest parent domain, -1 for none */
  find(name: string): number {
    if (this.count === 0 || name.length > MAX_DOMAIN) return NONE
    let found = NONE
    let hash = HASH_SEED
    let hasDot = false
    for (let i = name.length - 1; i >= 0; i--) {
      const code = name.charCodeAt(i)
      // A label ends here. The top-level label alone is not looked up, because no list means a whole top-level domain.
      if (code === DOT) {
        if (hasDot) found = this.entryOf(name, i + 1, mix(hash), found)
        hasDot = true
      }
      hash = step(hash, code)
    }
    return hasDot ? this.entryOf(name, 0, mix(hash), found) : found
  }

  private entryOf(name: string, from: number, hash: number, otherwise: number): number {
    const number = this.slots[this.slotOf(name, from, hash)]
    return number === 0 ? otherwise : this.entries[number - 1]
  }

  /** The slot of name[from..], or the free slot where it would be stored. */
  private slotOf(name: string, from: number, hash: number): number {
    const mask = this.slots.length - 1
    let slot = hash & mask
    while (this.slots[slot] !== 0 && !this.is(this.slots[slot] - 1, name, from, hash)) slot = (slot + 1) & mask
    return slot
  }

  private is(number: number, name: string, from: number, hash: number): boolean {
    if (this.hashes[number] !== hash) return false
    const at = this.offsets[number]
    const length = this.offsets[number + 1] - at
    if (length !== name.length - from) return false
    for (let i = 0; i < length; i++) if (this.pool[at + i] !== name.charCodeAt(name.length - 1 - i)) return false
    return true
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2)
    const mask = this.slots.length - 1
    for (let number = 0; number < this.count; number++) {
      let slot = this.hashes[number] & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = number + 1
    }
  }
}

function step(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193)
}
