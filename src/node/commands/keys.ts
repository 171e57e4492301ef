// `rtnvis keys add | list | remove`: replaces the key file as a whole, so that a running server never reads an incomplete one.
import { chmod, chown, realpath, stat } from 'node:fs/promises'
import { UsageError } from '../../errors.ts'
import { replaceFile } from '../output/durable.ts'
import { checkName, checkRole, formatKeyFile, type KeyEntry, makeKey, readKeyFile, warningOf } from '../serve/access/key-file.ts'
import { print, say } from './terminal.ts'

const HINT = 'a running server reads the file again on SIGHUP (kill -HUP)'

/** Prints the key on stdout, once: the file has only its hash. @throws UsageError */
export async function addKey(name: string, role: string, file: string): Promise<void> {
  checkName(name)
  checkRole(role)
  const entries = (await exists(file)) ? readKeyFile(file) : []
  if (entries.some((entry) => entry.name === name)) throw new UsageError(`${file} has a key of ${name}: remove it first`)
  const { key, entry } = await makeKey(name, role, new Date().toISOString().slice(0, 10))
  await write(file, [...entries, entry])
  await print(`${key}\n`)
  say(`the key of ${name} (${role}), which is not shown again; ${HINT}`)
}

/** @throws UsageError */
export async function listKeys(file: string): Promise<void> {
  const entries = readKeyFile(file)
  warn(file)
  const width = Math.max(0, ...entries.map(({ name }) => name.length))
  await print(entries.map(({ name, role, day }) => `${name.padEnd(width)}  ${role.padEnd(7)}  ${day}\n`).join(''))
}

/** @throws UsageError */
export async function removeKey(name: string, file: string): Promise<void> {
  const entries = readKeyFile(file)
  const left = entries.filter((entry) => entry.name !== name)
  if (left.length === entries.length) throw new UsageError(`${file} has no key of ${name}: rtnvis keys list --file ${file} shows all`)
  await write(file, left)
  say(`the key of ${name} is removed; ${HINT}`)
}

/** Keeps owner and permissions of an existing file; only the owner can read a new one. */
async function write(file: string, entries: KeyEntry[]): Promise<void> {
  const known = (await exists(file)) ? await stat(file) : null
  const path = known ? await realpath(file) : file
  await replaceFile(path, formatKeyFile(entries), known ? known.mode & 0o777 : 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be written (${error.code}): check its folder and your rights there`)
  })
  if (known && (known.uid !== process.getuid?.() || known.gid !== process.getgid?.()))
    await chown(path, known.uid, known.gid).catch(() => say(`${file} belongs to you now`))
  if (known) await chmod(path, known.mode & 0o777)
  warn(file)
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

function warn(file: string): void {
  const warning = warningOf(file)
  if (warning !== null) say(warning)
}
