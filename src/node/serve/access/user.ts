// A signed-in user and the open connections of the user, which are closed when the key is removed or the session ends.
import type { Role } from './roles.ts'

/** A socket, or a response that is still being sent. */
interface Closable {
  destroy(): unknown
  once(event: 'close', listener: () => void): unknown
}

export class User {
  readonly name: string
  readonly role: Role
  /** For requests that contain the key itself. */
  readonly byKey: Visit = new Visit(this)

  constructor(name: string, role: Role) {
    this.name = name
    this.role = role
  }
}

/** A browser's session, or all requests that bring a user's key. */
export class Visit {
  readonly user: User
  readonly #open = new Set<Closable>()
  #hasEnded = false

  constructor(user: User) {
    this.user = user
  }

  /** Closes `stream` when the visit ends, unless it is already closed. */
  hold(stream: Closable): void {
    if (this.#hasEnded) {
      stream.destroy()
      return
    }
    this.#open.add(stream)
    stream.once('close', () => this.#open.delete(stream))
  }

  end(): void {
    this.#hasEnded = true
    for (const stream of this.#open) stream.destroy()
  }
}
