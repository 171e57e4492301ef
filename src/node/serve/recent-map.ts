// Keys and values -> those that were set last, in limited memory. Two generations, as in the hashlru algorithm: values are set in the new one; when
// it is full, it becomes the old one, and the previous old one is dropped at once. Deleting the oldest key of one Map again and again
// would be slow, because the Map must skip every deleted entry to find the next one.

export class RecentMap<Key, Value> {
  readonly #size: number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  /** @param size at least this many of the last keys are kept, at most twice as many */
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
