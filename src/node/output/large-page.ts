// A page of one file -> what is to be said if it is too large for browsers.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../../report/figures.ts'

/** Browsers parse a page as a whole: beyond this, tabs run out of memory or are given up by their user. */
const LARGE_BYTES = 300e6

/** @param draft where the page lies now @param out where it will be; [] if browsers open it */
export async function largePageWarnings(draft: string, out: string): Promise<string[]> {
  const { size } = await stat(join(draft, 'index.html'))
  if (size <= LARGE_BYTES) return []
  const page = join(out, 'index.html')
  return [
    `${page} is ${formatBytes(size)} in one file, which browsers hardly open: without --single-file the report is a folder whose page reads it part by part`,
  ]
}
