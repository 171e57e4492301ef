// A report saved as one HTML file -> the bytes of its database. The file is untrusted: nothing in it is executed, and every size has a limit.
import { CaptureError } from '../errors.ts'
import { decodeBase64 } from '../publish/base64.ts'
import { PART_BYTES } from '../publish/manifest.ts'

/** SQLite in WebAssembly holds the whole database in memory. */
const MAX_DATABASE_BYTES = 2 ** 31 - 1
/** In the format of publish/single-page.ts. */
const PART = /<script type="text\/plain" id="rtnvis-part-(\d+)">([A-Za-z0-9+/=]*)<\/script>/g

/** @throws CaptureError naming the file if it contains no report, or only a part of one */
export async function databaseOfPage(file: File): Promise<Uint8Array<ArrayBuffer>> {
  const text = await file.text()
  const pieces: Blob[] = []
  let bytes = 0
  for (const [, index, base64] of text.matchAll(PART)) {
    if (Number(index) !== pieces.length)
      throw new CaptureError(`${file.name}: part ${pieces.length} of its database is missing: save the report again`)
    const piece = await inflate(file.name, decodeBase64(base64))
    bytes += piece.size
    if (bytes > MAX_DATABASE_BYTES) throw new CaptureError(`${file.name}: its database has more than 2 GiB, which no browser opens`)
    pieces.push(piece)
  }
  if (pieces.length === 0)
    throw new CaptureError(
      `${file.name} is not a report in one file: choose a capture, a traffic.sqlite, or a report saved as one .html file`,
    )
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

/** One gzip member of at most PART_BYTES. */
async function inflate(name: string, packed: Uint8Array<ArrayBuffer>): Promise<Blob> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const pieces: BlobPart[] = []
  let bytes = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length
      if (bytes > PART_BYTES) throw new CaptureError(`${name}: a part of its database is larger than any that rtnvis writes`)
      pieces.push(next.value)
    }
  } catch (error) {
    await reader.cancel().catch(() => {})
    throw error instanceof CaptureError ? error : new CaptureError(`${name}: a part of its database is damaged: save the report again`)
  }
  return new Blob(pieces)
}
