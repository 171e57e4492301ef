// A page in one file -> a warning if it is too large for browsers.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../../report/figures.ts'

/** Browsers parse a page as a whole: larger ones exhaust the memory of a tab or take too long. */
const LARGE_BYTES = 300e6

/** @param draft current folder of the page @param out its folder after publishing @returns [] if browsers can open it */
export async function largePageWarnings(draft: string, out: string): Promise<string[]> {
  const { size } = await stat(join(draft, 'index.html'))
  if (size <= LARGE_BYTES) return []
  const page = join(out, 'index.html')
  return [
    `${page} is ${formatBytes(size)} in one file, which browsers hardly open: without --single-file the report is a folder whose page reads it part by part`,
  ]
}
