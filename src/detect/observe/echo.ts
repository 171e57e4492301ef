// Echo requests and replies -> their regularity: ping repeats its payload, a tunnel in ping does not.
import type { PacketView } from '../../decode/packet.ts'
import { Bounded } from './bounded.ts'
import type { EchoPayloads } from './observations.ts'

const MAX_FLOWS = 50_000
/** Identifier and sequence number follow type, code and checksum. */
const HEADER_BYTES = 4
const LARGE_BYTES = 64
/** ping writes the send time at the start of the payload. */
const TIME_STAMP_BYTES = 16
const MEASURED = 64
/** Requests per flow that are remembered for their replies; a power of two. */
const REMEMBERED = 8

const ECHO_REQUEST = 8
const ECHO_REPLY = 0
const ECHO_REQUEST_V6 = 128
const ECHO_REPLY_V6 = 129

/** State of one flow besides its result: digests of payloads, for comparison. */
interface Memory {
  row: EchoPayloads
  /** Digest of the last large payload after the time stamp, by direction. */
  last: [number, number]
  /** Of its first bytes, as many as each large payload has. */
  begins: [number, number]
  lengths: [number, number]
  /** Sequence number and digest of the last requests. */
  sequences: Int32Array
  digests: Int32Array
  /** Of their large payloads after the time stamp. */
  rests: Int32Array
  measured: number
}

export class EchoObserver {
  readonly list = new Bounded<EchoPayloads>(MAX_FLOWS)
  private readonly memories = new Map<number, Memory>()
  private readonly counts = new Uint32Array(256)

  /** Inspects an ICMP or ICMPv6 packet; its payload begins after the checksum. */
  inspect(flow: number, view: PacketView): void {
    const { icmpType, bytes, end } = view
    const isRequest = icmpType === ECHO_REQUEST || icmpType === ECHO_REQUEST_V6
    if (!isRequest && icmpType !== ECHO_REPLY && icmpType !== ECHO_REPLY_V6) return
    const at = view.payloadAt + HEADER_BYTES
    if (at > end) return
    const memory = this.memories.get(flow) ?? this.begin(flow)
    if (memory === null) return
    const { row } = memory
    const length = end - at
    if (isRequest) {
      row.requests++
      row.requestBytes += length
    } else {
      row.replies++
      row.replyBytes += length
    }
    if (length > row.maxPayloadBytes) row.maxPayloadBytes = length
    const sequence = (bytes[at - 4] << 24) | (bytes[at - 3] << 16) | (bytes[at - 2] << 8) | bytes[at - 1]
    const slot = sequence & (REMEMBERED - 1)
    const whole = digest(bytes, at, end)
    if (isRequest) {
      const rest = length > LARGE_BYTES ? digest(bytes, at + TIME_STAMP_BYTES, end) : 0
      if (memory.sequences[slot] === sequence && rest !== 0 && memory.rests[slot] !== 0 && memory.rests[slot] !== rest)
        row.rewrittenRequests++
      memory.sequences[slot] = sequence
      memory.digests[slot] = whole
      memory.rests[slot] = rest
    } else if (memory.sequences[slot] === sequence && memory.digests[slot] !== 0 && memory.digests[slot] !== whole) row.alteredReplies++
    if (length > LARGE_BYTES) this.measure(memory, isRequest ? 0 : 1, bytes, at, end)
  }

  private begin(flow: number): Memory | null {
    const row = this.list.add({
      flow,
      requests: 0,
      replies: 0,
      requestBytes: 0,
      replyBytes: 0,
      maxPayloadBytes: 0,
      largePackets: 0,
      changingPackets: 0,
      alteredReplies: 0,
      rewrittenRequests: 0,
      entropyBits: 0,
    })
    if (row === null) return null
    const memory: Memory = {
      row,
      last: [0, 0],
      begins: [0, 0],
      lengths: [0, 0],
      sequences: new Int32Array(REMEMBERED),
      digests: new Int32Array(REMEMBERED),
      rests: new Int32Array(REMEMBERED),
      measured: 0,
    }
    this.memories.set(flow, memory)
    return memory
  }

  private measure(memory: Memory, direction: 0 | 1, bytes: Uint8Array, at: number, end: number): void {
    const { row, last } = memory
    row.largePackets++
    const from = at + TIME_STAMP_BYTES
    const rest = digest(bytes, from, end)
    const begin = digest(bytes, from, at + LARGE_BYTES)
    const { begins, lengths } = memory
    // The same pattern in another length is no other data: who looks for the largest packet of a path, and nmap, send it.
    const isOther = lengths[direction] === end - at ? last[direction] !== rest : begins[direction] !== begin
    if (last[direction] !== 0 && isOther) row.changingPackets++
    last[direction] = rest
    begins[direction] = begin
    lengths[direction] = end - at
    if (memory.measured >= MEASURED) return
    row.entropyBits = (row.entropyBits * memory.measured + this.entropy(bytes, at, end)) / (memory.measured + 1)
    memory.measured++
  }

  /** Shannon entropy, bits per byte. */
  private entropy(bytes: Uint8Array, at: number, end: number): number {
    const { counts } = this
    counts.fill(0)
    for (let i = at; i < end; i++) counts[bytes[i]]++
    let bits = 0
    for (let i = 0; i < 256; i++) if (counts[i] > 0) bits -= (counts[i] / (end - at)) * Math.log2(counts[i] / (end - at))
    return bits
  }
}

/** FNV-1a as a signed number, as the arrays above keep it; never 0, which means none. */
function digest(bytes: Uint8Array, at: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = at; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return hash === 0 ? 1 : hash
}
