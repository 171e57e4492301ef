// gzip and zstd, told by their first bytes. Whatever was decompressed before damage or a cut is handed on; the problem is reported beside it.
// How far damaged data is read depends on the data alone, not on the pieces it comes in.
import { openGzip } from './gzip.ts'
import { Damage, type MemberReader, Members } from './members.ts'
import { peek } from './peek.ts'
import { isFrame, isSkippable } from './zstd-frame.ts'

export type Compression = '' | 'gzip' | 'zstd'

/** Seam: what decompression asks of the platform. */
export interface DecompressionHost {
  /** zip-module.wasm of the zip.js project: zlib. */
  zlib(): Promise<Uint8Array>
  /** Lets signals, timers and messages in. */
  takeTurn(): Promise<void>
}

/** How many bytes tell the compression. */
export const MAGIC_BYTES = 4
/** Compressed data may hold compressed data, this many times over. */
export const MAX_LAYERS = 4
/** How long is decompressed before signals and timers are let in. */
const TURN_MS = 10

/** @param bytes the first MAGIC_BYTES, or fewer where there are no more */
export function compressionOf(bytes: Uint8Array): Compression {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  return isFrame(bytes) || isSkippable(bytes) ? 'zstd' : ''
}

/**
 * Content that is compressed itself is decompressed too. A piece's memory is used again once the next one is asked for.
 * @param onProblem called with what is wrong, if anything is; the iteration then just ends
 */
export function decompress(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  onProblem: (problem: string) => void,
  host: DecompressionHost,
): AsyncGenerator<Uint8Array> {
  return layers(compression, chunks, (outer, inner, name) => decoded(outer, inner, name, onProblem, host), onProblem)
}

/** Decompresses one layer. @param name what the data is called in sentences */
export type Decompressor = (compression: Compression, chunks: AsyncIterable<Uint8Array>, name: string) => AsyncIterable<Uint8Array>

/** Takes off one layer of compression after another. */
export async function* layers(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  decompressor: Decompressor,
  onProblem: (problem: string) => void,
): AsyncGenerator<Uint8Array> {
  let content = chunks
  let name = ''
  for (let layer = 1, next = compression; next !== ''; layer++) {
    if (layer > MAX_LAYERS) {
      onProblem(`${name} holds ${next} data: more than ${MAX_LAYERS} layers of compression are not read, decompress it first`)
      await content[Symbol.asyncIterator]().return?.()
      return
    }
    name = `${next} data${name === '' ? '' : ` inside ${name}`}`
    const { head, whole } = await peek(decompressor(next, content, name), MAGIC_BYTES)
    next = compressionOf(head)
    content = whole
  }
  yield* content
}

async function* decoded(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  onProblem: (problem: string) => void,
  host: DecompressionHost,
): AsyncGenerator<Uint8Array> {
  const members = new Members(await open(compression, name, host), name)
  let nextTurn = performance.now() + TURN_MS
  try {
    for await (const chunk of chunks) {
      for (const piece of members.decode(chunk)) {
        if (performance.now() >= nextTurn) {
          await host.takeTurn()
          nextTurn = performance.now() + TURN_MS
        }
        yield piece
      }
    }
    members.end()
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    onProblem(error.message)
  } finally {
    members.close()
  }
}

async function open(compression: Compression, name: string, host: DecompressionHost): Promise<MemberReader> {
  if (compression === 'gzip') return openGzip(name, host.zlib)
  // Its decoder is loaded only for data that needs it.
  const { openZstd } = await import('./zstd.ts')
  return openZstd(name)
}
