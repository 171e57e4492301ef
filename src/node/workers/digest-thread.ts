// The thread of ThreadDigest: chunks in, a reply for each; null in, the digest out. That of FileDigest: a descriptor in, the digest of its file out.
import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { DigestReply } from '../input/digest.ts'

/** It stays in the core's cache until it is hashed. */
const PIECE_BYTES = 256 << 10

const hash = createHash('sha256')

parentPort?.on('message', (chunk: Uint8Array | number | null) => {
  let reply: DigestReply = null
  if (typeof chunk === 'number') updateFrom(chunk)
  if (chunk === null || typeof chunk === 'number') reply = hash.digest('hex')
  else hash.update(chunk)
  parentPort?.postMessage(reply)
})

function updateFrom(fd: number): void {
  const piece = new Uint8Array(PIECE_BYTES)
  let position = 0
  for (let bytes = readSync(fd, piece, 0, PIECE_BYTES, 0); bytes > 0; bytes = readSync(fd, piece, 0, PIECE_BYTES, position)) {
    hash.update(piece.subarray(0, bytes))
    position += bytes
  }
}
