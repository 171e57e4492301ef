// All keys that open a server: the one of --key, and those of the file of --keys. A key -> whose it is.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import pLimit from 'p-limit'
import type { AccessKey } from './access-key.ts'
import { ID_LENGTH, type KeyEntry, readKeyFile } from './key-file.ts'
import { formatHash, matchesHash } from './key-hash.ts'
import { User } from './user.ts'

/** scrypt takes 16 MiB and a thread of libuv's pool, which files need too. */
const AT_ONCE = 2
const WAITING = 100

interface Member {
  user: User
  entry: KeyEntry
  /** Of the right key, once it was shown: from then on nothing is hashed slowly for this id. */
  digest: Buffer | null
}

export class Keyring {
  /** Whose key --key is; a name that no line of the file can have. */
  readonly owner: User | null
  readonly #ownKey: AccessKey | null
  readonly #file: string | null
  /** By the id that a key begins with. */
  #members = new Map<string, Member>()
  readonly #salt = randomBytes(32)
  readonly #limit = pLimit(AT_ONCE)
  /** Verifications by digest: a page with a wrong key asks twenty things at once. */
  readonly #running = new Map<string, Promise<boolean>>()

  /** @throws UsageError if the file cannot be used */
  constructor(ownKey: AccessKey | null, file: string | null) {
    this.#ownKey = ownKey
    this.owner = ownKey && new User('(access key)', 'admin')
    this.#file = file
    this.reload()
  }

  /** Whose key this is; null: nobody's; "busy": too many keys wait to be verified. */
  async find(key: string): Promise<User | null | 'busy'> {
    if (this.#ownKey?.matches(key)) return this.owner
    const id = key.slice(0, ID_LENGTH)
    const member = this.#members.get(id)
    if (!member) return null
    const digest = createHmac('sha256', this.#salt).update(key).digest()
    if (member.digest !== null) return timingSafeEqual(digest, member.digest) ? member.user : null
    const isRight = this.#verify(key, digest.toString('base64'), member.entry)
    if (isRight === null) return 'busy'
    if (!(await isRight) || this.#members.get(id) !== member) return null // withdrawn meanwhile
    member.digest = digest
    return member.user
  }

  /**
   * Reads the file again; whose line is the same stays as they are.
   * @returns users whose key is no longer valid
   * @throws UsageError, and all stays as it was
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
