// A file -> its SHA-256.
import { createSHA256 } from 'hash-wasm'
import { piecesOf } from './file-stream.ts'

/** @returns in hex @throws the browser's error if the file cannot be read */
export async function digestOf(file: File): Promise<string> {
  const hash = await createSHA256()
  for await (const piece of piecesOf(file)) hash.update(piece)
  return hash.digest('hex')
}
