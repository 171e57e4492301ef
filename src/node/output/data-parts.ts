// The database as the page carries it: gzip + base64 in slices, compressed in Node's thread pool as soon as their bytes are final.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Slices are compressed each on its own, so that both ends may work on several at once. About 2 MiB of script at a usual ratio. */
export const PART_BYTES = 4 * 1024 * 1024

/** Measured on the 19 MB report of a 1.1 GB capture: level 1 takes 0.2 s and makes 9.9 MB of scripts, level 6 takes 0.6 s and makes 9.1 MB. */
const GZIP_LEVEL = 1

/** Slices in work at once: more than the pool has threads. */
const AHEAD = 8

const compress = promisify(gzip)

export class DataParts {
  /** Base64 of one gzip member a slice. */
  private readonly parts: (Promise<string> | undefined)[] = []

  /**
   * Begins with the slices that lie wholly in file[from, to), which may be said again, longer, as the file grows.
   * @param file the memory of these bytes must not change any more
   */
  addFinal(file: Uint8Array, from: number, to: number): void {
    const end = Math.floor(to / PART_BYTES)
    for (let index = Math.ceil(from / PART_BYTES); index < end; index++) this.parts[index] ??= this.begin(file, index)
  }

  /** Slices the finished file makes. */
  static count(file: Uint8Array): number {
    return Math.ceil(file.length / PART_BYTES)
  }

  /** Begins with the first slices of the finished file, which are then asked for by finish(). */
  start(file: Uint8Array): this {
    for (let index = 0; index < Math.min(AHEAD, DataParts.count(file)); index++) this.parts[index] ??= this.begin(file, index)
    return this
  }

  /** All slices of the finished file, in order; a few are compressed ahead, and none is kept: there may be hundreds. May be asked again. */
  async *finish(file: Uint8Array): AsyncGenerator<string> {
    const count = DataParts.count(file)
    this.start(file)
    for (let index = 0; index < count; index++) {
      const part = await this.parts[index]!
      this.parts[index] = undefined
      const next = index + AHEAD
      if (next < count) this.parts[next] ??= this.begin(file, next)
      yield part
    }
  }

  private begin(file: Uint8Array, index: number): Promise<string> {
    const slice = file.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)
    const part = packPart(slice)
    part.catch(() => {}) // told where it is awaited
    return part
  }
}

/** One slice as a part: base64 of one gzip member. */
export async function packPart(slice: Uint8Array): Promise<string> {
  // One piece of output, so that the pool's thread never waits for the one that is writing the next slice.
  return (await compress(slice, { level: GZIP_LEVEL, chunkSize: PART_BYTES })).toString('base64')
}
