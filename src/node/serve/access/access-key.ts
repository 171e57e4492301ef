// The single key of a server, from --key, the environment or random. Compared in constant time.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { UsageError } from '../../../errors.ts'

/** Shorter keys can be guessed over a network. */
const SHORTEST = 12

export class AccessKey {
  readonly text: string
  readonly #salt = randomBytes(32)

  /** @throws UsageError for a key that is too short or cannot be sent in a header */
  constructor(text: string) {
    if (text.length < SHORTEST) throw new UsageError(`the access key must have at least ${SHORTEST} characters`)
    if (!/^[\x21-\x7e]+$/.test(text)) throw new UsageError('the access key must be of printable ASCII characters without spaces')
    this.text = text
  }

  /** 192 bits from the system's generator. */
  static random(): AccessKey {
    return new AccessKey(randomBytes(24).toString('base64url'))
  }

  /** Compares digests of equal length, so that the time depends neither on the key's content nor on its length. */
  matches(candidate: string): boolean {
    const digest = (text: string) => createHmac('sha256', this.#salt).update(text).digest()
    return timingSafeEqual(digest(candidate), digest(this.text))
  }

  /** Signs cookies with the key, so that sessions stay valid when the server is restarted with the same key. */
  sign(text: string): string {
    return createHmac('sha256', this.text).update(`rtnvis session ${text}`).digest('base64url')
  }

  isSignedBy(signature: string, text: string): boolean {
    const own = Buffer.from(this.sign(text))
    return own.length === signature.length && timingSafeEqual(own, Buffer.from(signature))
  }
}
