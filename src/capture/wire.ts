// What a record's original length says about the wire. Hot path.

/** No frame is longer; Wireshark takes the same limit, so that totals agree even over garbage. */
const MAX_FRAME_BYTES = 0x7fff_ffff

/**
 * The frame's length on the wire: some link types put a header of the capturing system's own in front of it and count it in
 * (https://www.tcpdump.org/linktypes.html; Wireshark leaves the same ones out).
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
