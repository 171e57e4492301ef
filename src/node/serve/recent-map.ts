// Keys and values -> those that were set last, in bounded memory. Two generations, as in the hashlru algorithm: what is set goes into the young one; when
// that is full it becomes the old one, and what was old is forgotten at once. A Map from which the oldest key is deleted again and again would have to
// step over every deleted entry to find the next one.

export class RecentMap<Key, Value> {
  readonly #size: number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  /** @param size the last so many distinct keys are always there; twice as many at most */
  constructor(size: number) {
    this.#size = size
  }

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: Key, value: Value): void {
    this.#young.set(key, value)
    if (this.#young.size < this.#size) return
    this.#old = this.#young
    this.#young = new Map()
  }
}
