// Writers of capture files for fixtures and tests: classic pcap and pcapng, as their drafts describe them, and wrong where asked to be.
import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { join } from './build.ts'

export type ByteOrder = 'little' | 'big'

export interface Packet {
  /** Microseconds since the epoch. */
  atUs: number
  /** What is in the file. */
  bytes: Uint8Array
  /** Length on the wire; left out: nothing was cut. */
  wireBytes?: number
  /** 0-999, kept by formats with nanoseconds. */
  nanos?: number
}

/** Numbers in the file's own byte order. */
function numbers(order: ByteOrder) {
  const write = (size: number, fill: (view: DataView) => void): Uint8Array => {
    const bytes = new Uint8Array(size)
    fill(new DataView(bytes.buffer))
    return bytes
  }
  const little = order === 'little'
  return {
    u16: (value: number) => write(2, (view) => view.setUint16(0, value, little)),
    u32: (value: number) => write(4, (view) => view.setUint32(0, value, little)),
    i64: (value: bigint) => write(8, (view) => view.setBigInt64(0, value, little)),
  }
}

export interface PcapOptions {
  order?: ByteOrder
  resolution?: 'micro' | 'nano'
  linkType?: number
  snaplen?: number
}

/** The 24 bytes that open a classic pcap file (draft-ietf-opsawg-pcap 4). */
export function pcapHeader({ order = 'little', resolution = 'micro', linkType = 1, snaplen = 262144 }: PcapOptions = {}): Uint8Array {
  const { u16, u32 } = numbers(order)
  return join(u32(resolution === 'micro' ? 0xa1b2c3d4 : 0xa1b23c4d), u16(2), u16(4), u32(0), u32(0), u32(snaplen), u32(linkType))
}

/** One packet record (section 5); `claimed` is a captured length that need not be true. */
export function pcapRecord(
  packet: Packet,
  { order = 'little', resolution = 'micro' }: PcapOptions = {},
  claimed = packet.bytes.length,
): Uint8Array {
  const { u32 } = numbers(order)
  const fraction = packet.atUs % 1_000_000
  const units = resolution === 'micro' ? fraction : fraction * 1000 + (packet.nanos ?? 0)
  return join(u32(Math.floor(packet.atUs / 1_000_000)), u32(units), u32(claimed), u32(packet.wireBytes ?? claimed), packet.bytes)
}

/** A whole classic pcap file. */
export const pcap = (packets: Packet[], options: PcapOptions = {}): Uint8Array =>
  join(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)))

export interface InterfaceOptions {
  linkType?: number
  snaplen?: number
  /** The option's byte: 6 is microseconds, 9 nanoseconds, with the high bit set a power of two (draft-ietf-opsawg-pcapng 4.2). */
  timeResolution?: number
  /** Seconds added to every time stamp of the interface. */
  timeOffset?: number
  name?: string
}

/** Block writers of one pcapng section in one byte order. A file is their results joined. */
export function pcapng(order: ByteOrder = 'little') {
  const { u16, u32, i64 } = numbers(order)
  const resolutions: number[] = []
  const offsets: number[] = []
  const padded = (bytes: Uint8Array): Uint8Array => join(bytes, new Uint8Array(-bytes.length & 3))
  const option = (code: number, value: Uint8Array): Uint8Array => join(u16(code), u16(value.length), padded(value))
  const block = (type: number, ...body: Uint8Array[]): Uint8Array => {
    const content = padded(join(...body))
    const length = u32(12 + content.length)
    return join(u32(type), length, content, length)
  }

  /** Microseconds in the interface's own unit, 64 bits, high word first whatever the byte order. */
  const time = (packet: Packet, index: number): Uint8Array => {
    const resolution = resolutions[index] ?? 6
    const nanos = BigInt(packet.atUs) * 1000n + BigInt(packet.nanos ?? 0) - BigInt(offsets[index] ?? 0) * 1_000_000_000n
    const perSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
    // Rounded up, so that a reader who rounds down to microseconds finds the time that was meant.
    const units = (nanos * perSecond + 999_999_999n) / 1_000_000_000n
    return join(u32(Number(units >> 32n)), u32(Number(units & 0xffffffffn)))
  }
  const lengths = (packet: Packet): Uint8Array => join(u32(packet.bytes.length), u32(packet.wireBytes ?? packet.bytes.length))

  return {
    block,
    option,
    /** Section Header Block (4.1), its length left unsaid. */
    section: (...options: Uint8Array[]) => block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), i64(-1n), ...options),
    /** Interface Description Block (4.2). */
    interface: ({ linkType = 1, snaplen = 0, timeResolution, timeOffset, name }: InterfaceOptions = {}) => {
      resolutions.push(timeResolution ?? 6)
      offsets.push(timeOffset ?? 0)
      const options = [
        ...(name === undefined ? [] : [option(2, join(name))]),
        ...(timeResolution === undefined ? [] : [option(9, Uint8Array.of(timeResolution))]),
        ...(timeOffset === undefined ? [] : [option(14, i64(BigInt(timeOffset)))]),
      ]
      return block(1, u16(linkType), u16(0), u32(snaplen), ...options, ...(options.length > 0 ? [u32(0)] : []))
    },
    /** Enhanced Packet Block (4.3). */
    packet: (packet: Packet, index = 0, ...options: Uint8Array[]) =>
      block(6, u32(index), time(packet, index), lengths(packet), padded(packet.bytes), ...options),
    /** Simple Packet Block (4.4): no time, interface 0, cut to its snaplen. */
    simple: (bytes: Uint8Array, wireBytes = bytes.length) => block(3, u32(wireBytes), padded(bytes)),
    /** The obsolete Packet Block (appendix A): interface and drop count in 16 bits each. */
    obsolete: (packet: Packet, index = 0) => block(2, u16(index), u16(0), time(packet, index), lengths(packet), padded(packet.bytes)),
    /** Name Resolution Block (4.5): address bytes and the names that belong to it. */
    names: (...records: { address: Uint8Array; names: string[] }[]) => {
      const entries = records.map((record) => {
        const value = join(record.address, ...record.names.flatMap((name) => [name, 0]))
        return join(u16(record.address.length === 4 ? 1 : 2), u16(value.length), padded(value))
      })
      return block(4, ...entries, u32(0))
    },
  }
}

/** gzip (RFC 1952) without the operating system's number in it, so that every machine writes the same bytes. */
export function gzip(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(gzipSync(bytes, { level: 9 }))
  packed[9] = 255
  return packed
}

/** zstd (RFC 8878) by the `zstd` command: Node 20 cannot write it. */
export const zstd = (bytes: Uint8Array): Uint8Array => execFileSync('zstd', ['-q', '-c', '-19', '-'], { input: bytes })
