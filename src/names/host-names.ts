// Every name of every address, with where it was read, when first and how often; bounded.

/** Distinct (host, name, source) kept; further ones are counted only. */
const MAX_ENTRIES = 500_000

/** Where a name was read. */
export type NameSource =
  | 'tls'
  | 'quic'
  | 'dtls'
  | 'http'
  | 'http-proxy'
  | 'http2'
  | 'ssdp'
  | 'rtsp'
  | 'dns'
  | 'dns-ptr'
  | 'mdns'
  | 'llmnr'
  | 'nbns'
  | 'netbios'
  | 'dhcp'
  | 'smtp'
  | 'ftp'
  | 'pcapng'

export interface NameEntry {
  name: string
  source: NameSource
  firstUs: number
  count: number
  number: number
}

/** A name that DNS gave an address. */
export interface DnsRecord {
  atUs: number
  name: string
  source: NameSource
}

interface Entries {
  /** By name, one a source. */
  byName: Map<string, NameEntry[]>
  /** What DNS said, in the order it was said, repetitions left out. */
  learned: DnsRecord[]
}

const NOTHING: readonly DnsRecord[] = []

/** Whose name: a host's id, or canonical address text, for an answer may name an address long before (or without) a packet of it. */
export type Named = number | string

export class HostNames {
  leftOut = 0
  private readonly named = new Map<Named, Entries>()
  private readonly list: NameEntry[] = []
  /** Entries of `learned`, which count like those of the list. */
  private learnedCount = 0

  /** @returns the number of the entry, for entry(); -1 when there is no room for it */
  add(named: Named, name: string, source: NameSource, timeUs: number): number {
    const of = this.named.get(named)
    const sameName = of?.byName.get(name)
    const known = sameName?.find((entry) => entry.source === source)
    if (known) {
      known.count++
      if (timeUs < known.firstUs) known.firstUs = timeUs
      return known.number
    }
    if (this.isFull) {
      this.leftOut++
      return -1
    }
    const entry = { name, source, firstUs: timeUs, count: 1, number: this.list.length }
    this.list.push(entry)
    if (sameName) sameName.push(entry)
    else if (of) of.byName.set(name, [entry])
    else this.named.set(named, { byName: new Map([[name, [entry]]]), learned: [] })
    return entry.number
  }

  entry(number: number): NameEntry {
    return this.list[number]
  }

  private get isFull(): boolean {
    return this.list.length + this.learnedCount >= MAX_ENTRIES
  }

  /** As add(), and the address goes by this name from now on: for flows that begin later. */
  learn(address: string, name: string, source: NameSource, timeUs: number): void {
    this.add(address, name, source, timeUs)
    const learned = this.named.get(address)?.learned
    if (!learned || (learned.length > 0 && learned[learned.length - 1].name === name)) return
    if (this.isFull) return
    this.learnedCount++
    learned.push({ atUs: timeUs, name, source })
  }

  /** As learn(), but before everything else that is known. */
  learnBefore(address: string, name: string, source: NameSource, timeUs: number): void {
    this.add(address, name, source, timeUs)
    this.named.get(address)?.learned.unshift({ atUs: timeUs, name, source })
  }

  get isEmpty(): boolean {
    return this.named.size === 0
  }

  /** All names of a host, known by its id or its address. */
  of(host: number, address: string): NameEntry[] {
    const entries: NameEntry[] = []
    for (const sameName of this.named.get(host)?.byName.values() ?? []) entries.push(...sameName)
    const own = entries.length
    for (const sameName of this.named.get(address)?.byName.values() ?? []) {
      for (const entry of sameName) {
        if (own === 0) entries.push(entry)
        else merge(entries, entry)
      }
    }
    return entries
  }

  /** What DNS has said of an address. */
  learnedOf(address: string): readonly DnsRecord[] {
    return this.named.get(address)?.learned ?? NOTHING
  }
}

/** What was last said before or at `timeUs`; null when nothing had been said. */
export function latest(learned: readonly DnsRecord[], timeUs: number): DnsRecord | null {
  for (let i = learned.length - 1; i >= 0; i--) if (learned[i].atUs <= timeUs) return learned[i]
  return null
}

function merge(entries: NameEntry[], entry: NameEntry): void {
  const at = entries.findIndex(({ name, source }) => name === entry.name && source === entry.source)
  if (at < 0) entries.push(entry)
  else entries[at] = { ...entry, count: entries[at].count + entry.count, firstUs: Math.min(entries[at].firstUs, entry.firstUs) }
}
