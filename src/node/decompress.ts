// gzip and zstd, told by their first bytes. Whatever was decompressed before damage or a cut is handed on; the problem is reported beside it.
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'

export type Compression = '' | 'gzip' | 'zstd'

/** Compressed bytes taken at a time: bounds what one step can swell to (deflate: at most 1032 times). */
const STEP_BYTES = 32_768

export function compressionOf(bytes: Uint8Array): Compression {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd ? 'zstd' : ''
}

/** @param onProblem called once with what is wrong, if anything is; the iteration then just ends */
export function decompress(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  onProblem: (problem: string) => void,
): AsyncIterable<Uint8Array> {
  return compression === 'gzip' ? gunzip(chunks, onProblem) : unzstd(chunks, onProblem)
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>, onProblem: (problem: string) => void): AsyncGenerator<Uint8Array> {
  const inflate = createGunzip({ chunkSize: 256 << 10 })
  const out: Buffer[] = []
  let failure: Error | null = null
  inflate.on('data', (piece: Buffer) => out.push(piece))
  inflate.on('error', (error) => {
    failure = error
  })
  try {
    for await (const step of steps(chunks)) {
      await new Promise<void>((resolve) => {
        // Where the data is damaged zlib closes the stream and never calls back.
        inflate.once('close', resolve)
        inflate.write(step, () => {
          inflate.off('close', resolve)
          resolve()
        })
      })
      yield* out.splice(0)
      if (failure !== null) break
    }
    if (failure === null) {
      await new Promise<void>((resolve) => {
        // A cut is found here: zlib misses the end of its stream.
        inflate.on('end', resolve).on('close', resolve).end()
      })
      yield* out.splice(0)
    }
    if (failure !== null) onProblem(`gzip data is damaged or cut off (${(failure as Error).message}): the rest cannot be read`)
  } finally {
    inflate.destroy()
  }
}

async function* unzstd(chunks: AsyncIterable<Uint8Array>, onProblem: (problem: string) => void): AsyncGenerator<Uint8Array> {
  const out: Uint8Array[] = []
  const stream = new Decompress((piece) => out.push(piece))
  try {
    for await (const step of steps(chunks)) {
      stream.push(step)
      yield* out.splice(0)
    }
    stream.push(new Uint8Array(0), true)
    yield* out.splice(0)
  } catch (error) {
    yield* out.splice(0)
    onProblem(`zstd data is damaged or cut off (${error instanceof Error ? error.message : String(error)}): the rest cannot be read`)
  }
}

/** Small copies of the chunks: both libraries keep what they are given for longer than a chunk's memory lasts. */
async function* steps(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += STEP_BYTES) yield chunk.slice(at, at + STEP_BYTES)
  }
}
