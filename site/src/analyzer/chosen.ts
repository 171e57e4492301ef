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

/** A database of places, rules, a traffic.sqlite, a page that may contain a report; all else may be captures. */
type Kind = 'geoip' | 'rules' | 'databases' | 'pages' | 'others'

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

/** @throws Error: what was dropped can only be used one by one */
export async function sortOut({ files, folder }: Dropped): Promise<Chosen> {
  const found: Record<Kind, File[]> = { geoip: [], rules: [], databases: [], pages: [], others: [] }
  for (const file of files) found[await kindOf(file, folder !== null)].push(file)
  const { geoip, rules, databases, pages, others } = found
  const reports = [...databases, ...pages]
  if (folder !== null) return { geoip, rules: null, ...ofFolder(others, databases, pages) }
  if (rules.length > 1) throw new Error(`There are ${rules.length} files of rules: drop one of them, together with the capture.`)
  if (reports.length > 1) throw new Error(`There are ${reports.length} reports: drop one of them.`)
  if (reports.length > 0 && others.length > 0) throw new Error(`A report is opened by itself: drop ${reports[0].name} or captures.`)
  return { captures: others, geoip, rules: rules[0] ?? null, report: reports[0] ?? null }
}

/** Nobody named these files: the analysis tells which are captures, and names the others. */
function ofFolder(others: File[], databases: File[], pages: File[]): Pick<Chosen, 'captures' | 'report'> {
  // Beside a report lie the files of its page.
  const captures = databases.length > 0 ? others.filter(({ name }) => CAPTURE_NAME.test(name)) : others
  if (captures.length > 0)
    return { captures: [...captures, ...databases, ...pages].sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1)), report: null }
  const reports = databases.length > 0 ? databases : pages
  if (reports.length > 1) throw new Error(`There are ${reports.length} reports in this folder: drop one of them.`)
  return { captures, report: reports[0] ?? null }
}

/** @param isOfFolder files of rules are named one by one: others end in .toml, too */
async function kindOf(file: File, isOfFolder: boolean): Promise<Kind> {
  if (/\.mmdb$/i.test(file.name)) return 'geoip'
  if (/\.toml$/i.test(file.name) && !isOfFolder) return 'rules'
  if (await isDatabase(file)) return 'databases'
  return /\.html?$/i.test(file.name) ? 'pages' : 'others'
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
