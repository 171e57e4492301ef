// The interface of a reader of one capture format. Hot path: next() is called for each packet and allocates nothing.
import type { ChunkWindow } from './chunks.ts'
import type { CapturedPacket } from './packet.ts'

/** next() returns this, ENDED, ANOTHER_CAPTURE, or the number of contiguous bytes that it needs. */
export const GOT_PACKET = 0
/** Nothing more can be read; endedBy says why. */
export const ENDED = -1
/** The next record is the file header of another capture: captures were joined, for example with cat. */
export const ANOTHER_CAPTURE = -2

/** Number of bytes at the start of a file that are examined to recognise it. */
export const PROBE_BYTES = 65_536

/** A longer packet is taken for an invalid length, as in libpcap and Wireshark; some link types allow more. */
export function maxPacketBytes(linkType: number): number {
  switch (linkType) {
    case 231: // LINKTYPE_DBUS: a message has at most 128 MiB
      return 1 << 27
    case 249: // LINKTYPE_USBPCAP
      return 1 << 20
    case 279: // LINKTYPE_EBHSCR
      return 1 << 23
    default:
      return 262_144
  }
}

export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}

/** Message when a file ends with zeros. */
export function describeZeros(what: 'record' | 'block', offset: number): string {
  return `zeros where the ${what} at byte ${offset} should be: nothing after them was read`
}

/** An address and its name from the capture file (pcapng Name Resolution Block). */
export interface FileName {
  address: Uint8Array
  name: string
}

/** Numbers of packets that the file says were not captured; null when it does not say. */
export interface FileDrops {
  /** Dropped by the interface because its buffer was full. */
  interface: number | null
  /** Dropped by the operating system. */
  system: number | null
}

export const NO_DROPS: Readonly<FileDrops> = { interface: null, system: null }

/** An interface, as needed to write a pcapng copy of its packets. */
export interface InterfaceRecord {
  linkType: number
  /** 0: no limit. */
  snapBytes: number
  /** pcapng options in little-endian byte order, without opt_endofopt. */
  options: Uint8Array
}

/** Fields of a packet's record that CapturedPacket does not have. */
export interface PacketRecord {
  /** Index in `interfaces`. */
  interface: number
  /** Time stamp in units of the interface: upper and lower 32 bits. */
  timeHigh: number
  timeLow: number
  /** pcapng options in little-endian byte order, without opt_endofopt. */
  options: Uint8Array
}

/** Tells packets that need not be read. */
export interface PacketTest {
  /** False: nobody wants the packet bytes[start..end). Hot path. */
  mayBe(bytes: Uint8Array, start: number, end: number, linkType: number): boolean
}

export interface FormatReader {
  /** Name of the format, for the report. */
  readonly format: string
  /** Why next() returned ENDED; "" before. */
  readonly endedBy: string
  readonly warnings: Warnings
  /** Names from the file, in file order; complete after the last packet. */
  readonly fileNames: FileName[]
  readonly drops: Readonly<FileDrops>
  /** Length of the shortest file header. */
  readonly headerBytes: number
  /** A record that is read in parts: its offset and length. Null when next() needs the record as a whole. */
  readonly unfinished?: { offset: number; bytes: number } | null
  /** Called when the stream ends before the bytes that next() needs. @returns true when next() can continue with fewer */
  endOfStream?(): boolean
  next(window: ChunkWindow, packet: CapturedPacket): number
  /** Passes over valid records that are in memory as a whole, up to a packet that may be wanted, or to a record that needs a closer look. @param most of them @returns their number */
  passOver?(window: ChunkWindow, test: PacketTest, most: number): number
  /** Finds the packets that follow, as CaptureReader.upcoming(). A record that needs a closer look ends them. */
  upcoming?(window: ChunkWindow, ranges: Int32Array): number
  /** From now on keeps the options of interfaces, and decryption secrets. Call before next(). */
  keepMetadata(): void
  /** Interfaces of the packets read so far; complete only after keepMetadata(). */
  readonly interfaces: InterfaceRecord[]
  /** Decryption secrets blocks as a whole, in little-endian byte order. */
  readonly secrets: Uint8Array[]
  /** The record of the packet that next() read last. Cold path. */
  record(packet: CapturedPacket): PacketRecord
}

/** Counts warnings by kind, so that a million equal ones become one line. */
export class Warnings {
  private readonly counts = new Map<string, number>()

  add(text: string): void {
    this.counts.set(text, (this.counts.get(text) ?? 0) + 1)
  }

  /** One line for each kind, in order of first appearance. */
  lines(): string[] {
    return [...this.counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`))
  }
}
