// What was dropped or chosen -> captures in an order, databases of places, rules, or a report that was made before.
import { CAPTURE_NAME } from '../../../src/input/report-name.ts'

export interface Dropped {
  files: File[]
  /** Name of the folder that they are in; '' for several; null: each was named. */
  folder: string | null
}

export interface Chosen {
  /** Of a folder, all that may be captures: the analysis tells by content. */
  captures: File[]
  geoip: File[]
  rules: File | null
  /** A traffic.sqlite, or a report saved as one file. */
  report: File | null
}

/** First bytes of a SQLite file (file format, 1.3.1). */
const SQLITE = 'SQLite format 3\0'

/** Files of a drop, with those of folders in it. Must be called while the event is handled. */
export async function filesOf(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null)
  if (!entries.some((entry) => entry?.isDirectory)) return { files: [...transfer.files], folder: null }
  const files: File[] = []
  for (const entry of entries) if (entry) await collect(entry, files)
  return { files, folder: entries.length === 1 ? entries[0]!.name : '' }
}

export async function sortOut({ files, folder }: Dropped): Promise<Chosen> {
  const chosen: Chosen = { captures: [], geoip: [], rules: null, report: null }
  const others: File[] = []
  for (const file of files) {
    if (/\.mmdb$/i.test(file.name)) chosen.geoip.push(file)
    else if (/\.toml$/i.test(file.name)) chosen.rules = file
    else if (/\.html?$/i.test(file.name) || (await isDatabase(file))) chosen.report ??= file
    else others.push(file)
  }
  // Beside a report lie the files of its page.
  chosen.captures = folder !== null && chosen.report !== null ? others.filter(({ name }) => CAPTURE_NAME.test(name)) : others
  if (folder !== null) chosen.captures.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
  return chosen
}

async function isDatabase(file: File): Promise<boolean> {
  try {
    return (await file.slice(0, SQLITE.length).text()) === SQLITE
  } catch {
    return false // reported when it is read
  }
}

function pathOf(file: File): string {
  return file.webkitRelativePath || file.name
}

async function collect(entry: FileSystemEntry, files: File[]): Promise<void> {
  if (entry.isFile) {
    files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // A reader gives a hundred at a time, none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return
    for (const inner of some) await collect(inner, files)
  }
}
