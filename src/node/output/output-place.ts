// The path given by -o -> the folder it means, and where the report's draft, lock and predecessor are kept meanwhile.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'

export interface OutputPlace {
  /** As the user typed it. */
  named: string
  /** Absolute, links resolved. */
  target: string
  /**
   * The folder cannot be renamed (a mount point, or its parent is not writable): what is hidden lies inside it, and the report is swapped entry by entry.
   * Otherwise all of it lies beside, and the folder is replaced whole.
   */
  isInside: boolean
  /** The beginning of all hidden paths: "/x/.NAME.rtnvis-", or "/x/NAME/.rtnvis-". */
  prefix: string
}

/** Longer names are shortened and told apart by a hash: with what is added they must stay below the 143 bytes that eCryptfs allows. */
const MAX_NAME_BYTES = 90
const HASH_DIGITS = 12
/** As many as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40

/** @throws UsageError for a path that is none, CaptureError for one whose links lead nowhere */
export async function placeOf(named: string): Promise<OutputPlace> {
  if (named === '') throw new UsageError('-o: the name of the folder is empty')
  if (named.includes('\0')) throw new UsageError('-o: the name of a folder holds no NUL character')
  const target = await resolveLinks(resolve(named), 0)
  return (await mustStay(target)) ? insidePlace(named, target) : besidePlace(named, target)
}

export function insidePlace(named: string, target: string): OutputPlace {
  return { named, target, isInside: true, prefix: join(target, '.rtnvis-') }
}

export function besidePlace(named: string, target: string): OutputPlace {
  return { named, target, isInside: false, prefix: join(dirname(target), `.${shortName(basename(target))}.rtnvis-`) }
}

/** The path with every link followed; the end of it, and the end of the last link, may be missing. */
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

/** Whether a folder that is there cannot be renamed. */
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

/** In a folder as /tmp only its owner and the entry's may rename it (S_ISVTX, inode(7)). */
function isKeptBySticky(owner: number, parentMode: number, parentOwner: number): boolean {
  const user = process.geteuid?.() ?? 0
  return (parentMode & 0o1000) !== 0 && user !== 0 && user !== owner && user !== parentOwner
}

/** All mount points, as Linux tells them (proc_pid_mountinfo(5)); elsewhere none. A folder mounted from the same disk is told by nothing else. */
async function mountPoints(): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  return table.split('\n').flatMap((line) => {
    const path = line.split(' ')[4]
    return path === undefined ? [] : [path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))]
  })
}

/** The mount point that a path lies under; the path itself where that is not known. */
export async function fileSystemOf(path: string): Promise<string> {
  const within = (await mountPoints()).filter((mount) => path === mount || path.startsWith(mount.endsWith('/') ? mount : `${mount}/`))
  return within.sort((a, b) => b.length - a.length)[0] ?? path
}

function shortName(name: string): string {
  return shortened(name, MAX_NAME_BYTES)
}

/** A name of at most so many bytes in UTF-8; one that is longer ends with a hash of all of it. */
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
