// The thread of ThreadDigest: chunks in, a reply for each; null in, the digest out.
import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { DigestReply } from '../input/digest.ts'

const hash = createHash('sha256')

parentPort?.on('message', (chunk: Uint8Array | null) => {
  let reply: DigestReply = null
  if (chunk === null) reply = hash.digest('hex')
  else hash.update(chunk)
  parentPort?.postMessage(reply)
})
