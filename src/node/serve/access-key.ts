// The one secret of a server: who has it may look. Compared in constant time; browsers get a cookie made from it, never the key itself.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { UsageError } from '../../errors.ts'

/** Shorter keys can be guessed even at the pace the server allows. */
const SHORTEST = 12

export class AccessKey {
  readonly text: string
  /** What a browser keeps instead of the key: cannot be turned back into it, and stays the same when the server starts again with the same key. */
  readonly cookieValue: string
  readonly #salt = randomBytes(32)

  /** @throws UsageError for a key that is too short or does not fit into a header */
  constructor(text: string) {
    if (text.length < SHORTEST) throw new UsageError(`the access key must have at least ${SHORTEST} characters`)
    if (!/^[\x21-\x7e]+$/.test(text)) throw new UsageError('the access key must be of printable ASCII characters without spaces')
    this.text = text
    this.cookieValue = createHmac('sha256', text).update('rtnvis viewer').digest('base64url')
  }

  /** 192 bits from the system's generator. */
  static random(): AccessKey {
    return new AccessKey(randomBytes(24).toString('base64url'))
  }

  matches(candidate: string): boolean {
    return this.#isSame(candidate, this.text)
  }

  matchesCookie(candidate: string): boolean {
    return this.#isSame(candidate, this.cookieValue)
  }

  /** Digests of equal length are compared, so that neither the content nor the length of the secret shows in the time it takes. */
  #isSame(one: string, other: string): boolean {
    const digest = (text: string) => createHmac('sha256', this.#salt).update(text).digest()
    return timingSafeEqual(digest(one), digest(other))
  }
}
