// TCP segments -> the beginning of a stream in order, for messages in several segments. Bounded per flow and in total.

/** Bytes buffered per stream: a ClientHello or a DNS message, length field included. */
const MAX_STREAM = 0x10000 + 2
/** Bytes of all streams together; beyond it the oldest is dropped. */
const MAX_TOTAL = 16 * 1024 * 1024
/** Segments buffered after a gap. */
const MAX_WAITING = 64

/** After this many parses, a stream is parsed again only once it has grown by 1/16. */
const MAX_FULL_PARSES = 64

interface Waiting {
  sequence: number
  bytes: Uint8Array
}

export class Stream {
  /** bytes[0..end) are in order and not parsed successfully yet. */
  bytes: Uint8Array
  end = 0
  /** Sequence number after the last byte. */
  next: number
  waiting: Waiting[] = []
  /** Number of unsuccessful parses, and the length at the last one. */
  parses = 0
  parsedBytes = 0
  /** Bytes counted in the total. */
  weight = 0

  constructor(sequence: number, room: number) {
    this.next = sequence
    this.bytes = new Uint8Array(room)
  }
}

/** One stream per direction of a flow. */
export class Streams {
  /** Key: flow * 2 + direction; oldest first. */
  private readonly streams = new Map<number, Stream>()
  private total = 0

  find(flow: number, direction: number): Stream | undefined {
    return this.streams.get(flow * 2 + direction)
  }

  /** Starts to buffer a direction from `sequence` on. */
  begin(flow: number, direction: number, sequence: number): Stream {
    const stream = new Stream(sequence, 2048)
    this.streams.set(flow * 2 + direction, stream)
    return stream
  }

  /** @returns true if bytes in order were added and should be parsed; false if they were buffered, are old, or the stream was dropped */
  add(flow: number, direction: number, sequence: number, bytes: Uint8Array, at: number, end: number): boolean {
    const stream = this.streams.get(flow * 2 + direction)
    if (!stream) return false
    const ahead = (sequence - stream.next) | 0
    if (ahead > 0) {
      if (ahead > MAX_STREAM || stream.waiting.length >= MAX_WAITING) this.drop(flow, direction)
      else this.wait(stream, sequence, bytes.slice(at, end))
      return false
    }
    if (!this.append(stream, bytes, at - ahead, end)) return false
    for (let found = true; found; ) {
      found = false
      for (let i = 0; i < stream.waiting.length; i++) {
        const late = (stream.waiting[i].sequence - stream.next) | 0
        if (late > 0) continue
        const held = stream.waiting[i].bytes
        stream.waiting.splice(i, 1)
        this.weigh(stream, -held.length)
        this.append(stream, held, -late, held.length)
        found = true
        break
      }
    }
    if (stream.end > MAX_STREAM) {
      this.drop(flow, direction)
      return false
    }
    return this.shouldParse(stream)
  }

  /** Every parse starts at the beginning: a stream that grows by single bytes is parsed only after it has grown by a fraction. */
  private shouldParse(stream: Stream): boolean {
    if (stream.parses++ < MAX_FULL_PARSES) return true
    if (stream.end - stream.parsedBytes < stream.parsedBytes >> 4) return false
    stream.parsedBytes = stream.end
    return true
  }

  /** Removes the first `length` bytes, which were parsed. */
  consume(stream: Stream, length: number): void {
    if (length <= 0) return
    stream.bytes.copyWithin(0, length, stream.end)
    stream.end -= length
    stream.parses = 0
    stream.parsedBytes = 0
  }

  drop(flow: number, direction: number): void {
    const stream = this.streams.get(flow * 2 + direction)
    if (!stream) return
    this.streams.delete(flow * 2 + direction)
    this.total -= stream.weight
  }

  private append(stream: Stream, bytes: Uint8Array, at: number, end: number): boolean {
    const length = end - at
    if (length <= 0) return false
    if (stream.end + length > stream.bytes.length) {
      if (stream.end + length > 2 * MAX_STREAM) return false
      let room = stream.bytes.length
      while (room < stream.end + length) room *= 2
      this.weigh(stream, room - stream.bytes.length)
      const longer = new Uint8Array(room)
      longer.set(stream.bytes.subarray(0, stream.end))
      stream.bytes = longer
    } else if (stream.weight === 0) this.weigh(stream, stream.bytes.length)
    stream.bytes.set(bytes.subarray(at, end), stream.end)
    stream.end += length
    stream.next = (stream.next + length) >>> 0
    return true
  }

  private wait(stream: Stream, sequence: number, bytes: Uint8Array): void {
    stream.waiting.push({ sequence, bytes })
    this.weigh(stream, bytes.length)
  }

  private weigh(stream: Stream, bytes: number): void {
    stream.weight += bytes
    this.total += bytes
    if (this.total <= MAX_TOTAL) return
    for (const [key, oldest] of this.streams) {
      if (oldest === stream) continue
      this.streams.delete(key)
      this.total -= oldest.weight
      if (this.total <= MAX_TOTAL) return
    }
  }
}
