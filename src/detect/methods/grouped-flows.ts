// Conversations sorted into buckets by a number, in linear time and without an object a conversation: floods have a million of them.

/** Not in any bucket. */
export const NO_GROUP = -1

/**
 * @param keys how many there can be: 0 .. keys - 1
 * @param keyOf the bucket of a flow, or NONE
 * @param least smaller buckets are left out
 * @returns flow ids of each bucket in ascending order, buckets by key
 */
export function* groupFlows(
  flows: number,
  keys: number,
  keyOf: (flow: number) => number,
  least: number,
): Generator<{ key: number; ids: Int32Array }> {
  const counts = new Int32Array(keys)
  const keyOfFlow = new Int32Array(flows)
  for (let flow = 0; flow < flows; flow++) {
    const key = keyOf(flow)
    keyOfFlow[flow] = key
    if (key >= 0) counts[key]++
  }
  // From counts to places in one array, only for those with enough of them.
  const kept: number[] = []
  const ends = new Int32Array(keys)
  let total = 0
  for (let key = 0; key < keys; key++) {
    if (counts[key] === 0 || counts[key] < least) continue
    kept.push(key)
    ends[key] = total
    total += counts[key]
  }
  if (total === 0) return
  const ordered = new Int32Array(total)
  for (let flow = 0; flow < flows; flow++) {
    const key = keyOfFlow[flow]
    if (key >= 0 && counts[key] >= least) ordered[ends[key]++] = flow
  }
  for (const key of kept) yield { key, ids: ordered.subarray(ends[key] - counts[key], ends[key]) }
}

/** Stretches of ids, which are in the order of time, without a pause longer than `pauseUs` between one start and the next. */
export function* sessionsOf(ids: Int32Array, startUs: (id: number) => number, pauseUs: number): Generator<Int32Array> {
  let first = 0
  for (let i = 1; i < ids.length; i++) {
    if (startUs(ids[i]) - startUs(ids[i - 1]) <= pauseUs) continue
    yield ids.subarray(first, i)
    first = i
  }
  if (ids.length > 0) yield ids.subarray(first)
}

/** The most ids that start within any `windowUs`, and where the first such window begins in `ids`. */
export function busiest(ids: Int32Array, startUs: (id: number) => number, windowUs: number): { count: number; at: number } {
  let from = 0
  let best = { count: 0, at: 0 }
  for (let to = 0; to < ids.length; to++) {
    while (startUs(ids[to]) - startUs(ids[from]) >= windowUs) from++
    if (to - from + 1 > best.count) best = { count: to - from + 1, at: from }
  }
  return best
}

/** How many different hosts there are among `hostOf` the ids. */
export function distinct(ids: Int32Array, hostOf: (id: number) => number, hosts: number): number {
  // A place for every host is not worth it for a few.
  if (ids.length * 16 < hosts) return new Set(Array.from(ids, hostOf)).size
  const seen = new Uint8Array(hosts)
  let count = 0
  for (const id of ids) {
    const host = hostOf(id)
    if (seen[host] === 0) count++
    seen[host] = 1
  }
  return count
}
