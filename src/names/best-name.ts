// All names of one host -> the name that is shown everywhere. Only this file decides.
import type { NameEntry, NameSource } from './host-names.ts'

/** First the names that clients used to address the host, then DNS answers for its address, then all others. */
const RANKS: Partial<Record<NameSource, number>> = { tls: 0, quic: 0, http: 1, dns: 2 }
const OTHER_RANK = 3

type Candidate = Pick<NameEntry, 'name' | 'source' | 'count'>

/** Ordered by rank of the source, then by count, then by UTF-16 code units. @param ip of the host: clients that use it as a name name nothing @returns null for no entries */
export function bestName<Entry extends Candidate>(entries: readonly Entry[], ip: string): Entry | null {
  let best: Entry | null = null
  for (const entry of entries) if (entry.name !== ip && (best === null || isBetter(entry, best))) best = entry
  return best
}

function isBetter(entry: Candidate, than: Candidate): boolean {
  const ranks = (RANKS[entry.source] ?? OTHER_RANK) - (RANKS[than.source] ?? OTHER_RANK)
  if (ranks !== 0) return ranks < 0
  if (entry.count !== than.count) return entry.count > than.count
  return entry.name < than.name || (entry.name === than.name && entry.source < than.source)
}
