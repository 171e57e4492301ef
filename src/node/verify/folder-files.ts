// An untrusted folder -> names of its files, and the bytes of regular files up to a limit. Links, pipes and devices are not opened.
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A report has fewer files. */
export const MAX_FILES = 20_000

/** Paths under a folder, with "/" as separator; false for entries that are no regular file. At most MAX_FILES. */
export async function listFiles(folder: string, below = '', found = new Map<string, boolean>()): Promise<Map<string, boolean>> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (found.size >= MAX_FILES) break
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) await listFiles(folder, path, found)
    else found.set(path, entry.isFile())
  }
  return found
}

/** The first bytes of a regular file; null if there is none. */
export async function readUpTo(path: string, limit: number): Promise<Buffer | null> {
  try {
    const status = await lstat(path)
    if (!status.isFile()) return null
    const file = await open(path)
    try {
      const bytes = Buffer.alloc(Math.min(status.size, limit))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}
