// Bytes that are read a part at a time, wherever they are: an array, or a file that is too large for one.
export interface ByteRanges {
  readonly length: number
  subarray(from?: number, to?: number): Uint8Array<ArrayBufferLike>
}

/** The bytes of a file. */
export interface FileRanges extends ByteRanges {
  /** Fills an array with the bytes from an offset on. */
  copy(from: number, into: Uint8Array): void
}
