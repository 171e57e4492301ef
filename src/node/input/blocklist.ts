// Files of --blocklist -> one Blocklist. A line that is no entry is counted and told, a file that cannot be read ends the run.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { type Blocklist, BlocklistBuilder } from '../../detect/blocklist/index.ts'
import { UsageError } from '../../errors.ts'
import type { NamedFile } from '../../types.ts'
import { reasonOf } from './input.ts'

/** Entries remember their file in a byte. */
const MAX_FILES = 255
/** A line longer than this is no list's. */
const MAX_LINE = 64 * 1024 * 1024

/**
 * @param names by which findings call the files
 * @returns the lists ready to be asked, and what is to be said of them
 * @throws UsageError naming the file that cannot be read
 */
export async function openBlocklist(
  files: string[],
  names: string[] = files.map((file) => basename(file)),
): Promise<{ blocklist: Blocklist | null; inputs: NamedFile[]; warnings: string[] }> {
  if (files.length === 0) return { blocklist: null, inputs: [], warnings: [] }
  if (files.length > MAX_FILES) throw new UsageError(`--blocklist: ${files.length} files; at most ${MAX_FILES} are read`)
  const builder = new BlocklistBuilder()
  const inputs: NamedFile[] = []
  for (const [i, file] of files.entries()) {
    builder.begin(names[i])
    try {
      inputs.push({ file: names[i], sha256: await readLines(file, (line) => builder.add(line)) })
    } catch (error) {
      throw new UsageError(`--blocklist ${file}: ${reasonOf(error)}`)
    }
  }
  const blocklist = builder.finish()
  return { blocklist, inputs, warnings: blocklist.files.flatMap(warningsOf) }
}

function warningsOf({ file, entries, brokenLines, firstBrokenLine }: Blocklist['files'][number]): string[] {
  const broken =
    brokenLines === 0
      ? []
      : [
          `${file}: ${brokenLines === 1 ? 'a line is' : `${brokenLines} lines are`} no entry and left out, the first is line ${firstBrokenLine}`,
        ]
  return entries === 0 ? [`${file}: no addresses, networks, domains or JA4 fingerprints found in it`, ...broken] : broken
}

/** @returns SHA-256 of the bytes read */
async function readLines(file: string, onLine: (line: string) => void): Promise<string> {
  const hash = createHash('sha256')
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    const lines = (rest + decoder.write(chunk)).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    if (rest.length > MAX_LINE) throw new UsageError('a line is longer than 64 MiB')
    for (const line of lines) onLine(line.charCodeAt(0) === 0xfeff ? line.slice(1) : line)
  }
  rest += decoder.end()
  if (rest !== '') onLine(rest)
  return hash.digest('hex')
}
