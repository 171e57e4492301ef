// SHA256SUMS of a report's folder, in the format of `sha256sum -c`: written, and compared with the files.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agrees, type Check, differs } from '../../verify/check.ts'
import { digestOf } from '../input/named-files.ts'
import { listFiles, readUpTo } from './folder-files.ts'

export const SUMS = 'SHA256SUMS'
/** File name that OpenSSH gives to a signature. */
export const SIGNATURE = `${SUMS}.sig`

const MAX_BYTES = 4 << 20

/** Writes the checksums of all files in the folder. Equal files make equal bytes. */
export async function writeSums(folder: string): Promise<void> {
  const paths = [...(await listFiles(folder)).keys()].filter((path) => path !== SUMS && path !== SIGNATURE).sort()
  const lines: string[] = []
  for (const path of paths) lines.push(`${await digestOf(join(folder, path))}  ${path}\n`)
  await writeFile(join(folder, SUMS), lines.join(''))
}

/** @returns null if there is no SHA256SUMS */
export async function checkSums(folder: string, captures: ReadonlySet<string>): Promise<Check | null> {
  const text = (await readUpTo(join(folder, SUMS), MAX_BYTES))?.toString('utf8')
  if (text === undefined) return null
  const subject = 'sums of all files'
  const listed = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}([^\\]+)$/.exec(line) ?? []
    if (path === undefined) return differs(SUMS, subject, `rtnvis does not write such a line: ${line.slice(0, 100)}`)
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
