// Compressed bytes -> their content by independent code, so that errors of this program's decoders are found: the gzip or zstd program, or node:zlib.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type Compression, layers } from '../../compression/decompress.ts'
import { decompress } from './decompress.ts'

/** Callbacks for the decompression of a capture. */
export interface OtherCode {
  /** Called for each layer of compression with the name of the decoder. */
  onLayer(by: string): void
  /** Called with the reason when decompression ends early. */
  onProblem(problem: string): void
}

/** Size of pieces from node:zlib; when data is damaged, it loses the current piece. */
const PIECE_BYTES = 16 << 10

export function decompressOtherwise(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  { onLayer, onProblem }: OtherCode,
): AsyncGenerator<Uint8Array> {
  const layer = (inner: Compression, stored: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => {
    if (hasProgram(inner)) {
      onLayer(`the ${inner} program`)
      return byProgram(inner, stored, onProblem)
    }
    if (inner === 'gzip') {
      onLayer('node:zlib')
      return byZlib(stored, onProblem)
    }
    // The zstd decoder of node:zlib stops after the first frame (Node 22).
    onLayer("this program's own decoder, because there is no zstd program here")
    return decompress(inner, stored, onProblem)
  }
  return layers(compression, chunks, layer, onProblem)
}

const programs = new Map<string, boolean>()

function hasProgram(name: string): boolean {
  let isThere = programs.get(name)
  if (isThere === undefined) {
    isThere = spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0
    programs.set(name, isThere)
  }
  return isThere
}

async function* byProgram(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  onProblem: (problem: string) => void,
): AsyncGenerator<Uint8Array> {
  const child = spawn(name, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
  const closed = once(child, 'close') as Promise<[number | null]>
  closed.catch(() => {}) // awaited below
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    if (said.length < 1000) said += text.toString('latin1')
  })
  // The program closes its input when it finds damaged data.
  const fed = pipeline(Readable.from(buffers(chunks)), child.stdin).catch(() => {})
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    await fed
    const [status] = await closed
    if (status !== 0) onProblem(said.split('\n').find((line) => line.trim() !== '') ?? `${name} ended with status ${status}`)
  } finally {
    child.kill()
    await closed
  }
}

async function* byZlib(chunks: AsyncIterable<Uint8Array>, onProblem: (problem: string) => void): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip({ chunkSize: PIECE_BYTES })
  const fed = pipeline(Readable.from(buffers(chunks)), unzip).catch((error: Error) => onProblem(error.message))
  try {
    yield* unzip as AsyncIterable<Buffer>
  } catch {
    // The pipeline reports the error.
  } finally {
    unzip.destroy()
    await fed
  }
}

/** Chunks as Buffers for a stream, without empty ones, which would end it. */
export async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) if (chunk.length > 0) yield Buffer.from(chunk)
}
