// The captures of a folder, decompressed: what the fuzzer spoils.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { compressionOf } from '../../src/compression/decompress.ts'
import { decompress } from '../../src/node/compression/decompress.ts'
import type { Subject } from './mutant.ts'

const CAPTURE = /\.(pcap|pcapng|cap|dmp|ntar|snoop)(\.(gz|zst))?$/i
/** Of longer captures the beginning is spoilt: a mutant must not take longer by being large. */
const MAX_BYTES = 4 << 20

/** @param path a capture, or a folder with captures at any depth; in the order of their names */
export async function readSubjects(path: string): Promise<Subject[]> {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && CAPTURE.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
    : [path]
  const subjects: Subject[] = []
  for (const file of files.sort()) {
    const name = relative(path, file).split(sep).join('/') || basename(file)
    subjects.push(await subjectOf(name, new Uint8Array(readFileSync(file).subarray(0, MAX_BYTES))))
  }
  return subjects
}

async function subjectOf(name: string, stored: Uint8Array): Promise<Subject> {
  const compression = compressionOf(stored)
  if (compression === '') return { name, stored, bytes: stored }
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of decompress(compression, oneChunk(stored), () => {})) {
    pieces.push(piece.slice())
    length += piece.length
    if (length > MAX_BYTES) break
  }
  return { name, stored, bytes: new Uint8Array(Buffer.concat(pieces)) }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
