// Names of addresses, with source, first time and count; bounded.

/** Distinct (host, name, source) kept; further ones are only counted. */
const MAX_ENTRIES = 500_000

/** The protocol or file section that had the name. */
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

/** A name that DNS returned for an address. */
export interface DnsRecord {
  atUs: number
  name: string
  source: NameSource
}

interface Entries {
  /** The one that was added last: a host is mostly called by the same name again. */
  last: NameEntry
  /** By name, one entry per source. */
  byName: Map<string, NameEntry[]>
  /** DNS records in the order seen, without repetitions. */
  dnsRecords: DnsRecord[]
}

const NOTHING: readonly DnsRecord[] = []

/** Whose name: a host id, or canonical address text, because an answer may contain an address without any packet yet. */
export type Named = number | string

export class HostNames {
  leftOut = 0
  private readonly named = new Map<Named, Entries>()
  private readonly list: NameEntry[] = []
  /** Number of DNS records, which count towards the limit like the entries. */
  private dnsRecordCount = 0

  /** @returns the index for entry(); -1 if the limit is reached */
  add(named: Named, name: string, source: NameSource, timeUs: number): number {
    const of = this.named.get(named)
    if (of !== undefined && of.last.name === name && of.last.source === source) return repeat(of.last, timeUs)
    const sameName = of?.byName.get(name)
    const known = sameName?.find((entry) => entry.source === source)
    if (known) {
      of!.last = known
      return repeat(known, timeUs)
    }
    if (this.isFull) {
      this.leftOut++
      return -1
    }
    const entry = { name, source, firstUs: timeUs, count: 1, number: this.list.length }
    this.list.push(entry)
    if (sameName) sameName.push(entry)
    else if (of) of.byName.set(name, [entry])
    else this.named.set(named, { last: entry, byName: new Map([[name, [entry]]]), dnsRecords: [] })
    return entry.number
  }

  /** Takes back what add() added, because it turned out to be wrong. Its number stays taken. */
  retract(named: Named, name: string, source: NameSource): void {
    const of = this.named.get(named)
    const sameName = of?.byName.get(name)
    const entry = sameName?.find((known) => known.source === source)
    if (of === undefined || sameName === undefined || entry === undefined || --entry.count > 0) return
    const others = sameName.filter((known) => known !== entry)
    if (others.length > 0) of.byName.set(name, others)
    else of.byName.delete(name)
    const [last] = [...of.byName.values()].flat()
    if (last !== undefined) of.last = last
    else if (of.dnsRecords.length === 0) this.named.delete(named)
  }

  /** A name that was counted elsewhere: what was seen of it here is in that count. @param host its id, with canonical text of its address */
  setCounted(host: number, address: string, { name, source, firstUs, count }: Omit<NameEntry, 'number'>): void {
    const known = [host, address].flatMap((named) => this.named.get(named)?.byName.get(name) ?? []).find((entry) => entry.source === source)
    const number = known?.number ?? this.add(address, name, source, firstUs)
    if (number >= 0) Object.assign(this.list[number], { firstUs, count })
  }

  entry(number: number): NameEntry {
    return this.list[number]
  }

  private get isFull(): boolean {
    return this.list.length + this.dnsRecordCount >= MAX_ENTRIES
  }

  /** As add(); flows that begin later get this name for the address. */
  addDnsRecord(address: string, name: string, source: NameSource, timeUs: number): void {
    this.add(address, name, source, timeUs)
    const records = this.named.get(address)?.dnsRecords
    if (!records || (records.length > 0 && records[records.length - 1].name === name)) return
    if (this.isFull) return
    this.dnsRecordCount++
    records.push({ atUs: timeUs, name, source })
  }

  /** As addDnsRecord(), but before all other records of the address. */
  addEarlierDnsRecord(address: string, name: string, source: NameSource, timeUs: number): void {
    this.add(address, name, source, timeUs)
    this.named.get(address)?.dnsRecords.unshift({ atUs: timeUs, name, source })
  }

  get isEmpty(): boolean {
    return this.named.size === 0
  }

  /** All names of a host, by its id or its address. */
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

  /** All DNS records of an address. */
  dnsRecordsOf(address: string): readonly DnsRecord[] {
    return this.named.get(address)?.dnsRecords ?? NOTHING
  }
}

/** @returns its number */
function repeat(entry: NameEntry, timeUs: number): number {
  entry.count++
  if (timeUs < entry.firstUs) entry.firstUs = timeUs
  return entry.number
}

/** The last record at or before `timeUs`; null for none. */
export function latest(records: readonly DnsRecord[], timeUs: number): DnsRecord | null {
  for (let i = records.length - 1; i >= 0; i--) if (records[i].atUs <= timeUs) return records[i]
  return null
}

function merge(entries: NameEntry[], entry: NameEntry): void {
  const at = entries.findIndex(({ name, source }) => name === entry.name && source === entry.source)
  if (at < 0) entries.push(entry)
  else entries[at] = { ...entry, count: entries[at].count + entry.count, firstUs: Math.min(entries[at].firstUs, entry.firstUs) }
}
