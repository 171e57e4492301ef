// The original length in a record -> the length on the wire. Hot path.
import { uncountedBytes } from '../decode/link-types.ts'

/** Longest frame; Wireshark has the same limit, so totals agree even for invalid lengths. */
const MAX_FRAME_BYTES = 0x7fff_ffff

/**
 * The frame's length on the wire: for some link types the original length includes a header that the capturing system added
 * (https://www.tcpdump.org/linktypes.html; Wireshark excludes the same headers).
 */
export function bytesOnWire(originalBytes: number, linkType: number): number {
  return Math.max(0, Math.min(originalBytes, MAX_FRAME_BYTES) - uncountedBytes(linkType))
}
