// What a second, independent reader counts in a classic pcap file. Nothing here is shared with src/capture: that is what is being checked.

/** A record header as the independent reader hands it over, lengths in bytes. */
export interface RecordHeader {
  timestampSeconds: number
  timestampMicroseconds: number
  capturedLength: number
  originalLength: number
}

export interface Recount {
  packets: number
  /** Lengths of the frames on the wire. */
  bytes: number
  capturedBytes: number
  firstUs: number | null
  lastUs: number | null
  /** LINKTYPE_ number of the file. */
  linkType: number
  /** By how much the records' lengths exceed `bytes`: headers that the capturing system put before the frames, and impossible lengths. */
  ownBytes: number
  /** Why counting ended before the file did, '' if it did not. */
  note: string
}

/** A longer record is a broken length; nothing behind it can be found (libpcap refuses the same, MAXIMUM_SNAPLEN). */
export const MAX_RECORD_BYTES = 262_144

/** Lengths are unsigned 32-bit numbers, but no frame has 2 GiB: Wireshark counts at most this. */
const MAX_FRAME_BYTES = 2 ** 31 - 1

/**
 * Bytes that the capturing system writes before each frame and counts into its length, by LINKTYPE_ number
 * (https://www.tcpdump.org/linktypes.html; Wireshark counts frames without them).
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

/** Length on the wire of a frame whose record claims `originalBytes`. */
export function frameBytes(originalBytes: number, linkType: number): number {
  return Math.max(0, Math.min(originalBytes, MAX_FRAME_BYTES) - (OWN_HEADER_BYTES[linkType] ?? 0))
}

/** Adds up records. */
export class Tally {
  readonly recount: Recount

  /** @param network the last field of the file header; only its lower 16 bits are the link type */
  constructor(network: number) {
    const linkType = network % 65_536
    this.recount = { packets: 0, bytes: 0, capturedBytes: 0, firstUs: null, lastUs: null, linkType, ownBytes: 0, note: '' }
  }

  /** @param capturedBytes how many bytes the reader really handed over */
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
 * Why the independent reader cannot recount a file; '' if it can. It reads classic pcap 2.4 with microseconds, in both byte orders.
 * @param head the first 24 bytes after decompression, or fewer
 */
export function whyNotRecounted(head: Uint8Array): string {
  const only = 'the independent reader (pcap-parser) knows classic pcap with microseconds only'
  if (head.length < 24) return 'the file ends inside its header'
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const magic = view.getUint32(0)
  if (magic === 0x0a0d0d0a) return `this is pcapng; ${only}`
  if (magic === 0xa1b23c4d || magic === 0x4d3cb2a1) return `this pcap has nanoseconds; ${only}`
  if (magic === 0xa1b2cd34 || magic === 0x34cdb2a1) return `this pcap has modified records; ${only}`
  if (magic !== 0xa1b2c3d4 && magic !== 0xd4c3b2a1) return 'this is no pcap or pcapng file'
  const little = magic === 0xd4c3b2a1
  const major = view.getUint16(4, little)
  const minor = view.getUint16(6, little)
  return major === 2 && minor === 4 ? '' : `this pcap has version ${major}.${minor}; the independent reader (pcap-parser) knows 2.4 only`
}
