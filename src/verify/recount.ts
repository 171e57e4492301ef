// Counts of a second, independent reader of classic pcap files. It shares no code with src/capture, because that is what it checks.

/** A record header from the independent reader, lengths in bytes. */
export interface RecordHeader {
  timestampSeconds: number
  timestampMicroseconds: number
  capturedLength: number
  originalLength: number
}

export interface Recount {
  packets: number
  /** Sum of the frames' lengths on the wire. */
  bytes: number
  capturedBytes: number
  firstUs: number | null
  lastUs: number | null
  /** LINKTYPE_ number of the file. */
  linkType: number
  /** Bytes in the records' lengths that are not in `bytes`: headers that the capturing system added, and impossible lengths. */
  ownBytes: number
  /** Why counting ended before the end of the file, "" if it did not. */
  note: string
}

/** A longer record has an invalid length, and the position of the next one is unknown (as in libpcap, MAXIMUM_SNAPLEN). */
export const MAX_RECORD_BYTES = 262_144

/** Lengths are unsigned 32-bit numbers, but no frame has 2 GiB; Wireshark counts at most this. */
const MAX_FRAME_BYTES = 2 ** 31 - 1

/**
 * Length of the header that the capturing system adds before each frame and includes in its length, by LINKTYPE_ number
 * (https://www.tcpdump.org/linktypes.html; Wireshark counts frames without it).
 */
const OWN_HEADER_BYTES: Record<number, number> = {
  123: 4, // SUNATM
  139: 4, // MTP2_WITH_PHDR
  144: 16, // LINUX_IRDA
  177: 16, // LINUX_LAPD
  196: 5, // SITA
  197: 16, // ERF
  201: 4, // BLUETOOTH_HCI_H4_WITH_PHDR
  204: 1, // PPP_WITH_DIR
  209: 5, // I2C_LINUX
  254: 4, // BLUETOOTH_LINUX_MONITOR
}

/** Length on the wire of a frame whose record has the length `originalBytes`. */
export function frameBytes(originalBytes: number, linkType: number): number {
  return Math.max(0, Math.min(originalBytes, MAX_FRAME_BYTES) - (OWN_HEADER_BYTES[linkType] ?? 0))
}

/** Sums of records. */
export class Tally {
  readonly recount: Recount

  /** @param network the last field of the file header; only its lower 16 bits are the link type */
  constructor(network: number) {
    const linkType = network % 65_536
    this.recount = { packets: 0, bytes: 0, capturedBytes: 0, firstUs: null, lastUs: null, linkType, ownBytes: 0, note: '' }
  }

  /** @param capturedBytes number of bytes that the reader returned */
  add(header: RecordHeader, capturedBytes: number): void {
    const counted = this.recount
    const bytes = frameBytes(header.originalLength, counted.linkType)
    const atUs = header.timestampSeconds * 1_000_000 + header.timestampMicroseconds
    counted.packets++
    counted.bytes += bytes
    counted.ownBytes += header.originalLength - bytes
    counted.capturedBytes += capturedBytes
    counted.firstUs = Math.min(counted.firstUs ?? atUs, atUs)
    counted.lastUs = Math.max(counted.lastUs ?? atUs, atUs)
  }
}

/**
 * Why the independent reader cannot recount a file; "" if it can. It reads classic pcap 2.4 with microseconds, in both byte orders.
 * @param head the first 24 bytes after decompression, or fewer
 */
export function whyNotRecounted(head: Uint8Array): string {
  const only = 'the independent reader (pcap-parser) reads only classic pcap with microseconds'
  if (head.length < 24) return 'the file ends inside its header'
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const magic = view.getUint32(0)
  if (magic === 0x0a0d0d0a) return `this is pcapng; ${only}`
  if (magic === 0xa1b23c4d || magic === 0x4d3cb2a1) return `this pcap has nanoseconds; ${only}`
  if (magic === 0xa1b2cd34 || magic === 0x34cdb2a1) return `this pcap has modified records; ${only}`
  if (magic !== 0xa1b2c3d4 && magic !== 0xd4c3b2a1) return 'this is not a pcap or pcapng file'
  const little = magic === 0xd4c3b2a1
  const major = view.getUint16(4, little)
  const minor = view.getUint16(6, little)
  return major === 2 && minor === 4 ? '' : `this pcap has version ${major}.${minor}; the independent reader (pcap-parser) reads only 2.4`
}
