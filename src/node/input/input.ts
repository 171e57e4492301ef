// Files and stdin -> CaptureSource: read ahead, hashed, and decompressed if necessary.
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { CaptureError } from '../../errors.ts'
import type { Feed } from '../../input/feed.ts'
import { openSource } from '../../input/source.ts'
import type { CaptureSource } from '../../types.ts'
import { DECOMPRESSION } from '../compression/decompress.ts'
import { FileDigest, InlineDigest, NoDigest, ThreadDigest } from './digest.ts'
import { reasonAmong } from './error-reason.ts'
import { ThreadFeed } from './file-feed.ts'
import { fillAtOnce, fillByName, fillFromFile, fillFromStdin, RingFeed } from './ring-feed.ts'

/** Smaller files are read and hashed in the analysing thread. */
const SMALL_BYTES = 4 << 20
/** Limits for captures that overlap in time: number read by threads, number of files kept open. */
const MAX_THREADS = 4
const MAX_KEPT_OPEN = 32
const PIPE_BYTES = 2 << 20
const PIECE_BYTES = 256 << 10
/** Larger pieces, where there is little to do a byte: less is copied for records across two of them. */
const SCAN_PIECE_BYTES = 1 << 20
/** Smaller pieces, for captures beyond MAX_KEPT_OPEN, and if only the beginning is needed. */
const SMALL_PIECE_BYTES = 64 << 10

let keptOpen = 0

/**
 * The part of a source that is needed. `unhashed`: all, without the digest, which was compared before or is not wanted. `scan`, `scan-unhashed`: the same two,
 * where of most packets only the headers are looked at.
 */
export type Extent = 'all' | 'unhashed' | 'beginning' | 'scan' | 'scan-unhashed'

/**
 * @param path a file, or - for standard input
 * @param interrupt ends the wait for a pipe without data
 * @throws CaptureError naming the path if it cannot be read
 */
export async function openInput(path: string, interrupt: AbortSignal, extent: Extent = 'all'): Promise<CaptureSource> {
  const pipeDigest = () => (isHashed(extent) ? new ThreadDigest() : new NoDigest())
  if (path === '-') {
    const feed = new RingFeed(fillFromStdin(interrupt), pipeDigest(), PIPE_BYTES, async () => {})
    return sourceOf('stdin', feed, null)
  }
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch (error) {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
  const status = await handle.stat().catch(async (error) => {
    await handle.close()
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  })
  if (status.isDirectory()) {
    await handle.close()
    throw new CaptureError(`${path} is a folder: name the capture files in it`)
  }
  if (!status.isFile()) {
    const feed = new RingFeed(fillFromFile(handle), pipeDigest(), PIPE_BYTES, () => handle.close())
    return sourceOf(path, feed, null)
  }
  const sizeNow = async () => (await stat(path)).size
  return sourceOf(path, feedOf(path, handle, status.size, extent), status.size, sizeNow)
}

const isHashed = (extent: Extent): boolean => !extent.endsWith('unhashed')

/** @param handle of a regular file; closed with the feed or earlier */
function feedOf(path: string, handle: FileHandle, bytes: number, extent: Extent): Feed {
  const digest = () => (isHashed(extent) ? new InlineDigest() : new NoDigest())
  if (keptOpen >= MAX_KEPT_OPEN) return new RingFeed(fillByName(path, handle), digest(), SMALL_PIECE_BYTES, async () => {})
  keptOpen++
  const close = async () => {
    keptOpen--
    await handle.close()
  }
  if (extent === 'beginning') return new RingFeed(fillFromFile(handle), new InlineDigest(), SMALL_PIECE_BYTES, close)
  if (bytes > SMALL_BYTES && extent.startsWith('scan')) {
    const apart = isHashed(extent) ? new FileDigest(handle.fd) : new NoDigest()
    return new RingFeed(fillAtOnce(handle), apart, SCAN_PIECE_BYTES, close)
  }
  if (bytes > SMALL_BYTES && ThreadFeed.open < MAX_THREADS) return new ThreadFeed({ fd: handle.fd, isHashed: isHashed(extent) }, close)
  return new RingFeed(fillFromFile(handle), digest(), PIECE_BYTES, close)
}

/** @param totalBytes null for a pipe or device */
function sourceOf(path: string, feed: Feed, totalBytes: number | null, sizeNow?: () => Promise<number>): Promise<CaptureSource> {
  return openSource({ path, file: basename(path), totalBytes, ...(sizeNow && { sizeNow }) }, feed, { ...DECOMPRESSION, reasonOf })
}

const NO_PERMISSION = 'no permission to read it: change its permissions, or run as a user who may'
const NO_FILE = 'it is a socket or device that cannot be read as a file'
const REASONS = {
  ENOENT: 'no such file: check the name and the folder',
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EISDIR: 'it is a folder: name a file',
  EIO: 'the disk or network share reports a read error; copy what can be read to another disk (GNU ddrescue) and analyse the copy',
  ESTALE: 'the file is gone from the network share',
  ENOTDIR: 'a part of this path is a file, not a folder',
  ENAMETOOLONG: 'the name is longer than the file system allows',
  ELOOP: 'its symbolic links lead in a circle',
  ENXIO: NO_FILE,
  ENODEV: NO_FILE,
  ENOSPC: 'no space left on the disk: free some, or choose another folder with -o',
  EROFS: 'the disk is read-only: choose another folder with -o',
}

/** A system error -> words that say what to do. */
export function reasonOf(error: unknown): string {
  return reasonAmong(REASONS, error)
}
