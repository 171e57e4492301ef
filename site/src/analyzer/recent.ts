// Reports that this browser keeps, if its user wants that: in the origin private file system, which no other site reads. A page from a disk has none.
import { announce, byId, make } from '../ui/dom.ts'
import { formatBytes, formatHostile } from '../ui/format.ts'
import { toast } from '../ui/toast.ts'

const FOLDER = 'reports'
const KEY = 'rtnvis-keep-reports'
/** The oldest go first. */
const MOST = 10
/** When it was kept, and the report's name. */
const NAME = /^(\d{13})-(.*)\.sqlite$/

interface Kept {
  entry: string
  name: string
  keptMs: number
  file: File
}

/** Lists them on the start page. @param open a chosen one; not called where there is no such storage */
export async function startRecent(open: (file: File) => void): Promise<void> {
  const folder = await openFolder()
  if (folder === null) return
  const wish = byId<HTMLInputElement>('keep-reports')
  wish.checked = isWanted()
  wish.addEventListener('change', () => {
    if (wish.checked) localStorage.setItem(KEY, 'yes')
    else localStorage.removeItem(KEY)
  })
  byId('forget-reports').addEventListener('click', async () => {
    for await (const entry of folder.keys()) await folder.removeEntry(entry)
    await show(folder, open)
    wish.focus()
  })
  await show(folder, open)
  byId('recent').hidden = false
}

/** Keeps a finished report if that is wanted; a full disk is said. */
export async function keepReport(name: string, database: Blob): Promise<void> {
  if (!isWanted()) return
  const folder = await openFolder()
  if (folder === null) return
  const entry = `${Date.now()}-${name}.sqlite`
  try {
    const writing = await (await folder.getFileHandle(entry, { create: true })).createWritable()
    await writing.write(database)
    await writing.close()
    for (const { entry } of (await listKept(folder)).slice(MOST)) await folder.removeEntry(entry)
    announce('The report is kept in this browser.')
  } catch (error) {
    await folder.removeEntry(entry).catch(() => {})
    toast(`The report is not kept in this browser: ${(error as Error).message}`)
  }
}

async function openFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle(FOLDER, { create: true })
    return 'createWritable' in FileSystemFileHandle.prototype ? folder : null
  } catch {
    return null
  }
}

function isWanted(): boolean {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}

/** Newest first, without those whose page was closed while they were written: they are empty. */
async function listKept(folder: FileSystemDirectoryHandle): Promise<Kept[]> {
  const kept: Kept[] = []
  for await (const [entry, handle] of folder.entries()) {
    const [, keptMs, name] = NAME.exec(entry) ?? []
    if (name === undefined || !(handle instanceof FileSystemFileHandle)) continue
    const file = await handle.getFile()
    if (file.size > 0) kept.push({ entry, name, keptMs: Number(keptMs), file })
  }
  return kept.sort((a, b) => b.keptMs - a.keptMs)
}

async function show(folder: FileSystemDirectoryHandle, open: (file: File) => void): Promise<void> {
  const kept = await listKept(folder)
  const rows = kept.map(({ entry, name, keptMs, file }) => {
    const row = make('li', '')
    const button = make('button', 'button', formatHostile(name, 60))
    button.type = 'button'
    button.addEventListener('click', () => open(file))
    const about = make('span', 'quiet', `${new Date(keptMs).toLocaleString()}, ${formatBytes(file.size)}`)
    const forget = make('button', 'button icon', '×')
    forget.type = 'button'
    forget.setAttribute('aria-label', `Remove ${formatHostile(name, 60)} from this browser`)
    forget.addEventListener('click', async () => {
      await folder.removeEntry(entry)
      await show(folder, open)
      byId('keep-reports').focus()
    })
    row.append(button, about, forget)
    return row
  })
  byId('recent-reports').replaceChildren(...rows)
  byId('forget-reports').hidden = kept.length === 0
}
