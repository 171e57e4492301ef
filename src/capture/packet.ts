// The record that capture passes to decode.
import { NO_BYTES } from '../decode/bytes.ts'

/** One packet as in the file. A reader has one and refills it: the bytes are valid until the reader's next packet. */
export class CapturedPacket {
  bytes: Uint8Array = NO_BYTES
  /** The packet is bytes[start..end). */
  start = 0
  end = 0
  /** Original length from the record, before the snapshot length cut the packet; see bytesOnWire() in wire.ts. */
  originalBytes = 0
  /** Integer microseconds since the epoch, UTC. */
  timeUs = 0
  /** LINKTYPE_ number (https://www.tcpdump.org/linktypes.html). */
  linkType = 0
  /** Offset of its record in the uncompressed capture. The initial fraction makes the field floating point, so that V8 never changes its type. */
  offset = 0.5
}
