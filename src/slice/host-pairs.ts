// Pairs of hosts -> which packets can be between them: most packets of a capture need no more than a look at their addresses. Hot path: mayBe(), isOne().
import type { PacketTest } from '../capture/format.ts'
import { Layer, Protocol } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import { layerOfPorts } from '../decode/udp-tunnels.ts'
import { addressKey } from '../filter/address.ts'
import { HASH_SEED, mix } from '../flows/hash.ts'
import { HostTable } from '../flows/hosts.ts'

const LINKTYPE_ETHERNET = 1
/** Of a frame with an IPv4 header without options right behind an Ethernet header. */
const ETHERTYPE_AT = 12
const VERSION_AT = 14
const FRAGMENT_AT = 20
const PROTOCOL_AT = 23
const SOURCE_AT = 26
const TARGET_AT = 30
const PORTS_AT = 34
const LEAST_BYTES = 38
/** Version 4, a header of 20 bytes. */
const PLAIN_IPV4 = 0x45
/** One bit by hash of both addresses; at least this many bits for each pair, so that nearly all other packets have none. */
const BITS_PER_PAIR = 64
const LEAST_HASH_BITS = 13
const MOST_HASH_BITS = 20
/** Two host ids in one number. */
const IDS = 2 ** 26

export class HostPairs implements PacketTest {
  private readonly hosts = new HostTable()
  private readonly pairs = new Set<number>()
  private readonly seen: Uint8Array
  private readonly shift: number

  /** @param pairs addresses as text, in any order */
  constructor(pairs: [string, string][]) {
    // Few pairs make a table that stays in the core's first cache.
    const bits = Math.min(MOST_HASH_BITS, Math.max(LEAST_HASH_BITS, Math.ceil(Math.log2(pairs.length * BITS_PER_PAIR))))
    this.seen = new Uint8Array(2 ** bits / 8)
    this.shift = 32 - bits
    for (const [one, other] of pairs) {
      const [a, b] = [bytesOf(one), bytesOf(other)]
      const place = this.placeOf(hashOf(a, 0, a.length) ^ hashOf(b, 0, b.length))
      this.seen[place >>> 3] |= 1 << (place & 7)
      this.pairs.add(keyOf(this.idOf(a), this.idOf(b)))
    }
  }

  /** False only where fixed places of the frame show it: TCP, or UDP that carries no tunnel, over IPv4 and Ethernet, between other hosts. */
  mayBe(bytes: Uint8Array, start: number, end: number, linkType: number): boolean {
    if (linkType !== LINKTYPE_ETHERNET || end - start < LEAST_BYTES) return true
    if (bytes[start + ETHERTYPE_AT] !== 0x08 || bytes[start + ETHERTYPE_AT + 1] !== 0 || bytes[start + VERSION_AT] !== PLAIN_IPV4)
      return true
    const protocol = bytes[start + PROTOCOL_AT]
    if (protocol !== Protocol.tcp && (protocol !== Protocol.udp || mayBeTunnel(bytes, start))) return true
    return this.isSeen(hashOf(bytes, start + SOURCE_AT, 4) ^ hashOf(bytes, start + TARGET_AT, 4))
  }

  /** Whether the decoded packet is between two hosts of a pair. */
  isOne({ bytes, sourceAt, targetAt, family }: PacketView): boolean {
    const length = family === 6 ? 16 : 4
    if (!this.isSeen(hashOf(bytes, sourceAt, length) ^ hashOf(bytes, targetAt, length))) return false
    return this.pairs.has(keyOf(this.hosts.intern(bytes, sourceAt, family), this.hosts.intern(bytes, targetAt, family)))
  }

  private isSeen(hash: number): boolean {
    const place = this.placeOf(hash)
    return (this.seen[place >>> 3] & (1 << (place & 7))) !== 0
  }

  private placeOf(hash: number): number {
    return mix(hash ^ HASH_SEED) >>> this.shift
  }

  private idOf(address: Uint8Array): number {
    return this.hosts.intern(address, 0, address.length === 16 ? 6 : 4)
  }
}

/** Whether UDP may carry a tunnel. The ports of a fragment are those of its datagram, which need not be in it. */
function mayBeTunnel(bytes: Uint8Array, start: number): boolean {
  if ((bytes[start + FRAGMENT_AT] & 0x3f) !== 0 || bytes[start + FRAGMENT_AT + 1] !== 0) return true
  const at = start + PORTS_AT
  return layerOfPorts((bytes[at] << 8) | bytes[at + 1], (bytes[at + 2] << 8) | bytes[at + 3]) !== Layer.none
}

const keyOf = (a: number, b: number): number => Math.min(a, b) * IDS + Math.max(a, b)

/** The address's words, combined. */
function hashOf(bytes: Uint8Array, from: number, length: number): number {
  let hash = 0
  for (let at = from; at < from + length; at += 4)
    hash = (hash << 5) ^ (hash >>> 27) ^ ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3])
  return hash
}

/** @param text an address as the database has it; another text is no host's */
function bytesOf(text: string): Uint8Array {
  const digits = (addressKey(text) ?? '').slice(text.includes(':') ? 0 : 24)
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
