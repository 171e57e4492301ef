// All keys of a server: the one of --key, and those in the file of --keys. A key -> its user.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import pLimit from 'p-limit'
import type { AccessKey } from './access-key.ts'
import { ID_LENGTH, type KeyEntry, readKeyFile } from './key-file.ts'
import { formatHash, matchesHash } from './key-hash.ts'
import { User } from './user.ts'

/** Verifications at once: scrypt takes 16 MiB and a thread of libuv's pool, which file operations also need. */
const AT_ONCE = 2
const WAITING = 100

interface Member {
  user: User
  entry: KeyEntry
  /** Digest of the correct key after its first use, so that scrypt is not needed again. */
  digest: Buffer | null
}

export class Keyring {
  /** User of --key; no line of the file can have this name. */
  readonly owner: User | null
  readonly #ownKey: AccessKey | null
  readonly #file: string | null
  /** By the id, the first characters of a key. */
  #members = new Map<string, Member>()
  readonly #salt = randomBytes(32)
  readonly #limit = pLimit(AT_ONCE)
  /** Verifications by digest: a page with a wrong key sends many requests at once. */
  readonly #running = new Map<string, Promise<boolean>>()

  /** @throws UsageError if the file cannot be used */
  constructor(ownKey: AccessKey | null, file: string | null) {
    this.#ownKey = ownKey
    this.owner = ownKey && new User('(access key)', 'admin')
    this.#file = file
    this.reload()
  }

  /** The user of this key; null: none; "busy": too many keys wait for verification. */
  async find(key: string): Promise<User | null | 'busy'> {
    if (this.#ownKey?.matches(key)) return this.owner
    const id = key.slice(0, ID_LENGTH)
    const member = this.#members.get(id)
    if (!member) return null
    const digest = createHmac('sha256', this.#salt).update(key).digest()
    if (member.digest !== null) return timingSafeEqual(digest, member.digest) ? member.user : null
    const isRight = this.#verify(key, digest.toString('base64'), member.entry)
    if (isRight === null) return 'busy'
    if (!(await isRight) || this.#members.get(id) !== member) return null // removed in the meantime
    member.digest = digest
    return member.user
  }

  /**
   * Reads the file again; users whose line did not change are kept.
   * @returns users whose key is no longer valid
   * @throws UsageError; then nothing is changed
   */
  reload(): User[] {
    if (this.#file === null) return []
    const before = this.#members
    this.#members = new Map(
      readKeyFile(this.#file).map((entry) => {
        const known = before.get(entry.id)
        return [entry.id, known && isSame(known.entry, entry) ? known : { user: new User(entry.name, entry.role), entry, digest: null }]
      }),
    )
    return [...before].filter(([id, member]) => this.#members.get(id) !== member).map(([, { user }]) => user)
  }

  #verify(key: string, digest: string, { hash }: KeyEntry): Promise<boolean> | null {
    const running = this.#running.get(digest)
    if (running) return running
    if (this.#limit.pendingCount >= WAITING) return null
    const verification = this.#limit(() => matchesHash(key, hash)).finally(() => this.#running.delete(digest))
    this.#running.set(digest, verification)
    return verification
  }
}

function isSame(one: KeyEntry, other: KeyEntry): boolean {
  return one.name === other.name && one.role === other.role && formatHash(one.hash) === formatHash(other.hash)
}
