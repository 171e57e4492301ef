// Files -> their SHA-256, one after another, in a worker next to the analysis of the same files.
import { digestOf } from './digest-of.ts'
import type { FromDigest, ToDigest } from './messages.ts'

declare const rtnvisScope: { onmessage: (event: { data: ToDigest }) => void; postMessage(message: FromDigest): void }

rtnvisScope.onmessage = async ({ data }) => {
  for (const [index, file] of data.files.entries()) rtnvisScope.postMessage({ index, sha256: await digestOf(file).catch(() => null) })
}
