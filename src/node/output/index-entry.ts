// A report.html -> its entry for the list of reports; the rest of the file is not read.

import { openRegular } from '../database/report-database.ts'
import { type IndexEntry, parseEntry } from './render.ts'

/** Enough of a report.html to find its entry. */
const ENTRY_BYTES = 32_768

/** Null if the file is not there, or not one of ours. */
export async function readEntry(path: string): Promise<IndexEntry | null> {
  const handle = await openRegular(path).catch(() => null)
  if (!handle) return null
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(ENTRY_BYTES), 0, ENTRY_BYTES, 0)
    return parseEntry(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await handle.close()
  }
}
