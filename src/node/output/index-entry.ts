// A report.html -> its entry for the list of reports; only its first bytes are read.

import { type IndexEntry, parseEntry } from '../../report/pages.ts'
import { openRegular } from '../database/report-database.ts'

/** The entry is within this many bytes. */
const ENTRY_BYTES = 32_768

/** Null if the file does not exist, or is not from rtnvis. */
export async function readEntry(path: string): Promise<IndexEntry | null> {
  const start = await readStart(path)
  return start === null ? null : parseEntry(start)
}

/** The head of a page; null if there is none. */
export async function readStart(path: string): Promise<string | null> {
  const handle = await openRegular(path).catch(() => null)
  if (!handle) return null
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(ENTRY_BYTES), 0, ENTRY_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
