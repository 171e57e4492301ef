// A file -> its bytes, one piece after another.

export type Bytes = Uint8Array<ArrayBuffer>

export interface Pieces {
  /** The next piece, empty at the end. @param memory taken; the piece may have other memory @throws the browser's error */
  fill(memory: ArrayBuffer): Promise<Bytes>
  close(): Promise<void>
}

export const PIECE_BYTES = 1 << 20
/** Below, slices are as fast. */
export const LARGE_BYTES = 8 << 20
/** Of one piece. */
const LONGEST_MS = 3000

/** A file read once; the memory of a piece is used again for the next. */
export async function* piecesOf(file: Blob): AsyncGenerator<Bytes> {
  const stream = new FileStream(file)
  for (let piece = await stream.fill(new ArrayBuffer(PIECE_BYTES)); piece.length > 0; piece = await stream.fill(piece.buffer)) yield piece
}

/** A large file as one stream, read into memory that is used again: some four times as fast as slice after slice. Other files in slices. */
export class FileStream implements Pieces {
  private readonly file: Blob
  private reader: ReadableStreamBYOBReader | null
  private at = 0

  constructor(file: Blob, isStreamed = file.size > LARGE_BYTES) {
    this.file = file
    this.reader = isStreamed ? readerOf(file) : null
  }

  async fill(memory: ArrayBuffer): Promise<Bytes> {
    const piece = (this.reader && (await this.streamed(this.reader, memory))) ?? (await this.slice())
    this.at += piece.length
    return piece
  }

  async close(): Promise<void> {
    await this.reader?.cancel()
  }

  /** Null: the stream gives no more, and a slice tells why. */
  private async streamed(reader: ReadableStreamBYOBReader, memory: ArrayBuffer): Promise<Bytes | null> {
    try {
      return await inTime(fillWhole(reader, memory))
    } catch {
      this.reader = null
      reader.cancel().catch(() => {})
      return null
    }
  }

  private async slice(): Promise<Bytes> {
    return new Uint8Array(await this.file.slice(this.at, this.at + PIECE_BYTES).arrayBuffer())
  }
}

/** Null where streams do not fill memory that is there. */
function readerOf(file: Blob): ReadableStreamBYOBReader | null {
  try {
    return file.stream().getReader({ mode: 'byob' })
  } catch {
    return null
  }
}

async function fillWhole(reader: ReadableStreamBYOBReader, memory: ArrayBuffer): Promise<Bytes> {
  let filled = 0
  while (filled < memory.byteLength) {
    const { done, value } = await reader.read(new Uint8Array(memory, filled))
    if (value === undefined) break
    memory = value.buffer
    filled += value.length
    if (done) break
  }
  return new Uint8Array(memory, 0, filled)
}

/** About one stream in a thousand never answers a read in Chromium 156. */
async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), LONGEST_MS)
  })
  try {
    return await Promise.race([reading, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Why a browser could not read a file, worded as on the command line. */
export function reasonOf(error: unknown): string {
  const { name, message } = error as Error
  switch (name) {
    case 'NotFoundError':
      return 'no such file: it was moved or deleted since it was chosen, or is a folder'
    case 'NotReadableError':
      return 'it was changed, moved or locked since it was chosen, or is a folder: choose it again'
    case 'SecurityError':
      return 'this browser does not let the page read it'
    default:
      return message ?? String(error)
  }
}
