// The file of --keys: one line for each key, with name, role, date, id and hash, but not the key itself.
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { UsageError } from '../../../errors.ts'
import { reasonOf } from '../../input/input.ts'
import { formatHash, hashKey, type KeyHash, parseHash } from './key-hash.ts'
import { isRole, ROLES, type Role } from './roles.ts'

export interface KeyEntry {
  name: string
  role: Role
  /** Date of creation, as 2026-03-02. */
  day: string
  /** First characters of the key: they select the hash to compare with, so that a request costs at most one verification. */
  id: string
  hash: KeyHash
}

const ID_BYTES = 6
const SECRET_BYTES = 24
export const ID_LENGTH = 8
const FILE_BYTES = 1_000_000
const KEYS = 1_000

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
const ID = /^[\w-]{8}$/

const HEAD =
  '# Keys of rtnvis serve --keys: name, role, day made, id, hash. Written by "rtnvis keys"; a running server reads it again on SIGHUP.\n'

/** @throws UsageError with file and line */
export function readKeyFile(path: string): KeyEntry[] {
  const entries: KeyEntry[] = []
  const names = new Set<string>()
  const ids = new Set<string>()
  for (const [index, line] of readBounded(path).split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const entry = parseLine(line.trim(), `${path}, line ${index + 1}`)
    if (names.has(entry.name) || ids.has(entry.id)) throw new UsageError(`${path}, line ${index + 1}: this key is there twice`)
    names.add(entry.name)
    ids.add(entry.id)
    entries.push(entry)
  }
  if (entries.length > KEYS) throw new UsageError(`${path}: it contains more than ${KEYS} keys`)
  return entries
}

export function formatKeyFile(entries: KeyEntry[]): string {
  return HEAD + entries.map(({ name, role, day, id, hash }) => `${name} ${role} ${day} ${id} ${formatHash(hash)}\n`).join('')
}

/** A new random key of 240 bits, and its entry in the file. */
export async function makeKey(name: string, role: Role, day: string): Promise<{ key: string; entry: KeyEntry }> {
  const id = randomBytes(ID_BYTES).toString('base64url')
  const key = id + randomBytes(SECRET_BYTES).toString('base64url')
  return { key, entry: { name, role, day, id, hash: await hashKey(key) } }
}

/** @throws UsageError */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw new UsageError('a key’s name has up to 64 letters, digits and . _ @ -, and begins with a letter or digit')
}

/** @throws UsageError */
export function checkRole(role: string): asserts role is Role {
  if (!isRole(role)) throw new UsageError(`--role must be one of ${Object.keys(ROLES).join(', ')}`)
}

/** A warning if other users can read or change the file; null if not, or if the system has no such permissions. */
export function warningOf(path: string): string | null {
  if (process.platform === 'win32') return null
  const { mode } = statSync(path)
  return (mode & 0o006) === 0 ? null : `every user of this machine can ${(mode & 2) === 0 ? 'read' : 'change'} ${path}: chmod 600 ${path}`
}

function readBounded(path: string): string {
  try {
    const info = statSync(path)
    if (!info.isFile()) throw new UsageError(`${path}: it is not a file`)
    if (info.size > FILE_BYTES) throw new UsageError(`${path}: it is too large to be a file of keys`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${path}: ${reasonOf(error)}`)
  }
}

function parseLine(line: string, where: string): KeyEntry {
  const [name = '', role = '', day = '', id = '', hash = '', ...more] = line.split(/\s+/)
  const parsed = parseHash(hash)
  if (!NAME.test(name) || !ID.test(id) || !/^\d{4}-\d\d-\d\d$/.test(day) || parsed === null || more.length > 0)
    throw new UsageError(`${where}: it must be name, role, day, id and scrypt hash, as "rtnvis keys add" writes them`)
  if (!isRole(role)) throw new UsageError(`${where}: the role must be one of ${Object.keys(ROLES).join(', ')}`)
  return { name, role, day, id, hash: parsed }
}
