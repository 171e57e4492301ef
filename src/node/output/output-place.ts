// The path of -o -> the folder, and the paths of the report's draft, lock and previous report.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'

export interface OutputPlace {
  /** As typed by the user. */
  named: string
  /** Absolute, with symbolic links resolved. */
  target: string
  /**
   * Whether the folder cannot be renamed (a mount point, or its parent is not writable): hidden files are then inside it, and its entries are
   * swapped one by one. Otherwise they are beside it, and the folder is replaced as a whole.
   */
  isInside: boolean
  /** Prefix of all hidden paths: "/x/.NAME.rtnvis-", or "/x/NAME/.rtnvis-". */
  prefix: string
}

/** Longer names are shortened and get a hash: with suffixes they must not exceed 143 bytes, the limit of eCryptfs. */
const MAX_NAME_BYTES = 90
const HASH_DIGITS = 12
/** Same limit as in Linux (path_resolution(7)). */
const MAX_LINKS = 40

/** @throws UsageError for an invalid path, CaptureError for symbolic links that lead nowhere */
export async function placeOf(named: string): Promise<OutputPlace> {
  if (named === '') throw new UsageError('-o: the name of the folder is empty')
  if (named.includes('\0')) throw new UsageError('-o: the name of a folder cannot contain a NUL character')
  const target = await resolveLinks(resolve(named), 0)
  return (await mustStay(target)) ? insidePlace(named, target) : besidePlace(named, target)
}

export function insidePlace(named: string, target: string): OutputPlace {
  return { named, target, isInside: true, prefix: join(target, '.rtnvis-') }
}

export function besidePlace(named: string, target: string): OutputPlace {
  return { named, target, isInside: false, prefix: join(dirname(target), `.${shortName(basename(target))}.rtnvis-`) }
}

/** The path with all symbolic links resolved; the last components may not exist. */
async function resolveLinks(path: string, followed: number): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const isLink = await lstat(path).then(
    (status) => status.isSymbolicLink(),
    () => false,
  )
  if (isLink && followed >= MAX_LINKS) throw new CaptureError(`${path}: too many links in a row`)
  if (isLink) return resolveLinks(resolve(dirname(path), await readlink(path)), followed + 1)
  const parent = dirname(path)
  return parent === path ? path : join(await resolveLinks(parent, followed), basename(path))
}

/** Whether an existing folder cannot be renamed. */
async function mustStay(target: string): Promise<boolean> {
  const parent = dirname(target)
  const [own, above] = await Promise.all([stat(target).catch(() => null), stat(parent).catch(() => null)])
  if (own === null || above === null || !own.isDirectory()) return false
  if (own.dev !== above.dev || (await mountPoints()).includes(target)) return true
  const isWritable = await access(parent, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  return !isWritable || isKeptBySticky(own.uid, above.mode, above.uid)
}

/** In a sticky folder such as /tmp only the owner of the folder or of the entry may rename it (S_ISVTX, inode(7)). */
function isKeptBySticky(owner: number, parentMode: number, parentOwner: number): boolean {
  const user = process.geteuid?.() ?? 0
  return (parentMode & 0o1000) !== 0 && user !== 0 && user !== owner && user !== parentOwner
}

/** All mount points on Linux (proc_pid_mountinfo(5)), elsewhere none. Bind mounts of the same disk cannot be recognised in another way. */
async function mountPoints(): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  return table.split('\n').flatMap((line) => {
    const path = line.split(' ')[4]
    return path === undefined ? [] : [path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))]
  })
}

/** The mount point of a path; the path itself if it is not known. */
export async function fileSystemOf(path: string): Promise<string> {
  const within = (await mountPoints()).filter((mount) => path === mount || path.startsWith(mount.endsWith('/') ? mount : `${mount}/`))
  return within.sort((a, b) => b.length - a.length)[0] ?? path
}

function shortName(name: string): string {
  return shortened(name, MAX_NAME_BYTES)
}

/** A name of at most `maxBytes` in UTF-8; a longer one is cut and ends with a hash of the whole name. */
export function shortened(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name
  const room = maxBytes - HASH_DIGITS - 1
  let kept = ''
  let bytes = 0
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    kept += character
  }
  return `${kept}-${createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS)}`
}
