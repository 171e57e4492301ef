// Memory of columns in large blocks, which threads share and the system gets back.

export type Numbers = Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array

/**
 * The C library asks the system for larger memory than this, and gives it back at once; below, it does so less and less (mallopt(3),
 * M_MMAP_THRESHOLD): of a merge of 24 reports, it kept 200 MB that nobody used.
 */
export const BLOCK_BYTES = 33 << 20

/** Memory of columns that are needed equally long. */
export class ColumnMemory {
  private block = new SharedArrayBuffer(0)
  private used = 0

  /** Of columns that nobody needs any more: the next ones get it. */
  reuse(): void {
    this.used = 0
  }

  /** @returns zeros, unless memory is used again */
  take<Values extends Numbers>(type: ColumnType<Values>, length: number): Values {
    const bytes = Math.ceil((length * type.BYTES_PER_ELEMENT) / 8) * 8
    if (this.used + bytes > this.block.byteLength) {
      this.block = new SharedArrayBuffer(Math.max(BLOCK_BYTES, bytes))
      this.used = 0
    }
    this.used += bytes
    return new type(this.block, this.used - bytes, length)
  }
}

export interface ColumnType<Values> {
  readonly BYTES_PER_ELEMENT: number
  new (block: SharedArrayBuffer, at: number, length: number): Values
}
