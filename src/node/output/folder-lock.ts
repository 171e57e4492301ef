// A lock file -> only one run at a time writes to a report's folder, across users, containers and hosts.
//
// On one machine flock(2) is used: it works across PID namespaces and containers, needs no clock, and ends with the process that holds
// it. Network file systems (NFS) may support it between hosts. On shared folders without such support, the file itself is used: its holder
// rewrites it regularly, and a run on another machine looks at its age, measured by the clock of the file system.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { CaptureError } from '../../errors.ts'

/** The holder of the lock, from the lock file. */
interface Holder {
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  /** boot_id of the kernel: equal in all containers of a machine, different after each boot; "" if there is none. */
  boot: string
  token: string
}

type KernelAnswer = 'ours' | 'held' | 'unknown'

const BEAT_MS = 5_000
/** A holder on another machine that did not write for this long is taken for dead. An analysis may block its thread for many seconds. */
const SILENT_MS = 60_000
/** Attempts to lock, because a run that ends, or that only checks, releases the lock soon. */
const TRIES = 4
const PAUSE_MS = 100
/** Descriptors that one process inherits. */
const MAX_LOCKS_A_PROCESS = 64
/** Without flock(2): of two runs that start at once, the one whose token was overwritten finds that out after this time. */
const SETTLE_MS = 200

const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
/** Flags that open and lock in one step: BSD's O_EXLOCK on macOS, libuv's UV_FS_O_EXLOCK (no sharing) on Windows. */
const O_EXLOCK = process.platform === 'darwin' ? 0x20 | O_NONBLOCK : process.platform === 'win32' ? 0x1000_0000 : 0

export class FolderLock {
  private readonly path: string
  private readonly file: FileHandle
  private readonly beat: NodeJS.Timeout

  private constructor(path: string, file: FileHandle, text: Buffer) {
    this.path = path
    this.file = file
    this.beat = setInterval(() => void file.write(text, 0, text.length, 0).catch(() => {}), BEAT_MS).unref()
  }

  /**
   * @param path of the lock file; its folder must exist
   * @param named the locked folder, for the message
   * @throws CaptureError that names the holder
   */
  static async take(path: string, named: string): Promise<FolderLock> {
    for (let tries = 1; ; tries++) {
      const file = await openLock(path)
      if (file !== null) {
        const lock = await FolderLock.claim(path, file, named, tries >= TRIES).catch(async (error) => {
          await file.close()
          throw error
        })
        if (lock !== null) return lock
        await file.close()
      } else if (tries >= TRIES) throw heldBy(named, await readHolder(path))
      await sleep(PAUSE_MS)
    }
  }

  /** Null: try again. */
  private static async claim(path: string, file: FileHandle, named: string, isLastTry: boolean): Promise<FolderLock | null> {
    const answer = await lockInKernel(file.fd)
    if (answer === 'held') {
      if (isLastTry) throw heldBy(named, await readHolder(path))
      return null
    }
    if (!(await isSameFile(file, path))) return null // released in the meantime: the name refers to another file, or to none
    const before = await readHolder(path)
    const boot = await bootId()
    if (before !== null && (answer === 'unknown' || !isOn(boot, before)) && (await isBeating(path))) throw heldBy(named, before)
    const token = randomBytes(8).toString('hex')
    const since = new Date().toISOString()
    const holder: Holder = { pid: process.pid, host: hostname(), since, boot, token }
    const text = Buffer.from(`${JSON.stringify(holder)}\n`)
    try {
      // Not truncated first, so that other runs always find a holder in it.
      await file.write(text, 0, text.length, 0)
      await file.truncate(text.length)
    } catch (error) {
      if (before === null) await unlink(path) // on a full disk: nothing is left of this run
      throw error
    }
    if (answer === 'unknown') {
      await sleep(SETTLE_MS)
      const now = await readHolder(path)
      if (now?.token !== token) throw heldBy(named, now)
    }
    return new FolderLock(path, file, text)
  }

  /** @throws CaptureError if the lock file was removed and another run locked the folder */
  async confirm(named: string): Promise<void> {
    const isThere = await stat(this.path).catch(() => null)
    if (isThere !== null && !(await isSameFile(this.file, this.path))) throw heldBy(named, await readHolder(this.path))
  }

