// ARP (RFC 826) -> who claims an address, asked or not, and who others say has it.
import type { CapturedPacket } from '../../capture/packet.ts'
import { formatAddress, formatMac } from '../../decode/address.ts'
import { ArpFrame } from '../../decode/arp.ts'
import { be16, be32 } from '../../decode/bytes.ts'
import { ArpQuestionObserver } from './arp-questions.ts'
import { Bounded } from './bounded.ts'
import type { ArpClaim, ArpClaims, FramePlace } from './observations.ts'

const MAX_ADDRESSES = 16_384
const MAX_CLAIMS = 8
const MAX_TAKEN = 32
const MAX_NAMED = 4
const REPLY = 2
/** A Wi-Fi bridge sends a frame on with its own hardware address in ARP, too. */
const REPEAT_US = 20_000
/** Hosts repeat a question after a second; a reply this long after the last one was not asked for. */
const ASKED_US = 3_000_000

interface Entry {
  row: ArpClaims
  /** Null until somebody claims the address. */
  current: ArpClaim | null
  /** The last message that claimed it: the sender's hardware address in two parts (to compare without making texts), what it said, and when. */
  high: number
  low: number
  operation: number
  target: number
  claimedUs: number
}

export class ArpObserver {
  readonly questions = new ArpQuestionObserver()
  private readonly list = new Bounded<ArpClaims>(MAX_ADDRESSES)
  /** By VLAN and address. */
  private readonly entries = new Map<number, Entry>()
  /** Time of the last question for an address, forgotten when there are too many. */
  private readonly askedUs = new Map<number, number>()
  private readonly frame = new ArpFrame()
  private dropped = 0

  finish(): { rows: ArpClaims[]; leftOut: number } {
    return { rows: this.list.rows, leftOut: this.list.leftOut + this.dropped }
  }

  /** A frame that is ARP, or was taken for it by the decoder. @param place its number in its capture */
  inspect({ bytes, start, end, linkType, timeUs }: CapturedPacket, place: FramePlace): void {
    if (!this.frame.read(bytes, start, end, linkType)) return
    const { at, vlan } = this.frame
    const sender = be32(bytes, at + 14)
    const target = be32(bytes, at + 24)
    const isReply = be16(bytes, at + 6) === REPLY
    if (target !== 0 && target !== sender) this.readTarget(vlan * 0x100000000 + target, bytes, at, isReply, timeUs, place)
    // A probe (RFC 5227 2.1.1) claims nothing.
    if (sender !== 0) this.claim(vlan * 0x100000000 + sender, bytes, at, isReply, timeUs, place)
  }

  /** A question asks for the target; a reply says which hardware address it knows the target by. */
  private readTarget(key: number, bytes: Uint8Array, at: number, isReply: boolean, timeUs: number, place: FramePlace): void {
    if (!isReply) {
      if (this.askedUs.size >= MAX_ADDRESSES) this.askedUs.clear()
      this.askedUs.set(key, timeUs)
      this.questions.inspect(bytes, at, timeUs, place)
      return
    }
    if (!isUnicast(bytes, at + 18)) return
    const entry = this.entry(key, bytes, at + 24)
    if (entry === null || entry.row.named.length >= MAX_NAMED) return
    const mac = formatMac(bytes, at + 18)
    if (!entry.row.named.includes(mac)) entry.row.named.push(mac)
  }

  private claim(key: number, bytes: Uint8Array, at: number, isReply: boolean, timeUs: number, place: FramePlace): void {
    const macAt = at + 8
    const high = be16(bytes, macAt)
    const low = be32(bytes, macAt + 2)
    const operation = be16(bytes, at + 6)
    const target = be32(bytes, at + 24)
    const entry = this.entry(key, bytes, at + 14)
    if (entry === null) return
    const isSame = entry.current !== null && entry.high === high && entry.low === low
    const isRepeat =
      !isSame &&
      entry.current !== null &&
      entry.operation === operation &&
      entry.target === target &&
      Math.abs(timeUs - entry.claimedUs) <= REPEAT_US
    const claim = isSame ? entry.current : this.claimOf(entry, formatMac(bytes, macAt), timeUs, place)
    if (claim === null) return
    claim.packets++
    if (isRepeat) claim.repeats++
    if (isReply) claim.replies++
    if (isReply && isDirected(bytes, at) && Math.abs(timeUs - (this.askedUs.get(key) ?? Number.NEGATIVE_INFINITY)) > ASKED_US)
      claim.unasked++
    claim.lastUs = Math.max(claim.lastUs, timeUs)
    if (isRepeat) return
    if (!isSame && claim.takenUs.length < MAX_TAKEN) claim.takenUs.push(timeUs)
    entry.current = claim
    entry.high = high
    entry.low = low
    entry.operation = operation
    entry.target = target
    entry.claimedUs = timeUs
  }

  /** Null when there are too many. */
  private entry(key: number, bytes: Uint8Array, ipAt: number): Entry | null {
    const known = this.entries.get(key)
    if (known !== undefined) return known
    const row = this.list.add({ vlan: this.frame.vlan, ip: formatAddress(bytes, ipAt, 4), claims: [], named: [], senders: [] })
    if (row === null) return null
    const entry: Entry = {
      row,
      current: null,
      high: 0,
      low: 0,
      operation: 0,
      target: 0,
      claimedUs: Number.NEGATIVE_INFINITY,
    }
    this.entries.set(key, entry)
    return entry
  }

  /** The claim of a hardware address, perhaps a new one; null when there are too many of them. */
  private claimOf({ row: { claims } }: Entry, mac: string, timeUs: number, { frame, capture }: FramePlace): ArpClaim | null {
    const known = claims.find((claim) => claim.mac === mac)
    if (known !== undefined) return known
    if (claims.length >= MAX_CLAIMS) {
      this.dropped++
      return null
    }
    const claim: ArpClaim = {
      mac,
      frame,
      capture,
      firstUs: timeUs,
      lastUs: timeUs,
      packets: 0,
      replies: 0,
      repeats: 0,
      unasked: 0,
      takenUs: [],
    }
    claims.push(claim)
    return claim
  }
}

/** Not to everybody, and not an announcement (RFC 5227 3), whose target is the sender. */
function isDirected(bytes: Uint8Array, at: number): boolean {
  const target = be32(bytes, at + 24)
  return target !== 0 && target !== 0xffffffff && target !== be32(bytes, at + 14) && isUnicast(bytes, at + 18)
}

/** Neither zero nor a group address. */
function isUnicast(bytes: Uint8Array, macAt: number): boolean {
  return (bytes[macAt] & 1) === 0 && (be16(bytes, macAt) !== 0 || be32(bytes, macAt + 2) !== 0)
}
