// gzip and zstd data, recognised by their first bytes -> their content. Content before damage or a cut is returned, and the problem is reported.
// How much of damaged data is read depends only on the data, not on the size of its pieces.
import { openGzip } from './gzip.ts'
import { Damage, type MemberReader, Members } from './members.ts'
import { peek } from './peek.ts'
import { isFrame, isSkippable } from './zstd-frame.ts'

export type Compression = '' | 'gzip' | 'zstd'

/** Functions that the platform provides for decompression. */
export interface DecompressionHost {
  /** zip-module.wasm of the zip.js project: zlib. */
  zlib(): Promise<Uint8Array>
  /** Handles signals, timers and messages. */
  takeTurn(): Promise<void>
}

/** Number of bytes that show the compression. */
export const MAGIC_BYTES = 4
/** Most layers of compression inside each other. */
export const MAX_LAYERS = 4
/** Time after which signals and timers are handled. */
const TURN_MS = 10

/** @param bytes the first MAGIC_BYTES, or fewer if there are no more */
export function compressionOf(bytes: Uint8Array): Compression {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  return isFrame(bytes) || isSkippable(bytes) ? 'zstd' : ''
}

/**
 * Removes all layers of compression. The memory of a piece is reused after the next one is requested.
 * @param onProblem called with a problem, if there is one; the iteration then ends
 */
export function decompress(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  onProblem: (problem: string) => void,
  host: DecompressionHost,
): AsyncGenerator<Uint8Array> {
  return layers(compression, chunks, (outer, inner, name) => decoded(outer, inner, name, onProblem, host), onProblem)
}

/** Decompresses one layer. @param name of the data, for messages */
export type Decompressor = (compression: Compression, chunks: AsyncIterable<Uint8Array>, name: string) => AsyncIterable<Uint8Array>

/** Removes one layer of compression after another. */
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
  // The decoder is loaded only if needed.
  const { openZstd } = await import('./zstd.ts')
  return openZstd(name)
}
