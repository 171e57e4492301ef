// What a capture file format has to offer to the reader. Hot path: next() is called once a packet and allocates nothing.
import type { ChunkWindow } from './chunks.ts'
import type { CapturedPacket } from './packet.ts'

/** next() answers a number: this, ENDED, ANOTHER_CAPTURE, or how many contiguous bytes it needs before it can go on. */
export const GOT_PACKET = 0
/** Nothing more can be read; endedBy says why. */
export const ENDED = -1
/** The file header of another capture stands where the next record should: captures were joined by cat. */
export const ANOTHER_CAPTURE = -2

/** The bytes at the front that tell what a file is. */
export const PROBE_BYTES = 65_536

/** A longer packet is taken for a broken length, as in libpcap and Wireshark; some link types have longer ones. */
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

/** Why reading ends at a tail of zeros. */
export function describeZeros(what: 'record' | 'block', offset: number): string {
  return `zeros where the ${what} at byte ${offset} should be: nothing after them was read`
}

/** An address and the name that the capture file itself gives it (pcapng Name Resolution Block). */
export interface FileName {
  address: Uint8Array
  name: string
}

/** Packets that the file says were not captured; null: it does not say. */
export interface FileDrops {
  /** By the interface, for lack of room. */
  interface: number | null
  /** By the operating system. */
  system: number | null
}

export const NO_DROPS: Readonly<FileDrops> = { interface: null, system: null }

/** An interface as a pcapng copy of its packets describes it. */
export interface InterfaceRecord {
  linkType: number
  /** 0: no limit. */
  snapBytes: number
  /** pcapng options in little-endian order, without the end of options. */
  options: Uint8Array
}

/** What the record of a packet says beside what CapturedPacket holds. */
export interface PacketRecord {
  /** Index in `interfaces`. */
  interface: number
  /** Time stamp in units of the interface: upper and lower 32 bits. */
  timeHigh: number
  timeLow: number
  /** pcapng options in little-endian order, without the end of options. */
  options: Uint8Array
}

export interface FormatReader {
  /** The format in words, for the report. */
  readonly format: string
  /** Why next() answered ENDED; '' while it has not. */
  readonly endedBy: string
  readonly warnings: Warnings
  /** Names the file brings along, in file order; the pipeline takes them at the end. */
  readonly fileNames: FileName[]
  readonly drops: Readonly<FileDrops>
  /** Of the shortest file header. */
  readonly headerBytes: number
  /** A record that is passed over in parts: where it begins and how long it is. Null: what next() asks for is the record. */
  readonly unfinished?: { offset: number; bytes: number } | null
  /** The stream ends before what next() asked for. @returns true when next() can go on with what there is */
  endOfStream?(): boolean
  next(window: ChunkWindow, packet: CapturedPacket): number
  /** From here on interfaces are kept with all their options, and decryption secrets. Call before next(). */
  keepMetadata(): void
  /** Those whose packets were read so far; complete only after keepMetadata(). */
  readonly interfaces: InterfaceRecord[]
  /** Decryption secrets blocks, whole, in little-endian order. */
  readonly secrets: Uint8Array[]
  /** Of the packet that next() has just read. Cold. */
  record(packet: CapturedPacket): PacketRecord
}

/** Counts oddities by kind, so that a million of them make one line. */
export class Warnings {
  private readonly counts = new Map<string, number>()

  add(text: string): void {
    this.counts.set(text, (this.counts.get(text) ?? 0) + 1)
  }

  /** One line a kind, in order of first appearance. */
  lines(): string[] {
    return [...this.counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`))
  }
}
