// Files that outlive a power cut: a name must not lead to content that is still in memory only (fsync(2), rename(2)).
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Old or new, never a mixture, nor empty: written beside, on the disk, then renamed. @param mode permissions @throws what the system says; the old file stays */
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

/** On the disk once this is done; its name is after syncFolder(). */
export async function writeDurably(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const file = await open(path, 'w', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** All that is in a folder is on the disk, names too. */
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

/** The names in a folder are on the disk. Where the system cannot (Windows, some network shares) nothing is lost but that. */
export async function syncFolder(path: string): Promise<void> {
  await syncFile(path).catch(() => {})
}
