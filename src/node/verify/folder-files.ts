// What is in a folder that anybody may have filled: names of files, and the bytes of plain ones up to a bound. Links, pipes and devices are not opened.
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** More files than this are not a report's. */
export const MAX_FILES = 20_000

/** Paths below a folder, with "/" between names; false: no plain file. At most MAX_FILES. */
export async function listFiles(folder: string, below = '', found = new Map<string, boolean>()): Promise<Map<string, boolean>> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (found.size >= MAX_FILES) break
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) await listFiles(folder, path, found)
    else found.set(path, entry.isFile())
  }
  return found
}

/** The first bytes of a plain file; null: there is none. */
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
