// Files of --blocklist -> one Blocklist. Invalid lines are counted and reported, an unreadable file ends the run.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type OpenBlocklist, readBlocklists } from '../../input/blocklist.ts'
import { reasonOf } from './input.ts'

/**
 * @param names of the files in findings
 * @returns the combined list, with warnings for the user
 * @throws UsageError naming a file that cannot be read
 */
export function openBlocklist(files: string[], names: string[] = files.map((file) => basename(file))): Promise<OpenBlocklist> {
  const lists = files.map((path, i) => ({ path, file: names[i], chunks: () => createReadStream(path, { highWaterMark: 1 << 20 }) }))
  return readBlocklists(lists, { sha256: () => createHash('sha256'), reasonOf })
}
