// Files in; their pieces out, a few ahead of who takes them.
import { FileStream, PIECE_BYTES } from './file-stream.ts'
import type { FromReader, ToReader } from './reader.ts'

declare const self: {
  onmessage: (event: { data: ToReader }) => void
  postMessage(message: FromReader, transfer?: Transferable[]): void
}

/** Pieces of a file that wait for who takes them. */
const AHEAD = 4

class Reading {
  private readonly id: number
  private readonly stream: FileStream
  private readonly free: ArrayBuffer[] = []
  private isFilling = false

  constructor(id: number, file: Blob) {
    this.id = id
    this.stream = new FileStream(file)
    for (let piece = 0; piece < AHEAD; piece++) this.take(new ArrayBuffer(PIECE_BYTES))
  }

  take(memory: ArrayBuffer): void {
    this.free.push(memory)
    if (!this.isFilling) void this.fillAll()
  }

  close(): void {
    this.free.length = 0
    this.stream.close().catch(() => {})
  }

  private async fillAll(): Promise<void> {
    this.isFilling = true
    try {
      for (let memory = this.free.pop(); memory !== undefined; memory = this.free.pop()) {
        const piece = await this.stream.fill(memory)
        const isEnd = piece.length === 0 // once sent, every piece has no length
        self.postMessage({ id: this.id, piece }, [piece.buffer])
        if (isEnd) return
      }
      this.isFilling = false
    } catch (error) {
      const { name, message } = error as Error
      self.postMessage({ id: this.id, error: { name, message } })
    }
  }
}

const readings = new Map<number, Reading>()

self.onmessage = ({ data }) => {
  if ('file' in data) readings.set(data.id, new Reading(data.id, data.file))
  else if ('memory' in data) readings.get(data.id)?.take(data.memory)
  else {
    readings.get(data.id)?.close()
    readings.delete(data.id)
  }
}
