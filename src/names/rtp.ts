// UDP datagrams -> RTP and RTCP (RFC 3550): by their header where SDP announced the address, else by a sequence of headers that nothing else has.

/** Smallest header of RTP, and of a sender's or receiver's report. */
const RTP_HEADER = 12
const REPORT = 8

/** Packet types of RTCP: sender's and receiver's report, and the last one (RFC 3611). */
const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const LAST_TYPE = 207
const DESCRIPTION = 202

/** Packets of one direction with the same source and successive numbers, after which a stream is sure to be RTP. */
const SURE = 4
/** Longest step of the timestamp between two of them: ten seconds of video's 90 kHz clock. */
const LONGEST_STEP = 900_000
/** Conversations that may be RTP, looked at at the same time. */
const MAX_CANDIDATES = 4096

/** Version 2, a payload type in use (RFC 3551 6; 72 to 76 would be RTCP), and sources, extension and padding that fit. */
export function isRtp(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < RTP_HEADER || bytes[at] >> 6 !== 2) return false
  const type = bytes[at + 1] & 0x7f
  if (type > 34 && type < 96) return false
  let body = at + RTP_HEADER + 4 * (bytes[at] & 0x0f)
  if ((bytes[at] & 0x10) !== 0) {
    if (body + 4 > end) return false
    body += 4 + 4 * ((bytes[body + 2] << 8) | bytes[body + 3])
  }
  if (body > end) return false
  return (bytes[at] & 0x20) === 0 || (bytes[end - 1] > 0 && bytes[end - 1] <= end - body)
}

/** A report first (RFC 3550 A.2), as encrypted RTCP has it, too (RFC 3711 3.4). */
export function isRtcp(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < REPORT || bytes[at] >> 6 !== 2) return false
  const isReport = bytes[at + 1] === SENDER_REPORT || bytes[at + 1] === RECEIVER_REPORT
  return isReport && at + lengthAt(bytes, at) <= end
}

/** A report, then a description of its source, with lengths that fill the datagram. */
export function isSureRtcp(bytes: Uint8Array, at: number, end: number): boolean {
  if (!isRtcp(bytes, at, end)) return false
  let hasDescription = false
  for (let i = at; i < end; i += lengthAt(bytes, i)) {
    if (end - i < 4 || bytes[i] >> 6 !== 2 || bytes[i + 1] < SENDER_REPORT || bytes[i + 1] > LAST_TYPE || i + lengthAt(bytes, i) > end)
      return false
    if (bytes[i + 1] === DESCRIPTION) hasDescription = true
  }
  return hasDescription
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return 4 * (((bytes[at + 2] << 8) | bytes[at + 3]) + 1)
}

interface Run {
  sequence: number
  timestamp: number
  source: number
  type: number
  packets: number
}

/** Streams that nobody announced. */
export class RtpCandidates {
  /** By conversation and direction; oldest first. */
  private readonly runs = new Map<number, Run>()

  /** Adds a datagram for which isRtp() is true. @returns true once the direction is sure to be RTP */
  isSure(flow: number, direction: number, bytes: Uint8Array, at: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, RTP_HEADER)
    const [sequence, timestamp, source] = [view.getUint16(2), view.getUint32(4), view.getUint32(8)]
    const type = bytes[at + 1] & 0x7f
    const key = flow * 2 + direction
    const run = this.runs.get(key)
    if (!run) {
      if (this.runs.size >= MAX_CANDIDATES) this.runs.delete(this.runs.keys().next().value!)
      this.runs.set(key, { sequence, timestamp, source, type, packets: 1 })
      return false
    }
    const isNext =
      run.source === source &&
      source !== 0 &&
      run.type === type &&
      ((run.sequence + 1) & 0xffff) === sequence &&
      (timestamp - run.timestamp) >>> 0 <= LONGEST_STEP
    Object.assign(run, { sequence, timestamp, source, type, packets: isNext ? run.packets + 1 : 1 })
    if (run.packets < SURE) return false
    this.forget(flow)
    return true
  }

  forget(flow: number): void {
    this.runs.delete(flow * 2)
    this.runs.delete(flow * 2 + 1)
  }
}
