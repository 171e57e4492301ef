// Ends and protocol of a conversation -> its Community ID, version 1 (github.com/corelight/community-id-spec): the key that Zeek, Suricata, Wireshark
// and others give to the same conversation. It does not depend on the direction.
import { _SHA1 } from '@noble/hashes/legacy.js'
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

interface IcmpMessage {
  type: number
  code: number
}

/** One that was read from an id. */
export interface KnownIcmp extends IcmpMessage {
  /** Its sender is the target: where pieces of a conversation disagree who its client is, that may be who answered. */
  isFromTarget: boolean
}

/**
 * @param source for ICMP, the sender of the message
 * @param icmp type and code of an ICMP message
 * @returns null where the ports or the type are not known (the first fragment is missing)
 */
export function communityId(protocol: number, source: IdEnd, target: IdEnd, icmp?: IcmpMessage): string | null {
  return hashEnds(protocol, source, target, icmp) ? textOfDigest() : null
}

/** Sets DIGEST; parameters as of communityId(). @returns false where it is null */
function hashEnds(protocol: number, source: IdEnd, target: IdEnd, icmp?: IcmpMessage): boolean {
  const hasPorts = protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp
  const answers = protocol === Protocol.icmp ? ICMP_ANSWERS : protocol === Protocol.icmpv6 ? ICMPV6_ANSWERS : null
  if (answers === null) {
    if (!hasPorts) return inOrder(protocol, source.address, target.address, NO_PORT, NO_PORT)
    if (source.port < 0 || target.port < 0) return false
    return inOrder(protocol, source.address, target.address, source.port, target.port)
  }
  if (icmp === undefined || icmp.type < 0) return false
  const answer = answers.get(icmp.type)
  // A message that nothing answers has a direction: its ends are not put in order.
  if (answer === undefined) return hash(protocol, source.address, target.address, icmp.type, icmp.code)
  return inOrder(protocol, source.address, target.address, icmp.type, answer)
}

/** Codes of ICMP messages that nothing answers: RFC 792 and RFC 4443 have fewer. */
const CODES = 16
const TYPES: readonly (readonly [number, readonly number[]])[] = [
  [Protocol.icmp, [8, 10, 13, 15, 17, 3, 5, 11, 4, 12, 0, 9, 14, 16, 18]],
  [Protocol.icmpv6, [128, 130, 133, 135, 139, 144, 1, 2, 3, 4, 137, 143, 132, 129, 131, 134, 136, 140, 145]],
]

/** The ICMP message that a Community ID was made from; of a request and its answer, the request if the source is who asked. Null for rare types. */
export function icmpOf(id: string | null, protocol: number, source: Uint8Array, target: Uint8Array): KnownIcmp | null {
  if (id === null) return null
  const message = sentBy(source, target)
  if (message !== null) return { ...message, isFromTarget: false }
  const answer = sentBy(target, source)
  return answer === null ? null : { ...answer, isFromTarget: true }

  function sentBy(sender: Uint8Array, receiver: Uint8Array): IcmpMessage | null {
    const [, types = []] = TYPES.find(([of]) => of === protocol) ?? []
    for (const type of types) {
      for (let code = 0; code < CODES; code++) {
        const isSame = communityId(protocol, { address: sender, port: -1 }, { address: receiver, port: -1 }, { type, code }) === id
        if (isSame) return { type, code }
        if ((protocol === Protocol.icmp ? ICMP_ANSWERS : ICMPV6_ANSWERS).has(type)) break
      }
    }
    return null
  }
}

/** Type of the answer that belongs to a type of ICMP or ICMPv6; null: none does. */
export function icmpAnswer(protocol: number, type: number): number | null {
  return (protocol === Protocol.icmp ? ICMP_ANSWERS : ICMPV6_ANSWERS).get(type) ?? null
}

function pairs(...both: [number, number][]): Map<number, number> {
  return new Map(both.flatMap(([request, answer]) => [[request, answer] as const, [answer, request] as const]))
}

/** The smaller address first; of equal ones, the smaller port. */
function inOrder(protocol: number, a: Uint8Array, b: Uint8Array, portA: number, portB: number): true {
  let difference = 0
  for (let i = 0; i < a.length && difference === 0; i++) difference = a[i] - b[i]
  return (difference || portA - portB) <= 0 ? hash(protocol, a, b, portA, portB) : hash(protocol, b, a, portB, portA)
}

const BLOCK = new Uint8Array(64)
const VIEW = new DataView(BLOCK.buffer)
/** Five words of 32 bits, and one of zeros, which fills up the last character of the text. */
const DIGEST = new Int32Array(6)

function hash(protocol: number, a: Uint8Array, b: Uint8Array, portA: number, portB: number): true {
  const end = SEED_BYTES + 2 * a.length
  BLOCK.fill(0)
  for (let i = 0; i < a.length; i++) {
    BLOCK[SEED_BYTES + i] = a[i]
    BLOCK[SEED_BYTES + a.length + i] = b[i]
  }
  BLOCK[end] = protocol
  if (portA !== NO_PORT) {
    VIEW.setUint16(end + 2, portA)
    VIEW.setUint16(end + 4, portB)
  }
  DIGEST.set(SHA1.ofBlock(VIEW, portA === NO_PORT ? end + 2 : end + 6))
  return true
}

const BASE64 = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
/** The text of an id: the version, then the digest in base64. */
const TEXT = [...new TextEncoder().encode(`1:${'='.repeat(28)}`)]

/** Its own base64, because btoa() takes as long as the digest. */
function textOfDigest(): string {
  for (let i = 0; i < 27; i++) {
    const at = 6 * i
    const word = at >> 5
    const below = 26 - (at & 31) // bits of the word after the six; some of the six are in the next word if it is negative
    const bits = below >= 0 ? DIGEST[word] >>> below : (DIGEST[word] << -below) | (DIGEST[word + 1] >>> (32 + below))
    TEXT[2 + i] = BASE64[bits & 63]
  }
  return String.fromCharCode.apply(null, TEXT)
}

/** SHA-1 of at most 55 bytes without the buffers of the general function: 0.3 instead of 1.9 microseconds, once for each conversation. */
class ShortSha1 extends _SHA1 {
  /** @param view a block of 64 bytes, zero after the first `length`, which are hashed @returns five words of 32 bits */
  ofBlock(view: DataView, length: number): readonly number[] {
    view.setUint8(length, 0x80) // RFC 3174, 4: the padding
    view.setUint32(60, 8 * length)
    this.set(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0) // 6.1
    this.process(view, 0)
    return this.get()
  }
}

const SHA1 = new ShortSha1()
