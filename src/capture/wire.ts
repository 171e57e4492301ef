// The original length in a record -> the length on the wire. Hot path.

/** Longest frame; Wireshark has the same limit, so totals agree even for invalid lengths. */
const MAX_FRAME_BYTES = 0x7fff_ffff

/**
 * The frame's length on the wire: for some link types the original length includes a header that the capturing system added
 * (https://www.tcpdump.org/linktypes.html; Wireshark excludes the same headers).
 */
export function bytesOnWire(originalBytes: number, linkType: number): number {
  const own = linkType < 123 ? 0 : pseudoHeaderBytes(linkType)
  return Math.max(0, Math.min(originalBytes, MAX_FRAME_BYTES) - own)
}

function pseudoHeaderBytes(linkType: number): number {
  switch (linkType) {
    case 123: // LINKTYPE_SUNATM
    case 139: // LINKTYPE_MTP2_WITH_PHDR
    case 201: // LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR
    case 254: // LINKTYPE_BLUETOOTH_LINUX_MONITOR
      return 4
    case 144: // LINKTYPE_LINUX_IRDA
    case 177: // LINKTYPE_LINUX_LAPD
    case 197: // LINKTYPE_ERF
      return 16
    case 196: // LINKTYPE_SITA
    case 209: // LINKTYPE_I2C_LINUX
      return 5
    case 204: // LINKTYPE_PPP_WITH_DIR
      return 1
    default:
      return 0
  }
}
