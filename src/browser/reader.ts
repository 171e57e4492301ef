// Large files are read by a worker of their own: a stream waits for its thread after every 64 kB, and the analysis' thread is busy.
import { type Bytes, FileStream, LARGE_BYTES, PIECE_BYTES, type Pieces } from './file-stream.ts'
import { startWorker } from './start-worker.ts'

export type ToReader = { id: number; file: Blob } | { id: number; memory: ArrayBuffer } | { id: number }
/** A piece is empty at the file's end. */
export type FromReader = { id: number; piece: Bytes } | { id: number; error: { name: string; message: string } }

export class Reader {
  private readonly text: string
  private worker: Worker | null = null
  private readonly all = new Map<number, PiecesByWorker>()
  private opened = 0

  /** @param text of reader.worker.ts */
  constructor(text: string) {
    this.text = text
  }

  open(file: Blob): Pieces {
    if (file.size <= LARGE_BYTES || !this.start()) return new FileStream(file)
    const id = this.opened++
    const pieces = new PiecesByWorker(file, (message, transfer) => {
      if (message === null) this.all.delete(id)
      this.worker?.postMessage({ ...message, id } satisfies ToReader, transfer)
    })
    this.all.set(id, pieces)
    return pieces
  }

  /** @returns false: this browser lets a worker have none */
  start(): boolean {
    if (this.worker !== null) return true
    this.worker = startWorker(this.text)
    if (this.worker === null) return false
    this.worker.onmessage = ({ data }: MessageEvent<FromReader>) => this.all.get(data.id)?.take(data)
    this.worker.onerror = (event) => {
      event.preventDefault()
      this.worker = null
      for (const pieces of this.all.values()) pieces.goOnAlone()
      this.all.clear()
    }
    return true
  }
}

type Part = { file: Blob } | { memory: ArrayBuffer } | null

class PiecesByWorker implements Pieces {
  private readonly file: Blob
  private readonly send: (message: Part, transfer: Transferable[]) => void
  private readonly come: FromReader[] = []
  private wanted: ((piece: Bytes | Promise<Bytes>) => void) | null = null
  /** Bytes given out. */
  private at = 0
  /** In this thread, once the worker has failed. */
  private alone: FileStream | null = null

  constructor(file: Blob, send: (message: Part, transfer: Transferable[]) => void) {
    this.file = file
    this.send = send
    send({ file }, [])
  }

  fill(memory: ArrayBuffer): Promise<Bytes> {
    if (this.alone !== null) return this.alone.fill(memory)
    this.send({ memory }, [memory])
    return new Promise((resolve) => {
      this.wanted = resolve
      this.give()
    })
  }

  take(message: FromReader): void {
    this.come.push(message)
    this.give()
  }

  goOnAlone(): void {
    this.alone = new FileStream(this.file.slice(this.at))
    this.wanted?.(this.alone.fill(new ArrayBuffer(PIECE_BYTES)))
  }

  async close(): Promise<void> {
    this.send(null, [])
    await this.alone?.close()
  }

  private give(): void {
    const message = this.wanted && this.come.shift()
    if (!message) return
    this.at += 'piece' in message ? message.piece.length : 0
    this.wanted!('piece' in message ? message.piece : Promise.reject(Object.assign(new Error(), message.error)))
    this.wanted = null
  }
}
