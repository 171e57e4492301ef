// What a file gives while it is read: its bytes, and its SHA-256 at the end.

/** Bytes as they are wanted, with the digest of all of them. */
export interface Feed {
  /** The next piece, empty at the end; its memory stays as it is until the one after it is asked for. */
  next(): Promise<Uint8Array>
  /** Whether next() would wait, where that is known. */
  isWaiting?(): boolean
  /** SHA-256 in hex of all that next() gave; call after the end. */
  digest(): Promise<string>
  /** Lets go of file and threads. */
  close(): Promise<void>
}
