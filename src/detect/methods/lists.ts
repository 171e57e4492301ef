// Lists by key, as groups are collected.

/** Adds to the key's list. A list is never copied: a hostile capture can put everything into one. */
export function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const own = lists.get(key)
  if (own === undefined) lists.set(key, [item])
  else own.push(item)
}

/** The items by key, keys and items in the order they come. @param keyOf null: the item is in no group */
export function groupBy<Key, Item>(items: Iterable<Item>, keyOf: (item: Item) => Key | null): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key !== null) append(groups, key, item)
  }
  return groups
}

/** The only item; null if there is none or more than one. */
export function onlyOne(items: readonly number[]): number | null {
  return items.length === 1 ? items[0] : null
}
