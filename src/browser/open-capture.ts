// A dropped or chosen file -> CaptureSource: decompressed by WebAssembly, read in pieces.

import zlib from '@zip.js/zip.js/dist/zip-module.wasm'
import type { DecompressionHost } from '../compression/decompress.ts'
import { CaptureError } from '../errors.ts'
import { openSource } from '../input/source.ts'
import type { CaptureSource } from '../types.ts'
import { FileFeed } from './file-feed.ts'
import { FileStream, type Pieces, reasonOf } from './file-stream.ts'
import { takeTurn } from './turn.ts'

const HOST: DecompressionHost & { reasonOf: typeof reasonOf } = { zlib: async () => zlib, takeTurn, reasonOf }

/** @param digest of the whole file, or what stands for it @param read a worker's, or in this thread @throws CaptureError naming the file if it cannot be read */
export async function openFile(
  file: File,
  digest: string,
  read: (file: Blob) => Pieces = (file) => new FileStream(file),
): Promise<CaptureSource> {
  try {
    // A dropped folder looks like a file with a size; reading its first byte fails.
    await file.slice(0, 1).arrayBuffer()
  } catch (error) {
    throw new CaptureError(`${file.name}: ${reasonOf(error)}`)
  }
  return openSource({ path: file.name, file: file.name, totalBytes: file.size }, new FileFeed(read(file), digest), HOST)
}
