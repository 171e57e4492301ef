// The record on the arrow capture -> decode.

const NO_BYTES = new Uint8Array(0)

/** One packet as it stands in the file. A reader owns one and refills it: its bytes are valid until the reader moves on. */
export class CapturedPacket {
  bytes: Uint8Array = NO_BYTES
  /** The packet is bytes[start..end). */
  start = 0
  end = 0
  /** Length before a snap length cut the packet, as the record says it; see bytesOnWire() in wire.ts. */
  originalBytes = 0
  /** Integer microseconds since the epoch, UTC. */
  timeUs = 0
  /** LINKTYPE_ number (https://www.tcpdump.org/linktypes.html). */
  linkType = 0
  /** Offset of its record in the uncompressed capture; a fraction at first, so that the field is never anything but floating point. */
  offset = 0.5
}
