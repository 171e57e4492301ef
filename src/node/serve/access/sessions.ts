// Browser sessions: a user -> the value of a cookie, and back. Random, limited in number, and ended when their key is removed.
import { createHmac, randomBytes } from 'node:crypto'
import QuickLRU from 'quick-lru'
import type { AccessKey } from './access-key.ts'
import { type User, Visit } from './user.ts'

/** Most sessions of one user; the least recently used end first. A class of pupils may share a key. */
const SESSIONS = 1_000
const LIFETIME_S = 30 * 86_400
/** Signed-out sessions of the single key that are remembered, because their cookies are still correctly signed. */
const SIGNED_OUT = 10_000

/** Seconds since the epoch in base 36, 192 random bits, and for the single key a signature. */
const COOKIE = /^(([0-9a-z]{6,7})\.[\w-]{32})(?:\.([\w-]{43}))?$/

export class Sessions {
  /** By digest, so that the time of a look-up does not reveal anything about a cookie. */
  readonly #byDigest = new Map<string, Visit>()
  readonly #ofUser = new WeakMap<User, QuickLRU<string, Visit>>()
  readonly #signedOut = new QuickLRU<string, true>({ maxSize: SIGNED_OUT })
  readonly #own: { user: User; key: AccessKey } | null
  readonly #salt = randomBytes(32)
  readonly #now: () => number

  /** @param own the single key, whose sessions stay valid after a restart @param now milliseconds since the epoch */
  constructor(own: { user: User; key: AccessKey } | null, now: () => number = Date.now) {
    this.#own = own
    this.#now = now
  }

  /** @returns the value for the browser's cookie */
  start(user: User): string {
    const id = `${Math.floor(this.#now() / 1000).toString(36)}.${randomBytes(24).toString('base64url')}`
    const cookie = user === this.#own?.user ? `${id}.${this.#own.key.sign(id)}` : id
    this.#keep(this.#digest(cookie), new Visit(user))
    return cookie
  }

  find(cookie: string): Visit | null {
    const match = COOKIE.exec(cookie)
    if (!match) return null
    const [, id, startedAt, signature] = match
    const digest = this.#digest(cookie)
    if (this.#now() / 1000 - Number.parseInt(startedAt, 36) > LIFETIME_S) {
      this.#end(digest)
      return null
    }
    const visit = this.#byDigest.get(digest)
    if (visit) {
      this.#ofUser.get(visit.user)!.get(digest) // marks it as recently used
      return visit
    }
    if (this.#own === null || signature === undefined || this.#signedOut.has(digest)) return null
    if (!this.#own.key.isSignedBy(signature, id)) return null
    return this.#keep(digest, new Visit(this.#own.user))
  }

  signOut(cookie: string): void {
    const digest = this.#digest(cookie)
    this.#signedOut.set(digest, true)
    this.#end(digest)
  }

  endAll(user: User): void {
    for (const digest of [...(this.#ofUser.get(user)?.keys() ?? [])]) this.#end(digest)
  }

  #keep(digest: string, visit: Visit): Visit {
    const { user } = visit
    if (!this.#ofUser.has(user)) {
      const onEviction = (oldest: string) => this.#end(oldest)
      // The package keeps up to twice maxSize entries.
      this.#ofUser.set(user, new QuickLRU({ maxSize: SESSIONS / 2, onEviction }))
    }
    this.#byDigest.set(digest, visit)
    this.#ofUser.get(user)!.set(digest, visit)
    return visit
  }

  #end(digest: string): void {
    const visit = this.#byDigest.get(digest)
    if (!visit) return
    this.#byDigest.delete(digest)
    this.#ofUser.get(visit.user)!.delete(digest)
    visit.end()
  }

  #digest(cookie: string): string {
    return createHmac('sha256', this.#salt).update(cookie).digest('base64')
  }
}
