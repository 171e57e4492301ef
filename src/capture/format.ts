// What a capture file format has to offer to the reader. Hot path: next() is called once a packet and allocates nothing.
import type { ChunkWindow } from './chunks.ts'
import type { CapturedPacket } from './packet.ts'

/** next() answers a number: this, ENDED, or how many contiguous bytes it needs before it can go on. */
export const GOT_PACKET = 0
/** Nothing more can be read; endedBy says why. */
export const ENDED = -1

/** A longer packet is taken for a broken length (libpcap's and Wireshark's own limit for all but a few link types). */
export const MAX_PACKET_BYTES = 262_144

/** An address and the name that the capture file itself gives it (pcapng Name Resolution Block). */
export interface FileName {
  address: Uint8Array
  name: string
}

export interface FormatReader {
  /** The format in words, for the report. */
  readonly format: string
  /** Why next() answered ENDED; '' while it has not. */
  readonly endedBy: string
  readonly warnings: Warnings
  /** Names the file brings along, in file order; the pipeline takes them at the end. */
  readonly fileNames: FileName[]
  next(window: ChunkWindow, packet: CapturedPacket): number
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
