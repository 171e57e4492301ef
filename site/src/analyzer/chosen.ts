// What was dropped or chosen -> captures in an order, databases of places, rules, or a report that was made before.

export interface Chosen {
  captures: File[]
  geoip: File[]
  rules: File | null
  /** A traffic.sqlite, or a report saved as one file. */
  report: File | null
}

const CAPTURE = /\.(pcap|pcapng|cap|dmp|gz|zst|zstd)\d*$/i
/** First bytes of a SQLite file (file format, 1.3.1). */
const SQLITE = 'SQLite format 3\0'

/** Files of a drop, with those of folders in it. Must be called while the event is handled. */
export async function filesOf(transfer: DataTransfer): Promise<{ files: File[]; isFolder: boolean }> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null)
  if (!entries.some((entry) => entry?.isDirectory)) return { files: [...transfer.files], isFolder: false }
  const files: File[] = []
  for (const entry of entries) if (entry) await collect(entry, files)
  return { files, isFolder: true }
}

/** @param isFolder nobody named each of these: what is no capture by its name is left out */
export async function sortOut(files: File[], isFolder: boolean): Promise<Chosen> {
  const chosen: Chosen = { captures: [], geoip: [], rules: null, report: null }
  const others: File[] = []
  for (const file of files) {
    if (/\.mmdb$/i.test(file.name)) chosen.geoip.push(file)
    else if (/\.toml$/i.test(file.name)) chosen.rules = file
    else if (/\.html?$/i.test(file.name) || (await isDatabase(file))) chosen.report ??= file
    else others.push(file)
  }
  chosen.captures = isFolder ? others.filter(({ name }) => CAPTURE.test(name)) : others
  if (isFolder) chosen.captures.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
  return chosen
}

async function isDatabase(file: File): Promise<boolean> {
  try {
    return (await file.slice(0, SQLITE.length).text()) === SQLITE
  } catch {
    return false // told when it is read
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
