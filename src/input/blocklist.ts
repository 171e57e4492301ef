// Files of addresses, networks, domains and fingerprints -> one Blocklist. Invalid lines are counted and reported; an unreadable file ends the run.
import { type Blocklist, BlocklistBuilder } from '../detect/blocklist/index.ts'
import { UsageError } from '../errors.ts'
import type { NamedFile } from '../types.ts'

/** The number of an entry's file is stored in one byte. */
const MAX_FILES = 255
/** A file with a longer line is not a list. */
const MAX_LINE = 64 * 1024 * 1024

export interface BlocklistFile {
  /** Path, for messages. */
  path: string
  /** Name, for findings. */
  file: string
  chunks(): AsyncIterable<Uint8Array>
}

/** Provided by the platform: computes SHA-256. */
export interface Hash {
  update(bytes: Uint8Array): unknown
  digest(encoding: 'hex'): string
}

export interface BlocklistHost {
  sha256(): Hash
  reasonOf(error: unknown): string
}

/** The combined list, with warnings for the user. */
export interface OpenBlocklist {
  blocklist: Blocklist | null
  inputs: NamedFile[]
  warnings: string[]
}

/** @throws UsageError naming a file that cannot be read */
export async function readBlocklists(files: BlocklistFile[], host: BlocklistHost): Promise<OpenBlocklist> {
  if (files.length === 0) return { blocklist: null, inputs: [], warnings: [] }
  if (files.length > MAX_FILES) throw new UsageError(`--blocklist: ${files.length} files; at most ${MAX_FILES} are read`)
  const builder = new BlocklistBuilder()
  const inputs: NamedFile[] = []
  for (const { path, file, chunks } of files) {
    builder.begin(file)
    try {
      inputs.push({ file, sha256: await readLines(chunks(), host.sha256(), (line) => builder.add(line)) })
    } catch (error) {
      throw new UsageError(`--blocklist ${path}: ${host.reasonOf(error)}`)
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
          `${file}: ${brokenLines === 1 ? 'a line is' : `${brokenLines} lines are`} invalid and ignored, the first is line ${firstBrokenLine}`,
        ]
  return entries === 0 ? [`${file}: no addresses, networks, domains or JA4 fingerprints found in it`, ...broken] : broken
}

/** @returns SHA-256 of the bytes */
async function readLines(chunks: AsyncIterable<Uint8Array>, hash: Hash, onLine: (line: string) => void): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of chunks) {
    hash.update(chunk)
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    if (rest.length > MAX_LINE) throw new UsageError('a line is longer than 64 MiB')
    for (const line of lines) onLine(line.charCodeAt(0) === 0xfeff ? line.slice(1) : line)
  }
  rest += decoder.decode()
  if (rest !== '') onLine(rest)
  return hash.digest('hex')
}
