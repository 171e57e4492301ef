// Address bytes -> host id; an open-addressing table. Hot path: intern() runs twice per packet.

import { doubled, FIRST_ROWS } from '../column.ts'
import { formatAddress, parseAddress } from '../decode/address.ts'
import { scopeOf } from '../decode/scope.ts'
import type { Scope } from '../types.ts'
import { HASH_SEED, mix } from './hash.ts'

/** Addresses as plain data. */
export interface HostAddresses {
  /** 16 bytes per host; IPv4 uses the first 4. */
  bytes: Uint8Array
  /** 4 or 6, by host. */
  families: Uint8Array
}

export class HostTable {
  count = 0
  /** Host that counts all IPv4 addresses without a row of their own, -1 for none; any6 likewise. */
  private any4 = -1
  private any6 = -1
  private limit: number
  /** Four big-endian words per host; IPv4 uses the first. */
  private words = new Uint32Array(4 * FIRST_ROWS)
  private families = new Uint8Array(FIRST_ROWS)
  /** By hash: 2 * (host id + 1), plus 1 for IPv6; 0 for free. At most half full. */
  private slots = new Int32Array(4 * FIRST_ROWS)
  private readonly scratch = new Uint8Array(16)
  /** Made on first use: geolocation, names and the database all need them. */
  private readonly texts: string[] = []

