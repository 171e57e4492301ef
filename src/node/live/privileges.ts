// Options and environment -> the user that the program becomes after the device is open: only that needs root.
import { execFileSync } from 'node:child_process'
import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../errors.ts'

/** Permission bits: every user may create files in the folder. */
const OTHERS_WRITE = 0o003

export interface User {
  name: string
  uid: number
  gid: number
  home: string
  /** Has a name on this system, and therefore groups. */
  isNamed: boolean
}

/**
 * The user after the device is open: -Z, else the caller of sudo (SUDO_UID, SUDO_GID), else (in a root shell) the owner of the output folder, or
 * nobody if everyone may write there. Null: no change, as without root.
 * @param folders that must be writable
 * @throws UsageError for an unknown user, and for -Z without root
 */
export function userToBecome(named: string | undefined, env: Record<string, string | undefined>, folders: string[]): User | null {
  const isRoot = process.getuid?.() === 0
  if (named !== undefined) {
    if (!isRoot) throw new UsageError('-Z: only root can become another user')
    const user = findUser(named)
    if (user === null) throw new UsageError(`-Z ${named}: no such user`)
    return user.uid === 0 ? null : user
  }
  if (!isRoot) return null
  const uid = Number(env.SUDO_UID)
  if (!env.SUDO_UID || !Number.isInteger(uid) || uid <= 0) return userWhoMayWrite(folders)
  const gid = Number(env.SUDO_GID)
  const known = findUser(env.SUDO_UID)
  if (known !== null) return { ...known, gid: Number.isInteger(gid) && gid > 0 ? gid : known.gid }
  return { name: env.SUDO_USER ?? env.SUDO_UID, uid, gid: Number.isInteger(gid) && gid > 0 ? gid : uid, home: '/', isNamed: false }
}

/** Null if only root may write: root is kept, and the user gets a warning. */
function userWhoMayWrite(folders: string[]): User | null {
  const found = folders.map(existing)
  const owner = found.map(({ uid }) => uid).find((uid) => uid !== 0)
  const user = findUser(owner === undefined ? 'nobody' : String(owner))
  const mayWrite = ({ uid, mode }: Stats) => uid === user?.uid || (mode & OTHERS_WRITE) === OTHERS_WRITE
  return user !== null && found.every(mayWrite) ? user : null
}

/** Status of the folder, or of its nearest existing parent. */
function existing(folder: string): Stats {
  const path = resolve(folder)
  return statSync(path, { throwIfNoEntry: false }) ?? existing(dirname(path))
}

/** By name or number, from getent (includes LDAP and similar), else from /etc/passwd. */
function findUser(nameOrUid: string): User | null {
  const line = getent(nameOrUid) ?? passwdLine(nameOrUid)
  const [name, , uid, gid, , home] = line?.split(':') ?? []
  if (!name || uid === undefined || gid === undefined) return null
  return { name, uid: Number(uid), gid: Number(gid), home: home || '/', isNamed: true }
}

function getent(nameOrUid: string): string | null {
  try {
    return execFileSync('getent', ['passwd', '--', nameOrUid], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0]
  } catch {
    return null
  }
}

function passwdLine(nameOrUid: string): string | null {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
    return lines.find((line) => line.split(':')[0] === nameOrUid || line.split(':')[2] === nameOrUid) ?? null
  } catch {
    return null
  }
}

/**
 * Changes to the user permanently: first groups, which only root may set, then group and user with their saved ids. The C library changes all threads.
 * @throws Error if root rights remain
 */
export function become(user: User): void {
  // Node has initgroups(), but its types do not.
  const { setgroups, initgroups, setgid, setuid, getuid, geteuid } = process as typeof process & {
    initgroups?: (user: string, group: number) => void
  }
  if (!setgroups || !initgroups || !setgid || !setuid) throw new Error('this system cannot change the user of a process')
  if (user.isNamed) initgroups(user.name, user.gid)
  else setgroups([user.gid])
  setgid(user.gid)
  setuid(user.uid)
  let mayReturn = true
  try {
    setuid(0)
  } catch {
    mayReturn = false
  }
  if (mayReturn || getuid?.() !== user.uid || geteuid?.() !== user.uid) throw new Error(`root could not be given up for ${user.name}`)
  // From now on, caches and configuration are the user's.
  process.env.HOME = user.home
  process.env.USER = user.name
  delete process.env.XDG_CACHE_HOME
}
