// Compressed bytes -> their content, with Node's files and event loop.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { type Compression, type DecompressionHost, decompress as decompressWith } from '../../compression/decompress.ts'

export const DECOMPRESSION: DecompressionHost = {
  zlib: () => readFile(createRequire(import.meta.url).resolve('@zip.js/zip.js/dist/zip-module.wasm')),
  takeTurn: () => setImmediate(),
}

/** As the one it calls. */
export function decompress(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  onProblem: (problem: string) => void,
): AsyncGenerator<Uint8Array> {
  return decompressWith(compression, chunks, onProblem, DECOMPRESSION)
}
