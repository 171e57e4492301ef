// Ends and protocol of a conversation -> its Community ID, version 1 (github.com/corelight/community-id-spec): the key that Zeek, Suricata, Wireshark
// and others give to the same conversation. It does not depend on the direction.
import { Protocol } from '../decode/codes.ts'

/** With the seed 0: seed (2 bytes), both addresses, protocol, padding, both ports (2 bytes each). */
const SEED_BYTES = 2
const NO_PORT = -1

/** ICMP types that ask and answer, as in Zeek: echo, router, timestamp, information, address mask. */
const ICMP_ANSWERS = pairs([8, 0], [10, 9], [13, 14], [15, 16], [17, 18])
/** Echo, multicast listener, router, neighbour, node information, home agent. */
const ICMPV6_ANSWERS = pairs([128, 129], [130, 131], [133, 134], [135, 136], [139, 140], [144, 145])

/** One end: address of 4 or 16 bytes; the port matters for TCP, UDP and SCTP only. */
export interface IdEnd {
  address: Uint8Array
  port: number
}

/**
 * @param source for ICMP, the sender of the message
 * @param icmp type and code of an ICMP message
 * @returns null where the ports or the type are not known (the first fragment is missing)
 */
export function communityId(protocol: number, source: IdEnd, target: IdEnd, icmp?: { type: number; code: number }): string | null {
  const hasPorts = protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp
  const answers = protocol === Protocol.icmp ? ICMP_ANSWERS : protocol === Protocol.icmpv6 ? ICMPV6_ANSWERS : null
  if (answers === null) {
    if (!hasPorts) return inOrder(protocol, source.address, target.address, NO_PORT, NO_PORT)
    if (source.port < 0 || target.port < 0) return null
    return inOrder(protocol, source.address, target.address, source.port, target.port)
  }
  if (icmp === undefined || icmp.type < 0) return null
  const answer = answers.get(icmp.type)
  // A message that nothing answers has a direction: its ends are not put in order.
  if (answer === undefined) return hash(protocol, source.address, target.address, icmp.type, icmp.code)
  return inOrder(protocol, source.address, target.address, icmp.type, answer)
}

/** Codes of ICMP messages that nothing answers: RFC 792 and RFC 4443 have fewer. */
const CODES = 16
const TYPES: readonly (readonly [number, readonly number[]])[] = [
  [Protocol.icmp, [8, 10, 13, 15, 17, 3, 5, 11, 4, 12]],
  [Protocol.icmpv6, [128, 130, 133, 135, 139, 144, 1, 2, 3, 4, 137, 143]],
]

/** Type and code of the ICMP message that a Community ID was made from; of a request and its answer, the request. Null for rare types. */
export function icmpOf(id: string | null, protocol: number, source: Uint8Array, target: Uint8Array): { type: number; code: number } | null {
  const [, types = []] = TYPES.find(([of]) => of === protocol) ?? []
  if (id === null) return null
  for (const type of types) {
    for (let code = 0; code < CODES; code++) {
      const isSame = communityId(protocol, { address: source, port: -1 }, { address: target, port: -1 }, { type, code }) === id
      if (isSame) return { type, code }
      if ((protocol === Protocol.icmp ? ICMP_ANSWERS : ICMPV6_ANSWERS).has(type)) break
    }
  }
  return null
}

function pairs(...both: [number, number][]): Map<number, number> {
  return new Map(both.flatMap(([request, answer]) => [[request, answer] as const, [answer, request] as const]))
}

/** The smaller address first; of equal ones, the smaller port. */
function inOrder(protocol: number, a: Uint8Array, b: Uint8Array, portA: number, portB: number): string {
  let difference = 0
  for (let i = 0; i < a.length && difference === 0; i++) difference = a[i] - b[i]
  return (difference || portA - portB) <= 0 ? hash(protocol, a, b, portA, portB) : hash(protocol, b, a, portB, portA)
}

function hash(protocol: number, a: Uint8Array, b: Uint8Array, portA: number, portB: number): string {
  const end = SEED_BYTES + 2 * a.length
  let length = end + 2
  BLOCK.fill(0)
  for (let i = 0; i < a.length; i++) {
    BLOCK[SEED_BYTES + i] = a[i]
    BLOCK[SEED_BYTES + a.length + i] = b[i]
  }
  BLOCK[end] = protocol
  if (portA !== NO_PORT) {
    BLOCK[length++] = portA >> 8
    BLOCK[length++] = portA
    BLOCK[length++] = portB >> 8
    BLOCK[length++] = portB
  }
  // RFC 3174, 4: the padding.
  BLOCK[length] = 0x80
  BLOCK[BLOCK_BYTES - 2] = length >> 5
  BLOCK[BLOCK_BYTES - 1] = length << 3
  digestBlock()
  return textOfDigest()
}

const BASE64 = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
/** The text of an id: the version, then the digest in base64, whose last character only fills up. */
const TEXT = [...new TextEncoder().encode(`1:${'='.repeat(28)}`)]

/** Its own base64, because btoa() takes as long as the digest. */
function textOfDigest(): string {
  let at = 2
  let [bits, count] = [0, 0]
  for (let i = 0; i < 20; i++) {
    bits = (bits << 8) | ((DIGEST[i >> 2] >>> (24 - 8 * (i & 3))) & 255)
    for (count += 8; count >= 6; count -= 6) TEXT[at++] = BASE64[(bits >>> (count - 6)) & 63]
    bits &= 63
  }
  TEXT[at] = BASE64[(bits << (6 - count)) & 63]
  return String.fromCharCode.apply(null, TEXT)
}

const BLOCK_BYTES = 64
const BLOCK = new Uint8Array(BLOCK_BYTES)
const WORDS = new Int32Array(80)
const DIGEST = new Int32Array(5)

/**
 * SHA-1 (RFC 3174, 6.1) of a single block: no buffers, no state between calls. With the general function of a library an id took 1.9 microseconds,
 * with its function for one block 1.0, with this 0.5; every conversation has one.
 */
function digestBlock(): void {
  const words = WORDS
  for (let i = 0, at = 0; i < 16; i++, at += 4) words[i] = (BLOCK[at] << 24) | (BLOCK[at + 1] << 16) | (BLOCK[at + 2] << 8) | BLOCK[at + 3]
  for (let i = 16; i < 80; i++) words[i] = rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1)
  let a = H0
  let b = H1
  let c = H2
  let d = H3
  let e = H4
  for (let i = 0; i < 80; i++) {
    let mixed: number
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1
    else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + (0x8f1bbcdc | 0)
    else mixed = (b ^ c ^ d) + (0xca62c1d6 | 0)
    const next = (rotated(a, 5) + mixed + e + words[i]) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  DIGEST[0] = a + H0
  DIGEST[1] = b + H1
  DIGEST[2] = c + H2
  DIGEST[3] = d + H3
  DIGEST[4] = e + H4
}

const H0 = 0x67452301
const H1 = 0xefcdab89 | 0
const H2 = 0x98badcfe | 0
const H3 = 0x10325476
const H4 = 0xc3d2e1f0 | 0

const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))
