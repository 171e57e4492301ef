// The set of selected packets: one bit each, stored only for blocks with selected packets.

/** Packets in one block of bits. */
const BLOCK_PACKETS = 1 << 16

export class PacketMarks {
  private readonly blocks: (Uint8Array | undefined)[] = []

  /** @param index of the packet, from 0 */
  add(index: number): void {
    const at = Math.floor(index / BLOCK_PACKETS)
    const bit = index % BLOCK_PACKETS
    let block = this.blocks[at]
    if (block === undefined) block = this.blocks[at] = new Uint8Array(BLOCK_PACKETS / 8)
    block[bit >>> 3] |= 1 << (bit & 7)
  }

  has(index: number): boolean {
    const block = this.blocks[Math.floor(index / BLOCK_PACKETS)]
    const bit = index % BLOCK_PACKETS
    return block !== undefined && (block[bit >>> 3] & (1 << (bit & 7))) !== 0
  }
}
