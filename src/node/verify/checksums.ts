// SHA256SUMS of a report's folder, as `sha256sum -c` reads it: made from the files, and held against them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agrees, type Check, differs } from '../../verify/check.ts'
import { digestOf } from '../input/named-files.ts'
import { listFiles, readUpTo } from './folder-files.ts'

export const SUMS = 'SHA256SUMS'
/** OpenSSH's name for the signature of a file. */
export const SIGNATURE = `${SUMS}.sig`

const MAX_BYTES = 4 << 20

/** Writes the sums of all that is in the folder. The same files make the same bytes. */
export async function writeSums(folder: string): Promise<void> {
  const paths = [...(await listFiles(folder)).keys()].filter((path) => path !== SUMS && path !== SIGNATURE).sort()
  const lines: string[] = []
  for (const path of paths) lines.push(`${await digestOf(join(folder, path))}  ${path}\n`)
  await writeFile(join(folder, SUMS), lines.join(''))
}

/** @returns null: there are no sums */
export async function checkSums(folder: string, captures: ReadonlySet<string>): Promise<Check | null> {
  const text = (await readUpTo(join(folder, SUMS), MAX_BYTES))?.toString('utf8')
  if (text === undefined) return null
  const subject = 'sums of all files'
  const listed = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}([^\\]+)$/.exec(line) ?? []
    if (path === undefined) return differs(SUMS, subject, `a line is none that rtnvis writes: ${line.slice(0, 100)}`)
    listed.set(path, digest)
  }
  const found = await listFiles(folder)
  const wrong = [...listed.keys()].filter((path) => found.get(path) !== true).map((path) => `${path} is missing`)
  for (const [path, isPlain] of found) {
    if (path === SUMS || path === SIGNATURE || captures.has(join(folder, path))) continue
    if (!listed.has(path)) wrong.push(`${path} is not in it`)
    else if (isPlain && (await digestOf(join(folder, path))) !== listed.get(path)) wrong.push(`${path} was changed`)
  }
  return wrong.length === 0 ? agrees(SUMS, subject, `${listed.size} files`) : differs(SUMS, subject, wrong.join('; '))
}
