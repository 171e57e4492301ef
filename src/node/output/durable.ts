// Files that survive a power failure: a name must not refer to content that is only in memory (fsync(2), rename(2)).
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Writes a new file, syncs it and renames it, so that readers see the old or the new content. @param mode permissions @throws the system's error; the old file stays */
export async function replaceFile(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const draft = `${path}.draft`
  try {
    await writeDurably(draft, content, mode)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** The content is on disk afterwards; the name is only after syncFolder(). */
export async function writeDurably(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const file = await open(path, 'w', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Syncs everything in a folder, including names. */
export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  await Promise.all(entries.map((entry) => (entry.isDirectory() ? syncTree : syncFile)(join(folder, entry.name))))
  await syncFolder(folder)
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Syncs the names in a folder. Some systems cannot do it (Windows, some network shares); this is ignored. */
export async function syncFolder(path: string): Promise<void> {
  await syncFile(path).catch(() => {})
}