  /** @param limit number of hosts with a row of their own */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.limit = limit
  }

  /** @returns the host's id; ids count up from 0 in the order of first appearance */
  intern(bytes: Uint8Array, at: number, family: number): number {
    const slot = this.slotOf(bytes, at, family)
    const entry = this.slots[slot]
    return entry === 0 ? this.insert(slot, bytes, at, family) : (entry >> 1) - 1
  }

  /** The host's id if it has one, else -1. */
  find(bytes: Uint8Array, at: number, family: number): number {
    return (this.slots[this.slotOf(bytes, at, family)] >> 1) - 1
  }

  /** As find(), of text; -1 also for what is no address. */
  findText(address: string): number {
    const bytes = parseAddress(address)
    return bytes === null ? -1 : this.find(bytes, 0, bytes.length === 4 ? 4 : 6)
  }

  /** Reads where find() begins, for look-ahead.ts. */
  touch(bytes: Uint8Array, at: number, family: number): number {
    const a = word(bytes, at)
    const hash = family === 6 ? this.hash6(a, word(bytes, at + 4), word(bytes, at + 8), word(bytes, at + 12)) : mix(a ^ HASH_SEED)
    const entry = this.slots[hash & (this.slots.length - 1)]
    return entry === 0 ? 0 : this.words[((entry >> 1) - 1) * 4]
  }

  /** The slot that the address has, or will have. */
  private slotOf(bytes: Uint8Array, at: number, family: number): number {
    const { slots, words } = this
    const mask = slots.length - 1
    const a = word(bytes, at)
    if (family === 6) return this.slotOf6(a, bytes, at)
    let slot = mix(a ^ HASH_SEED) & mask
    for (;;) {
      const entry = slots[slot]
      if (entry === 0 || (words[((entry >> 1) - 1) * 4] === a && (entry & 1) === 0)) return slot
      slot = (slot + 1) & mask
    }
  }

  private slotOf6(a: number, bytes: Uint8Array, at: number): number {
    const { slots, words } = this
    const mask = slots.length - 1
    const b = word(bytes, at + 4)
    const c = word(bytes, at + 8)
    const d = word(bytes, at + 12)
    let slot = this.hash6(a, b, c, d) & mask
    for (;;) {
      const entry = slots[slot]
      if (entry === 0) return slot
      const w = ((entry >> 1) - 1) * 4
      if (words[w + 3] === d && words[w + 2] === c && words[w + 1] === b && words[w] === a && (entry & 1) === 1) return slot
      slot = (slot + 1) & mask
    }
  }

  private hash6(a: number, b: number, c: number, d: number): number {
    return mix(mix(mix(mix(a ^ HASH_SEED) ^ b) ^ c) ^ d)
  }

  private insert(slot: number, bytes: Uint8Array, at: number, family: number): number {
    if (this.count >= this.limit) return this.anyOfFamily(family)
    const host = this.append(family)
    for (let i = 0; i < (family === 6 ? 4 : 1); i++) this.words[host * 4 + i] = word(bytes, at + 4 * i)
    this.slots[slot] = this.entryOf(host)
    if (this.count * 2 > this.slots.length) this.rehash()
    return host
  }

  private append(family: number): number {
    const host = this.count++
    if (host === this.families.length) {
      this.families = doubled(this.families)
      this.words = doubled(this.words)
    }
    this.families[host] = family
    return host
  }

  /** The host that counts all addresses of this host's family without a row of their own; created on first use. */
  anyOf(host: number): number {
    return this.anyOfFamily(this.families[host])
  }

  /** From now on no address gets a new row, because no flow could count its packets. */
  freeze(): void {
    this.limit = Math.min(this.limit, this.count)
  }

  /** True for the hosts of anyOf(). */
  isAny(host: number): boolean {
    return host === this.any4 || host === this.any6
  }

  private anyOfFamily(family: number): number {
    if (family === 4) {
      if (this.any4 < 0) this.any4 = this.append(4)
      return this.any4
    }
    if (this.any6 < 0) this.any6 = this.append(6)
    return this.any6
  }

  private rehash(): void {
    const mask = this.slots.length * 2 - 1
    this.slots = new Int32Array(mask + 1)
    for (let host = 0; host < this.count; host++) {
      if (this.isAny(host)) continue // no address is interned there
      const w = host * 4
      let slot =
        (this.families[host] === 4
          ? mix(this.words[w] ^ HASH_SEED)
          : this.hash6(this.words[w], this.words[w + 1], this.words[w + 2], this.words[w + 3])) & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = this.entryOf(host)
    }
  }

  private entryOf(host: number): number {
    return (host + 1) * 2 + (this.families[host] === 6 ? 1 : 0)
  }

  /** The addresses of the hosts from `first` on, to send to another thread. */
  addresses(first: number): HostAddresses {
    const bytes = new Uint8Array((this.count - first) * 16)
    for (let host = first; host < this.count; host++) bytes.set(this.load(host), (host - first) * 16)
    return { bytes, families: this.families.slice(first, this.count) }
  }

  /** Canonical text (RFC 5952); for the hosts of anyOf() 0.0.0.0/0 or ::/0. */
  ip(host: number): string {
    if (this.isAny(host)) return host === this.any4 ? '0.0.0.0/0' : '::/0'
    this.texts[host] ??= formatAddress(this.load(host), 0, this.families[host] === 4 ? 4 : 16)
    return this.texts[host]
  }

  /** The 4 or 16 bytes of the address. */
  address(host: number): Uint8Array {
    const bytes = new Uint8Array(this.addressLength(host))
    this.copyAddress(host, bytes)
    return bytes
  }

  addressLength(host: number): 4 | 16 {
    return this.families[host] === 4 ? 4 : 16
  }

  /** @param into as long as the address */
  copyAddress(host: number, into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.words[host * 4 + (i >> 2)] >>> (24 - (i & 3) * 8)
  }

  scope(host: number): Scope {
    return scopeOf(this.load(host), 0, this.families[host] === 4 ? 4 : 16)
  }

  /** Whether the address can have many receivers (multicast, broadcast): it never opens a conversation and never answers. */
  isGroup(host: number): boolean {
    const first = this.words[host * 4]
    return this.families[host] === 4 ? first >>> 28 === 14 || first === 0xffffffff : first >>> 24 === 255
  }

  private load(host: number): Uint8Array {
    this.copyAddress(host, this.scratch)
    return this.scratch
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}
