// Types and first fields of pcapng blocks (draft-ietf-opsawg-pcapng).

export const SECTION_HEADER_BLOCK = 0x0a0d0d0a
export const INTERFACE_BLOCK = 1
export const OBSOLETE_PACKET_BLOCK = 2
export const SIMPLE_PACKET_BLOCK = 3
export const NAME_RESOLUTION_BLOCK = 4
export const STATISTICS_BLOCK = 5
export const ENHANCED_PACKET_BLOCK = 6
/** Keys for TLS and other protocols (draft-ietf-opsawg-pcapng 4.7). */
export const SECRETS_BLOCK = 10

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Shortest section header block. */
export const SECTION_HEADER_BYTES = 28

/** Block type and both copies of the block length. */
export const FRAME_BYTES = 12

/** Length of the fixed fields in a block's body; undefined: the block is skipped. */
export const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER_BLOCK, 16],
  [INTERFACE_BLOCK, 8],
  [NAME_RESOLUTION_BLOCK, 0],
  [STATISTICS_BLOCK, 12],
])

/** if_tsresol, if_tsoffset */
export const OPTION_TSRESOL = 9
export const OPTION_TSOFFSET = 14
/** isb_ifdrop, isb_osdrop */
export const OPTION_IFDROP = 5
export const OPTION_OSDROP = 7
export const NAME_RECORD_IPV4 = 1
export const NAME_RECORD_IPV6 = 2

/** Whether a section header begins here, in either byte order; does not check the block's length. */
export function isSectionHeader(view: DataView, at: number): boolean {
  if (at + FRAME_BYTES > view.byteLength || view.getUint32(at) !== SECTION_HEADER_BLOCK) return false
  return view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC || view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC
}

/** What is wrong with a section's version, "" if nothing. Like Wireshark, accepts 1.0 and 1.2, which some programs write. */
export function versionProblem(major: number, minor: number): string {
  return major === 1 && (minor === 0 || minor === 2) ? '' : `is of pcapng version ${major}.${minor}, and only 1.0 is defined`
}
