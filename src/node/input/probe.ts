// The beginning of a file -> whether it is a capture, and its first time. Needed before other files are read.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { peek } from '../../compression/peek.ts'
import { CaptureError } from '../../errors.ts'
import { firstPacketUs } from '../../input/found.ts'
import { openInput, reasonOf } from './input.ts'

/** Files with different beginnings are different; for others the whole content is compared. */
const HEAD_BYTES = 65_536

export interface Probe {
  path: string
  /** Null for a pipe or device, which can be read only once. */
  bytes: number | null
  /** Device and inode: the same for all names of a file. */
  id: string
  compression: string
  /** Digest of the beginning of its decompressed content; '' if empty. */
  head: string
  /** Null if it has no packets, or was not searched. */
  firstUs: number | null
}

const NEVER = new AbortController().signal

/** @throws CaptureError naming the path if it cannot be read or is not a capture. An empty file is not an error. */
export async function probe(path: string): Promise<Probe> {
  const status = await stat(path, { bigint: true }).catch((error) => {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  })
  const known = { path, bytes: status.isFile() ? Number(status.size) : null, id: `${status.dev}:${status.ino}` }
  if (known.bytes === null || known.bytes === 0) return { ...known, compression: '', head: '', firstUs: null }
  const source = await openInput(path, NEVER, 'beginning')
  try {
    const { head, whole } = await peek(source.chunks, HEAD_BYTES)
    const digest = createHash('sha256').update(head.subarray(0, HEAD_BYTES)).digest('hex')
    return { ...known, compression: source.compression, head: digest, firstUs: await firstPacketUs({ ...source, chunks: whole }) }
  } finally {
    await source.close()
  }
}

/** @returns digests of the file as stored and of its content, as far as it can be decompressed, and why no further; '' if it can */
export async function digestsOf(path: string): Promise<{ stored: string; content: string; problem: string }> {
  const source = await openInput(path, NEVER)
  try {
    const content = createHash('sha256')
    for await (const chunk of source.chunks) content.update(chunk)
    const { sha256, problem } = await source.finish(false)
    return { stored: sha256 ?? '', content: content.digest('hex'), problem }
  } finally {
    await source.close()
  }
}
