// A file or stream -> its bytes in pieces, and its SHA-256 at the end.

/** Bytes on request, with the digest of all of them. */
export interface Feed {
  /** The next piece, empty at the end. Its memory is not changed until the following call. */
  next(): Promise<Uint8Array>
  /** Whether next() would wait, if known. */
  isWaiting?(): boolean
  /** SHA-256 in hex of all bytes from next(), null if it was not wanted; call after the end. */
  digest(): Promise<string | null>
  /** Releases file and threads. */
  close(): Promise<void>
}
