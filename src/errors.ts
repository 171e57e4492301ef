// The only errors thrown on purpose. Bad packets are data, not errors: they are counted (see decode/status.ts).

/** A capture that cannot be used at all. The message is one line for the user: file, byte offset, what to do. */
export class CaptureError extends Error {
  override name = 'CaptureError'
  /** Byte offset in the uncompressed capture. */
  readonly offset: number

  constructor(message: string, offset = 0) {
    super(message)
    this.offset = offset
  }
}

/** A wrong option or argument; the message names it and says what it must be. */
export class UsageError extends Error {
  override name = 'UsageError'
}
