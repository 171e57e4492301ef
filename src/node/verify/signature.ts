// Signatures of a report by OpenSSH (ssh-keygen -Y, SSHSIG): any key, passphrase, agent or token of ssh-keygen, and no cryptography of our own.
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'
import { agrees, type Check, differs } from '../../verify/check.ts'
import { reasonOf } from '../input/input.ts'
import { SIGNATURE, SUMS, writeSums } from './checksums.ts'
import { readUpTo } from './folder-files.ts'

/** SSHSIG namespace, so that signatures of other data are not accepted. */
const NAMESPACE = 'rtnvis'
/** Longest key or signature file, above that of any algorithm. */
const MAX_BYTES = 1 << 16
/** Number of times that a passphrase is asked for. */
const TRIES = 3

const PUBLIC_KEY = /^(?:ssh-[\w-]+|ecdsa-[\w-]+|sk-[\w@.-]+) [A-Za-z0-9+/=]+(?: [^\n]*)?$/m

/** Checks before the analysis that the key exists and can sign. @throws UsageError */
export async function checkKey(path: string): Promise<void> {
  const option = `--sign ${path}`
  const text = await readKey(path, option)
  if (PUBLIC_KEY.test(text)) return // the private key is in ssh-agent
  const { status, stderr } = run(['-y', '-P', '', '-f', path], option)
  if (status === 0) return
  if (!/passphrase/i.test(stderr)) throw new UsageError(`${option}: not a private key that ssh-keygen can use: ${lastLine(stderr)}`)
  if (!canAsk())
    throw new UsageError(`${option}: it has a passphrase, and there is no terminal to ask for it: ssh-add the key and name its .pub file`)
}

/** Writes SHA256SUMS and its signature. @throws UsageError */
export async function signFolder(folder: string, key: string): Promise<void> {
  await writeSums(folder)
  const args = ['-Y', 'sign', '-f', key, '-n', NAMESPACE, join(folder, SUMS)]
  for (let left = canAsk() ? TRIES : 1; left > 0; left--) {
    const { status, stderr } = run(args, `--sign ${key}`, canAsk() ? 'terminal' : undefined)
    if (status === 0) return
    if (left === 1 || !/passphrase/i.test(stderr)) throw new UsageError(`--sign ${key}: not signed: ${lastLine(stderr)}`)
  }
}

/** @param path path of the public key */
export async function checkSignature(folder: string, path: string): Promise<Check> {
  const option = `--check-signature ${path}`
  const key = PUBLIC_KEY.exec(await readKey(path, option))?.[0]
  if (key === undefined) throw new UsageError(`${option}: no SSH public key is in it: name a .pub file`)
  const subject = 'signature'
  const sums = await readUpTo(join(folder, SUMS), MAX_BYTES * 64)
  const signature = await readUpTo(join(folder, SIGNATURE), MAX_BYTES)
  if (sums === null || signature === null)
    return differs(SIGNATURE, subject, 'the report is not signed: rtnvis analyze --sign KEY signs one')
  const private_ = await mkdtemp(join(tmpdir(), 'rtnvis-signature-'))
  try {
    const signers = join(private_, 'signers')
    const copy = join(private_, 'signature')
    await writeFile(signers, `${NAMESPACE} namespaces="${NAMESPACE}" ${key}\n`)
    await writeFile(copy, signature)
    const args = ['-Y', 'verify', '-f', signers, '-I', NAMESPACE, '-n', NAMESPACE, '-s', copy]
    const { status, stdout, stderr } = run(args, option, sums)
    return status === 0
      ? agrees(SIGNATURE, subject, lastLine(stdout))
      : differs(SIGNATURE, subject, `not by this key: ${lastLine(stderr || stdout)}`)
  } finally {
    await rm(private_, { recursive: true, force: true })
  }
}

async function readKey(path: string, option: string): Promise<string> {
  try {
    const status = await stat(path)
    if (!status.isFile() || status.size > MAX_BYTES) throw new UsageError(`${option}: it is not a key`)
    return await readFile(path, 'utf8')
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${option}: ${reasonOf(error)}`)
  }
}

/** @param input for standard input; ssh-keygen asks for a passphrase if it is a terminal */
function run(args: string[], option: string, input?: Uint8Array | 'terminal'): { status: number | null; stdout: string; stderr: string } {
  const from = input === 'terminal' ? { stdio: ['inherit', 'pipe', 'pipe'] as const } : { input: input ?? '' }
  const { status, stdout, stderr, error } = spawnSync('ssh-keygen', args, {
    encoding: 'utf8',
    ...from,
  } as SpawnSyncOptionsWithStringEncoding)
  if (error !== undefined) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UsageError(`${option}: ${isMissing ? 'ssh-keygen is not installed: it comes with OpenSSH' : error.message}`)
  }
  return { status, stdout, stderr }
}

function canAsk(): boolean {
  return process.stdin.isTTY === true || Boolean(process.env.SSH_ASKPASS)
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
