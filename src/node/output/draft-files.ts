// Files of a command -> a folder that has other files, too: written to a draft in it, then moved, so that there is never half a file.
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Beginning of a draft's name; the process id follows. */
const DRAFT = '.rtnvis-draft-'

/**
 * Creates the folder if it is not there. If writing fails, the folder is as it was.
 * @param write puts the files into the draft
 * @throws what `write` throws, and the system's errors
 */
export async function writeFilesTo<Result>(folder: string, write: (draft: string) => Promise<Result>): Promise<Result> {
  const made = await mkdir(folder, { recursive: true })
  const draft = join(folder, `${DRAFT}${process.pid}`)
  try {
    await removeStaleDrafts(folder)
    await mkdir(draft)
    const result = await write(draft)
    await moveFiles(draft, folder)
    return result
  } finally {
    await rm(draft, { recursive: true, force: true })
    if (made !== undefined) await rmdir(folder).catch(() => {}) // only an empty folder can be removed
  }
}

/** Removes the drafts of runs that were killed. */
async function removeStaleDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(DRAFT) ? Number(name.slice(DRAFT.length)) : Number.NaN
    if (Number.isInteger(pid) && (pid === process.pid || !isRunning(pid))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Moves all files from one folder to another, each to the same place in it; those in folders first, so that a page comes after what it loads. */
async function moveFiles(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true })
  entries.sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()))
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true })
      await moveFiles(source, target)
    } else await rename(source, target)
  }
}
