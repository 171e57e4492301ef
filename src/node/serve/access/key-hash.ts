// A key -> its scrypt hash in the PHC string format with parameters; and whether a key matches a hash.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** About 16 MiB and 40 ms. Generated keys are random, so this only protects keys that users chose, if the file is stolen. */
const NEW = { log2N: 14, r: 8, p: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Larger parameters in a file are refused, so that a verification takes at most 128 MiB. */
const MOST = { log2N: 17, r: 8, p: 4 }

export interface KeyHash {
  log2N: number
  r: number
  p: number
  salt: Buffer
  hash: Buffer
}

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/

export async function hashKey(key: string): Promise<KeyHash> {
  const salt = randomBytes(SALT_BYTES)
  return { ...NEW, salt, hash: await derive(key, { ...NEW, salt }) }
}

export async function matchesHash(key: string, known: KeyHash): Promise<boolean> {
  return timingSafeEqual(await derive(key, known), known.hash)
}

/** Null if it is not such a hash, or if its parameters are too large. */
export function parseHash(text: string): KeyHash | null {
  const match = PHC.exec(text)
  if (!match) return null
  const [log2N, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
  if (log2N < 1 || log2N > MOST.log2N || r < 1 || r > MOST.r || p < 1 || p > MOST.p) return null
  return { log2N, r, p, salt: Buffer.from(match[4], 'base64'), hash: Buffer.from(match[5], 'base64') }
}

export function formatHash({ log2N, r, p, salt, hash }: KeyHash): string {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`
}

function derive(key: string, { log2N, r, p, salt }: Omit<KeyHash, 'hash'>): Promise<Buffer> {
  const N = 2 ** log2N
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r }
  return new Promise((resolve, reject) =>
    scrypt(key, salt, HASH_BYTES, options, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  )
}
