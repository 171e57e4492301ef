// Lists by key, as groups are collected.

/** Adds to the key's list. A list is never copied: a hostile capture can put everything into one. */
export function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const own = lists.get(key)
  if (own === undefined) lists.set(key, [item])
  else own.push(item)
}
