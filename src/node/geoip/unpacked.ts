// A gzipped file that is unpacked once: the copy is kept in the user's cache folder (XDG Base Directory), or only in memory where there is none.
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { readWhole } from '../input/whole-file.ts'

/** Left-over parts of a run that was killed while it wrote. */
const STALE_MS = 3_600_000

/**
 * The unpacked bytes of the gzip file `packed`. The copy's name starts with `prefix` (which names what and which version) and ends with its size,
 * and it appears by rename, so a copy that is there is whole, however many runs unpack at once. Copies of other versions are removed.
 */
export async function readPacked(packed: string, prefix: string, env: Record<string, string | undefined>): Promise<Buffer> {
  const size = await unpackedSize(packed)
  const folder = cacheFolder(env)
  const name = `${prefix}-${size}.mmdb`
  const kept = await readWhole(join(folder, name)).catch(() => null)
  if (kept !== null && kept.length === size) return kept
  const buffer = await gunzip(packed, size)
  await keep(folder, name, buffer).catch(() => {}) // no home, read-only or full disk: works, only slower next time
  return buffer
}

/** XDG Base Directory: $XDG_CACHE_HOME if it is absolute, else ~/.cache. */
function cacheFolder(env: Record<string, string | undefined>): string {
  const { XDG_CACHE_HOME: xdg, HOME: home } = env
  return join(xdg && isAbsolute(xdg) ? xdg : join(home || homedir(), '.cache'), 'rtnvis')
}

/** ISIZE, the last four bytes of a gzip file (RFC 1952 2.3.1). */
async function unpackedSize(packed: string): Promise<number> {
  const file = await open(packed)
  try {
    const { size } = await file.stat()
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4))
    return buffer.readUInt32LE()
  } finally {
    await file.close()
  }
}

async function gunzip(packed: string, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size)
  let at = 0
  for await (const chunk of createReadStream(packed).pipe(createGunzip({ chunkSize: 1 << 20 }))) at += (chunk as Buffer).copy(buffer, at)
  if (at !== size) throw new Error(`${packed}: unpacks to ${at} bytes, not ${size}`)
  return buffer
}

async function keep(folder: string, name: string, buffer: Buffer): Promise<void> {
  // Not `recursive`: that makes a home that is missing, and never returns below /proc.
  for (const path of [dirname(folder), folder]) await mkdir(path, { mode: 0o700 }).catch(() => {})
  const part = join(folder, `${name}.${process.pid}.${process.hrtime.bigint()}.part`)
  try {
    await writeFile(part, buffer)
    await rename(part, join(folder, name))
  } catch (error) {
    await unlink(part).catch(() => {})
    throw error
  }
  const family = `${basename(name).replace(/-[0-9].*/, '')}-`
  for (const other of (await readdir(folder)).filter((entry) => entry.startsWith(family) && entry !== name)) {
    const path = join(folder, other)
    if (!other.endsWith('.part') || (await stat(path)).mtimeMs < Date.now() - STALE_MS) await unlink(path)
  }
}
