// A gzip file -> its content, which is stored once in the user's cache folder (XDG Base Directory), or kept only in memory without one.
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { readWhole } from '../input/whole-file.ts'

/** Age from which parts of interrupted runs are removed. */
const STALE_MS = 3_600_000

/**
 * Content of the gzip file `packed`. The name of its copy is `prefix` (subject and version) and its size. The copy is created by rename, so it is
 * always complete, even with simultaneous runs. Copies of other versions are removed.
 */
export async function readPacked(packed: string, prefix: string, env: Record<string, string | undefined>): Promise<Buffer> {
  const size = await contentSize(packed)
  const folder = cacheFolder(env)
  const name = `${prefix}-${size}.mmdb`
  const kept = await readWhole(join(folder, name)).catch(() => null)
  if (kept !== null && kept.length === size) return kept
  const buffer = await gunzip(packed, size)
  await keep(folder, name, buffer).catch(() => {}) // no home folder, read-only or full disk: the next run is slower, nothing else
  return buffer
}

/** XDG Base Directory: $XDG_CACHE_HOME if it is absolute, else ~/.cache. */
function cacheFolder(env: Record<string, string | undefined>): string {
  const { XDG_CACHE_HOME: xdg, HOME: home } = env
  return join(xdg && isAbsolute(xdg) ? xdg : join(home || homedir(), '.cache'), 'rtnvis')
}

/** ISIZE, the last four bytes of a gzip file (RFC 1952 2.3.1). */
async function contentSize(packed: string): Promise<number> {
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
  if (at !== size) throw new Error(`${packed}: has ${at} bytes of content instead of ${size}`)
  return buffer
}

async function keep(folder: string, name: string, buffer: Buffer): Promise<void> {
  // Not `recursive`: it would create a missing home folder, and never returns below /proc.
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
