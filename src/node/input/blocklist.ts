// Files of --blocklist -> one Blocklist. A line that is no entry is counted and told, a file that cannot be read ends the run.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type OpenBlocklist, readBlocklists } from '../../input/blocklist.ts'
import { reasonOf } from './input.ts'

/**
 * @param names by which findings call the files
 * @returns the lists ready to be asked, and what is to be said of them
 * @throws UsageError naming the file that cannot be read
 */
export function openBlocklist(files: string[], names: string[] = files.map((file) => basename(file))): Promise<OpenBlocklist> {
  const lists = files.map((path, i) => ({ path, file: names[i], chunks: () => createReadStream(path, { highWaterMark: 1 << 20 }) }))
  return readBlocklists(lists, { sha256: () => createHash('sha256'), reasonOf })
}
