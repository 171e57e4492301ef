// A lock file -> one run at a time writes into a report's folder, whatever user, container or host it belongs to.
//
// On one machine the kernel decides: a lock on an open file (flock(2)) is seen from all PID namespaces and containers, needs no clock, and goes with the
// process that holds it, however that ends. Network file systems (NFS) pass it on to other hosts. Where a shared folder does not, the file tells: its holder
// writes it again and again, and who comes from another machine goes by its age, measured by the clock of the file system.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { CaptureError } from '../../errors.ts'

/** Who writes, as the lock file says. */
interface Holder {
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  /** The kernel's boot_id: the same in all containers of a machine, another after each start; '' where there is none. */
  boot: string
  token: string
}

type KernelAnswer = 'ours' | 'held' | 'unknown'

const BEAT_MS = 5_000
/** A holder on another machine that was silent for so long is dead. An analysis may keep its thread busy for many seconds. */
const SILENT_MS = 60_000
/** A run that is just ending, or one that only looks, lets go within these. */
const TRIES = 4
const PAUSE_MS = 100
/** Where no kernel decides, the last of two who came at once finds the other's token gone. */
const SETTLE_MS = 200

const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
/** Open and lock in one step: BSD's O_EXLOCK on macOS, libuv's UV_FS_O_EXLOCK (no sharing) on Windows. */
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
   * @param path of the lock file; its folder is there
   * @param named what is locked, for the message
   * @throws CaptureError saying who holds it
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
    const answer = await askKernel(file.fd)
    if (answer === 'held') {
      if (isLastTry) throw heldBy(named, await readHolder(path))
      return null
    }
    if (!(await isSameFile(file, path))) return null // let go of meanwhile: the name leads to another file, or to none
    const before = await readHolder(path)
    const boot = await bootId()
    if (before !== null && (answer === 'unknown' || !isOn(boot, before)) && (await isBeating(path))) throw heldBy(named, before)
    const token = randomBytes(8).toString('hex')
    const since = new Date().toISOString()
    const holder: Holder = { pid: process.pid, host: hostname(), since, boot, token }
    const text = Buffer.from(`${JSON.stringify(holder)}\n`)
    // Not cut first: who reads it meanwhile must find a holder.
    await file.write(text, 0, text.length, 0)
    await file.truncate(text.length)
    if (answer === 'unknown') {
      await sleep(SETTLE_MS)
      const now = await readHolder(path)
      if (now?.token !== token) throw heldBy(named, now)
    }
    return new FolderLock(path, file, text)
  }

  /** @throws CaptureError if somebody removed the lock file and another run took the folder */
  async confirm(named: string): Promise<void> {
    const isThere = await stat(this.path).catch(() => null)
    if (isThere !== null && !(await isSameFile(this.file, this.path))) throw heldBy(named, await readHolder(this.path))
  }

  async release(): Promise<void> {
    clearInterval(this.beat)
    const isOurs = await isSameFile(this.file, this.path).catch(() => false)
    // Removed while it is locked, so that nobody locks a file without a name. Windows removes none that is open.
    if (isOurs) await unlink(this.path).catch(() => {})
    await this.file.close().catch(() => {})
    if (isOurs && process.platform === 'win32') await unlink(this.path).catch(() => {})
  }
}

/** Null: locked already, or a file of another user was in the way and is gone now. */
async function openLock(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_EXLOCK, 0o666)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (O_EXLOCK !== 0 && (code === 'EAGAIN' || code === 'EBUSY')) return null
    if (code !== 'EACCES') throw error
  }
  // Of another user: it may be locked without being written, and goes if nobody holds it. Without such a file the folder is what may not be written to.
  const file = await open(path, O_RDONLY | O_NOFOLLOW).catch(() => null)
  if (file === null) throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
  try {
    if ((await askKernel(file.fd)) === 'ours') await unlink(path)
  } finally {
    await file.close()
  }
  return null
}

/** Node has no flock(2). The lock belongs to the open file, not to the process that asked for it: flock(1) locks the descriptor it is given, and ends. */
async function askKernel(fd: number): Promise<KernelAnswer> {
  if (O_EXLOCK !== 0) return 'ours'
  const child = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] })
  const code = await new Promise<number | null>((resolve) => child.on('error', () => resolve(null)).on('exit', resolve))
  return code === 0 ? 'ours' : code === 1 ? 'held' : 'unknown'
}

async function isSameFile(file: FileHandle, path: string): Promise<boolean> {
  const [opened, named] = await Promise.all([file.stat(), stat(path).catch(() => null)])
  return named !== null && opened.ino === named.ino && opened.dev === named.dev
}

/** Whether the kernel that answered also knows the holder. */
function isOn(boot: string, holder: Holder): boolean {
  return holder.boot !== '' ? holder.boot === boot : holder.host === hostname()
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}

/** Both times are those of the file system: hosts may disagree about the time. */
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
