// The file header of a classic pcap and the first records after it -> the layout of the records. Cold path.

export const PCAP_HEADER_BYTES = 24
/** Longest file header: some writers add four bytes. */
const LONGEST_HEADER_BYTES = 28
/** Number of records that are checked to find the length of record headers. */
const TRIED_RECORDS = 3
const MAX_TRIED_BYTES = 262_144
const MAX_ORIGINAL_BYTES = 1 << 27

interface Variant {
  littleEndian: boolean
  nanoseconds: boolean
  headerBytes: number
  /** Possible lengths of record headers with this magic number, the usual one first. */
  recordHeaders: number[]
}

const variant = (littleEndian: boolean, nanoseconds: boolean, recordHeaders: number[], headerBytes = PCAP_HEADER_BYTES): Variant => ({
  ...{ littleEndian, nanoseconds, headerBytes, recordHeaders },
})
/** Standard. With the same magic number, one of Kuznetsov's patches has 8 bytes more, Nokia 4 (Wireshark, wiretap/libpcap.c). */
const STANDARD = [16, 24, 20]
/** Kuznetsov's later patches. */
const MODIFIED = [24, 28]

/** Magic numbers, read big-endian. */
const VARIANTS = new Map<number, Variant>([
  [0xa1b2c3d4, variant(false, false, STANDARD)],
  [0xd4c3b2a1, variant(true, false, STANDARD)],
  [0xa1b23c4d, variant(false, true, [16])],
  [0x4d3cb2a1, variant(true, true, [16])],
  [0xa1b2cd34, variant(false, false, MODIFIED)],
  [0x34cdb2a1, variant(true, false, MODIFIED)],
  // Ixia
  [0x1c0001ac, variant(false, false, [16], LONGEST_HEADER_BYTES)],
  [0xac01001c, variant(true, false, [16], LONGEST_HEADER_BYTES)],
  [0x1c0001ab, variant(false, false, [16], LONGEST_HEADER_BYTES)],
  [0xab01001c, variant(true, false, [16], LONGEST_HEADER_BYTES)],
])

/** AIX writes interface types of RFC 1573 instead of link types (6 Ethernet, 9 token ring, 15 FDDI, 24 loopback). */
const AIX_LINK_TYPES = new Map([
  [6, 1],
  [9, 6],
  [15, 10],
  [24, 0],
])

export interface PcapHeader {
  littleEndian: boolean
  nanoseconds: boolean
  /** The magic number says microseconds, but the records have nanoseconds. */
  isMistaken: boolean
  isAix: boolean
  headerBytes: number
  recordHeaderBytes: number
  linkType: number
  snapBytes: number
  /** Before version 2.3 the two lengths were in the other order; in 2.3 both orders occur (libpcap, sf-pcap.c); 543 is DG/UX. */
  swapsLengths: boolean
}

/** @param magic the file's first four bytes, read big-endian */
export function isPcap(magic: number): boolean {
  return VARIANTS.has(magic)
}

/** Whether a file header begins here: checks its fixed fields, not only the magic number. */
export function isPcapHeader(view: DataView, at: number): boolean {
  if (at + PCAP_HEADER_BYTES > view.byteLength) return false
  const found = VARIANTS.get(view.getUint32(at))
  if (found === undefined) return false
  const { littleEndian } = found
  const major = view.getUint16(at + 4, littleEndian)
  const minor = view.getUint16(at + 6, littleEndian)
  // Time zone and accuracy are zero in practice; the link type has 16 bits.
  return major === 2 && minor <= 4 && view.getUint32(at + 8) === 0 && view.getUint32(at + 12) === 0
}

/**
 * @param view has the file header at `at`
 * @param end of the known bytes of the file; the header alone is enough
 */
export function readPcapHeader(view: DataView, at: number, end: number): PcapHeader | null {
  const found = VARIANTS.get(view.getUint32(at))
  if (found === undefined) return null
  const { littleEndian, headerBytes, recordHeaders } = found
  const major = view.getUint16(at + 4, littleEndian)
  const minor = view.getUint16(at + 6, littleEndian)
  // The upper bits say whether frames end in a frame check sequence; in most files they are zero or random.
  const linkType = view.getUint32(at + 20, littleEndian) & 0xffff
  const aix = major === 2 && minor === 2 ? AIX_LINK_TYPES.get(linkType) : undefined
  const first = at + headerBytes
  const swapsLengths = (major === 2 && minor <= 3) || major === 543
  const fits =
    aix === undefined && !swapsLengths && first + recordHeaders[0] <= end
      ? recordHeaders.find((bytes, i) => areRecords(view, first, end, bytes, littleEndian, i === 0))
      : undefined
  const recordHeaderBytes = fits ?? recordHeaders[0]
  const isNano = aix !== undefined || found.nanoseconds
  const isMistaken = !isNano && areNanoseconds(view, first, end, recordHeaderBytes, littleEndian)
  return {
    ...{ littleEndian, headerBytes, recordHeaderBytes, isAix: aix !== undefined, linkType: aix ?? linkType },
    snapBytes: view.getUint32(at + 16, littleEndian),
    ...{ nanoseconds: isNano || isMistaken, isMistaken },
    swapsLengths,
  }
}

/**
 * Whether the first records can have headers of this length, with checks like Wireshark's.
 * @param isUsual the length is the usual one: implausible times are then accepted, and one record is enough
 */
function areRecords(view: DataView, from: number, end: number, headerBytes: number, littleEndian: boolean, isUsual: boolean): boolean {
  let at = from
  let records = 0
  while (records < TRIED_RECORDS && at + headerBytes <= end) {
    const fraction = view.getUint32(at + 4, littleEndian)
    const captured = view.getUint32(at + 8, littleEndian)
    const original = view.getUint32(at + 12, littleEndian)
    if (captured > MAX_TRIED_BYTES || captured > original || original > MAX_ORIGINAL_BYTES || (!isUsual && fraction >= 1e9)) return false
    records++
    at += headerBytes + captured
  }
  // A length other than the usual one must lead exactly to another record or to the end.
  return isUsual || records > 1 || at === end
}

/** Whether most fractions are too large for microseconds and all are valid nanoseconds: some writers use the wrong magic number. */
function areNanoseconds(view: DataView, from: number, end: number, headerBytes: number, littleEndian: boolean): boolean {
  let [records, above] = [0, 0]
  for (let at = from; at + headerBytes <= end; ) {
    const fraction = view.getUint32(at + 4, littleEndian)
    const captured = view.getUint32(at + 8, littleEndian)
    if (fraction >= 1e9 || captured > MAX_TRIED_BYTES) break
    records++
    if (fraction >= 1e6) above++
    at += headerBytes + captured
  }
  return above * 2 > records
}
