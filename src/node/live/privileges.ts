// Root is needed to open a device and for nothing else.
import { execFileSync } from 'node:child_process'
import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../errors.ts'

/** Permission bits: everybody may make files in the folder. */
const OTHERS_WRITE = 0o003

export interface User {
  name: string
  uid: number
  gid: number
  home: string
  /** Known by name on this system: has groups of its own. */
  isNamed: boolean
}

/**
 * Whom to become once the device is open: -Z, else whoever called sudo (SUDO_UID, SUDO_GID), else in a root shell whoever may write where the report
 * goes: the owner of that folder, or nobody. Null: stay, as without root there is nothing to give up.
 * @param folders that must be written to
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

/** Null where only root may write: then root is kept, and the user is told. */
function userWhoMayWrite(folders: string[]): User | null {
  const found = folders.map(existing)
  const owner = found.map(({ uid }) => uid).find((uid) => uid !== 0)
  const user = findUser(owner === undefined ? 'nobody' : String(owner))
  const mayWrite = ({ uid, mode }: Stats) => uid === user?.uid || (mode & OTHERS_WRITE) === OTHERS_WRITE
  return user !== null && found.every(mayWrite) ? user : null
}

/** Of the folder, or of the nearest one above it that is there. */
function existing(folder: string): Stats {
  const path = resolve(folder)
  return statSync(path, { throwIfNoEntry: false }) ?? existing(dirname(path))
}

/** By name or number, as getent knows it (LDAP and its like too), else as /etc/passwd does. */
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
 * Becomes the user for good: groups first, for only root may set them, then group and user with their saved ids. The C library changes all threads.
 * @throws Error if anything of root is left
 */
export function become(user: User): void {
  // Node has initgroups(), its types do not.
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
  // Caches and configuration are those of the user from here on.
  process.env.HOME = user.home
  process.env.USER = user.name
  delete process.env.XDG_CACHE_HOME
}
