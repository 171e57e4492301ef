// The database for the page: gzip and base64 in slices, compressed in Node's thread pool as soon as their bytes are final.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip, type ZlibOptions } from 'node:zlib'
import { PART_BYTES, partScript, partsOf } from '../../publish/manifest.ts'
import type { ByteRanges } from '../../sqlite/byte-ranges.ts'

/** In a report's folder: the manifest, and the scripts of the slices. */
export const DATA_FOLDER = join('assets', 'data')

/** Measured on the 19 MB report of a 1.1 GB capture: level 1 takes 0.2 s and makes 9.9 MB of scripts, level 6 takes 0.6 s and makes 9.1 MB. */
const GZIP_LEVEL = 1

/** Slices compressed at once: more than the thread pool has threads. */
const AHEAD = 8

const compress = promisify(gzip)

export class DataParts {
  /** One gzip member in base64 for each slice. */
  private readonly parts: (Promise<string> | undefined)[] = []

  /**
   * Starts to compress the slices that are completely in file[from, to). May be called again with a larger range as the file grows.
   * @param file its bytes in this range must not change again
   */
  addFinal(file: Uint8Array, from: number, to: number): void {
    const end = Math.floor(to / PART_BYTES)
    for (let index = Math.ceil(from / PART_BYTES); index < end; index++) this.parts[index] ??= this.begin(file, index)
  }

  /** Begins with the first slices of the finished file, which are then asked for by finish(). */
  start(file: ByteRanges): this {
    for (let index = 0; index < Math.min(AHEAD, partsOf(file.length)); index++) this.parts[index] ??= this.begin(file, index)
    return this
  }

  /** All slices of the finished file in order. A few are compressed ahead and none is kept, because there may be hundreds. May be called again. */
  async *finish(file: ByteRanges): AsyncGenerator<string> {
    const count = partsOf(file.length)
    this.start(file)
    for (let index = 0; index < count; index++) {
      const part = await this.parts[index]!
      this.parts[index] = undefined
      const next = index + AHEAD
      if (next < count) this.parts[next] ??= this.begin(file, next)
      yield part
    }
  }

  /** Writes the scripts of the finished file to a folder: one after another, so that few compressed slices are in memory. */
  async writeScripts(file: ByteRanges, folder: string, write: (path: string, script: string) => Promise<void> = writeFile): Promise<void> {
    let index = 0
    for await (const part of this.finish(file)) {
      await write(scriptPath(folder, index), partScript(index, part))
      index++
    }
  }

  private begin(file: ByteRanges, index: number): Promise<string> {
    const slice = file.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)
    const part = packPart(slice)
    part.catch(() => {}) // reported where it is awaited
    return part
  }
}

/** One slice as base64 of one gzip member. */
export async function packPart(slice: Uint8Array): Promise<string> {
  return (await compress(slice, gzipOptions(slice.length))).toString('base64')
}

/** One output buffer, so that zlib's thread never waits for the thread that writes the next slice: with room for bytes that do not compress. */
export function gzipOptions(bytes: number): ZlibOptions {
  return { level: GZIP_LEVEL, chunkSize: bytes + (bytes >> 10) + 64 }
}

export function scriptPath(folder: string, index: number): string {
  return join(folder, `part-${index}.js`)
}
