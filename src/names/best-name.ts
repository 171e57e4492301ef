// All names of one host -> the one it is shown by, everywhere: the only place that decides.
import type { NameEntry, NameSource } from './host-names.ts'

/** What the host was addressed by comes first (the client wanted exactly this server), then what DNS said of the address, then the rest. */
const RANKS: Partial<Record<NameSource, number>> = { tls: 0, quic: 0, http: 1, dns: 2 }
const OTHER_RANK = 3

type Candidate = Pick<NameEntry, 'name' | 'source' | 'count'>

/** By rank of its source, then the most frequent, then by code unit; null for none. */
export function bestName<Entry extends Candidate>(entries: readonly Entry[]): Entry | null {
  let best: Entry | null = null
  for (const entry of entries) if (best === null || isBetter(entry, best)) best = entry
  return best
}

function isBetter(entry: Candidate, than: Candidate): boolean {
  const ranks = (RANKS[entry.source] ?? OTHER_RANK) - (RANKS[than.source] ?? OTHER_RANK)
  if (ranks !== 0) return ranks < 0
  if (entry.count !== than.count) return entry.count > than.count
  return entry.name < than.name || (entry.name === than.name && entry.source < than.source)
}