  async release(): Promise<void> {
    clearInterval(this.beat)
    const isOurs = await isSameFile(this.file, this.path).catch(() => false)
    // Unlinked while it is locked, so that nobody locks a file without a name. Windows cannot unlink an open file.
    if (isOurs) await unlink(this.path).catch(() => {})
    await this.file.close().catch(() => {})
    if (isOurs && process.platform === 'win32') await unlink(this.path).catch(() => {})
  }
}

/** Null: locked by another run, or a file of another user was there and has been removed. */
async function openLock(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_EXLOCK, 0o666)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (O_EXLOCK !== 0 && (code === 'EAGAIN' || code === 'EBUSY')) return null
    if (code !== 'EACCES') throw error
    return removeForeignLock(path, error)
  }
}

/** A file of another user can be locked for reading, and is removed if nobody holds it. @throws `denied` if there is none: the folder is not writable */
async function removeForeignLock(path: string, denied: unknown): Promise<null> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW).catch(() => null)
  if (file === null) throw denied
  try {
    if ((await lockInKernel(file.fd)) === 'ours') await unlink(path)
  } finally {
    await file.close()
  }
  return null
}

interface Locking {
  fd: number
  settle(answer: KernelAnswer): void
}

const waiting: Locking[] = []
let isLocking = false

function lockInKernel(fd: number): Promise<KernelAnswer> {
  if (O_EXLOCK !== 0) return Promise.resolve('ours')
  return new Promise((settle) => {
    waiting.push({ fd, settle })
    if (!isLocking) void lockWaiting()
  })
}

/** Locks that are asked for while others are taken share the next process: starting one takes longer than the analysis of a small capture. */
async function lockWaiting(): Promise<void> {
  isLocking = true
  while (waiting.length > 0) {
    const locks = waiting.splice(0, MAX_LOCKS_A_PROCESS)
    const answers = await flock(locks.map(({ fd }) => fd))
    for (const [i, { settle }] of locks.entries()) settle(answers[i])
  }
  isLocking = false
}

/** Node has no flock(2). A lock belongs to the open file and not to a process, so flock(1) can lock an inherited descriptor and exit. */
async function flock(fds: number[]): Promise<KernelAnswer[]> {
  const inherited = fds.map((_, i) => String(3 + i))
  const script = 'for fd; do flock -n -x "$fd"; echo "$?"; done'
  const child = spawn('sh', ['-c', script, 'sh', ...inherited], { stdio: ['ignore', 'pipe', 'ignore', ...fds] })
  let codes = ''
  child.stdout!.setEncoding('latin1').on('data', (text: string) => {
    codes += text
  })
  await new Promise((resolve) => child.on('error', resolve).on('close', resolve))
  const lines = codes.split('\n')
  return fds.map((_, i) => (lines[i] === '0' ? 'ours' : lines[i] === '1' ? 'held' : 'unknown'))
}

async function isSameFile(file: FileHandle, path: string): Promise<boolean> {
  const [opened, named] = await Promise.all([file.stat(), stat(path).catch(() => null)])
  return named !== null && opened.ino === named.ino && opened.dev === named.dev
}

/** Whether the holder runs under the same kernel. */
function isOn(boot: string, holder: Holder): boolean {
  return holder.boot !== '' ? holder.boot === boot : holder.host === hostname()
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}

/** Compares two times of the file system, because the clocks of hosts may differ. */
async function isBeating(path: string): Promise<boolean> {
  const probe = `${path}-${randomBytes(4).toString('hex')}`
  await (await open(probe, 'wx')).close()
  try {
    const [now, last] = await Promise.all([stat(probe), stat(path)])
    return now.mtimeMs - last.mtimeMs < SILENT_MS
  } finally {
    await unlink(probe)
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const { pid, host, since, boot, token } = JSON.parse(await readFile(path, 'utf8')) as Holder
    const isHolder = Number.isInteger(pid) && [host, since, boot, token].every((text) => typeof text === 'string' && text.length < 300)
    return isHolder ? { pid, host, since, boot, token } : null
  } catch {
    return null
  }
}

function heldBy(named: string, holder: Holder | null): CaptureError {
  const who = holder === null ? '' : ` (pid ${holder.pid} on ${holder.host}, since ${holder.since.slice(0, 19).replace('T', ' ')} UTC)`
  return new CaptureError(`${named}: another rtnvis is writing this report${who}: wait for it, or choose another folder with -o`)
}
