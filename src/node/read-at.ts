// Bytes at a place in a file -> memory.
import { readSync } from 'node:fs'

/** Read at once: readSync() takes at most 2 GiB. */
const CHUNK_BYTES = 64 << 20

/** Fills `into` from a place in a file. @returns number of bytes: fewer where the file ends before @throws the system's error */
export function readAt(fd: number, into: Uint8Array, at: number): number {
  let done = 0
  while (done < into.length) {
    const count = readSync(fd, into, done, Math.min(CHUNK_BYTES, into.length - done), at + done)
    if (count === 0) break
    done += count
  }
  return done
}
