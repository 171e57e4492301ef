// A large file is read by a worker, and by the same thread where there is none or it fails: the bytes are the file's in each case.
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { LARGE_BYTES, PIECE_BYTES, type Pieces } from '../../src/browser/file-stream.ts'
import { type FromReader, Reader, type ToReader } from '../../src/browser/reader.ts'

/** More than the worker reads at once. */
const LARGE = new Uint8Array(4 * LARGE_BYTES + 3 * PIECE_BYTES + 12_345)
for (let i = 0; i < LARGE.length; i++) LARGE[i] = i * 7 + (i >> 10)

/** The code of the worker, in this thread; memory changes hands as between threads. */
const scope = { onmessage: (_: { data: ToReader }) => {}, postMessage: (_: FromReader, __: Transferable[] = []) => {} }
let started: InThread[] = []

class InThread {
  onmessage: (event: { data: FromReader }) => void = () => {}
  onerror: (event: { preventDefault(): void }) => void = () => {}
  isGone = false

  constructor() {
    started.push(this)
    scope.postMessage = (message, transfer = []) => {
      const data = structuredClone(message, { transfer })
      queueMicrotask(() => this.isGone || this.onmessage({ data }))
    }
  }

  postMessage(message: ToReader, transfer: Transferable[]): void {
    const data = 'file' in message ? message : structuredClone(message, { transfer })
    queueMicrotask(() => this.isGone || scope.onmessage({ data }))
  }

  fail(): void {
    this.isGone = true
    this.onerror({ preventDefault() {} })
  }
}

const own = globalThis as unknown as { Worker: unknown; self: unknown }

beforeAll(async () => {
  own.self = scope
  await import('../../src/browser/reader.worker.ts')
})

afterEach(() => {
  started = []
  own.Worker = undefined
})

/** @param onPiece called with the number of pieces so far */
async function bytesOf(pieces: Pieces, onPiece: (count: number) => void = () => {}): Promise<Buffer> {
  const all: Buffer[] = []
  let memory = new ArrayBuffer(PIECE_BYTES)
  for (;;) {
    const piece = await pieces.fill(memory)
    if (piece.length === 0) break
    all.push(Buffer.from(Uint8Array.from(piece)))
    memory = piece.buffer
    onPiece(all.length)
  }
  await pieces.close()
  return Buffer.concat(all)
}

describe('a large file', () => {
  it('is read by a worker that is started once', async () => {
    own.Worker = InThread
    const reader = new Reader('')
    const [one, two] = await Promise.all([bytesOf(reader.open(new Blob([LARGE]))), bytesOf(reader.open(new Blob([LARGE])))])
    expect(started).toHaveLength(1)
    expect(one.equals(LARGE)).toBe(true)
    expect(two.equals(LARGE)).toBe(true)
  })

  it.each([1, 4, 9, 30])('is read to its end if the worker fails after piece %i', async (last) => {
    own.Worker = InThread
    const bytes = await bytesOf(new Reader('').open(new Blob([LARGE])), (count) => {
      if (count === last) started[0].fail()
    })
    expect(bytes.equals(LARGE)).toBe(true)
  })

  it('is read to its end if the worker fails at once', async () => {
    own.Worker = InThread
    const reading = bytesOf(new Reader('').open(new Blob([LARGE])))
    started[0].fail()
    expect((await reading).equals(LARGE)).toBe(true)
  })

  it('is read where a worker may start none', async () => {
    const bytes = await bytesOf(new Reader('').open(new Blob([LARGE])))
    expect(bytes.equals(LARGE)).toBe(true)
  })

  it('that has become shorter says so, after what is still there', async () => {
    own.Worker = InThread
    const rest = new Blob([LARGE])
    const file = { size: LARGE.length + 1, stream: () => rest.stream(), slice: (from: number, to: number) => rest.slice(from, to) }
    let pieces = 0
    const reading = bytesOf(new Reader('').open(file as unknown as Blob), (count) => {
      pieces = count
    })
    await expect(reading).rejects.toMatchObject({ name: 'NotReadableError' })
    expect(pieces).toBe(Math.ceil(LARGE.length / PIECE_BYTES))
  })

  it('that cannot be read any more says so', async () => {
    own.Worker = InThread
    const changed = new DOMException('The requested file could not be read', 'NotReadableError')
    const file = {
      size: LARGE.length,
      stream: () => {
        throw changed
      },
      slice: () => file,
      arrayBuffer: () => Promise.reject(changed),
    }
    await expect(bytesOf(new Reader('').open(file as unknown as Blob))).rejects.toMatchObject({ name: 'NotReadableError' })
  })
})

it('a small file needs no worker', async () => {
  own.Worker = InThread
  const small = LARGE.subarray(0, 100_000)
  const bytes = await bytesOf(new Reader('').open(new Blob([small])))
  expect(bytes.equals(small)).toBe(true)
  expect(started).toHaveLength(0)
})
