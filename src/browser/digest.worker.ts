// Files -> their SHA-256, one after another, in a worker next to the analysis of the same files.
import { createSHA256 } from 'hash-wasm'
import { piecesOf } from './file-feed.ts'
import type { FromDigest, ToDigest } from './messages.ts'

declare const rtnvisScope: { onmessage: (event: { data: ToDigest }) => void; postMessage(message: FromDigest): void }

rtnvisScope.onmessage = async ({ data }) => {
  for (const [index, file] of data.files.entries()) rtnvisScope.postMessage({ index, sha256: await digestOf(file).catch(() => null) })
}

async function digestOf(file: File): Promise<string> {
  const hash = await createSHA256()
  for await (const piece of piecesOf(file)) hash.update(piece)
  return hash.digest('hex')
}
