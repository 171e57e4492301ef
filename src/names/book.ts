// Every name of every address, with where it was read, when first and how often; bounded.

/** Distinct (address, name, source) kept; further ones are counted only. */
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
  | 'sip'
  | 'dns'
  | 'dns-ptr'
  | 'mdns'
  | 'llmnr'
  | 'nbns'
  | 'netbios'
  | 'dhcp'
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'ftp'
  | 'pcapng'

export interface NameEntry {
  name: string
  source: NameSource
  firstUs: number
  count: number
}

interface Entries {
  /** By source and name. */
  all: Map<string, NameEntry>
  /** What DNS said, in the order it was said, repetitions left out. */
  learned: { atUs: number; name: string; source: NameSource }[]
}

/** Addresses are canonical text: an answer may name an address long before (or without) a packet of it. */
export class NameBook {
  leftOut = 0
  private readonly addresses = new Map<string, Entries>()
  private entries = 0

  add(address: string, name: string, source: NameSource, timeUs: number): void {
    const of = this.addresses.get(address)
    const known = of?.all.get(`${source} ${name}`)
    if (known) {
      known.count++
      if (timeUs < known.firstUs) known.firstUs = timeUs
      return
    }
    if (this.entries >= MAX_ENTRIES) {
      this.leftOut++
      return
    }
    this.entries++
    const all = of?.all ?? new Map<string, NameEntry>()
    all.set(`${source} ${name}`, { name, source, firstUs: timeUs, count: 1 })
    if (!of) this.addresses.set(address, { all, learned: [] })
  }

  /** As add(), and the address goes by this name from now on: for flows that begin later. */
  learn(address: string, name: string, source: NameSource, timeUs: number): void {
    this.add(address, name, source, timeUs)
    const learned = this.addresses.get(address)?.learned
    if (!learned || (learned.length > 0 && learned[learned.length - 1].name === name)) return
    if (this.entries >= MAX_ENTRIES) return
    this.entries++
    learned.push({ atUs: timeUs, name, source })
  }

  /** As learn(), but before everything else that is known. */
  learnBefore(address: string, name: string, source: NameSource, timeUs: number): void {
    this.add(address, name, source, timeUs)
    this.addresses.get(address)?.learned.unshift({ atUs: timeUs, name, source })
  }

  get isEmpty(): boolean {
    return this.addresses.size === 0
  }

  of(address: string): NameEntry[] {
    return [...(this.addresses.get(address)?.all.values() ?? [])]
  }

  /** What DNS last said before or at `timeUs`; null when it had said nothing. */
  latest(address: string, timeUs: number): { name: string; source: NameSource } | null {
    const learned = this.addresses.get(address)?.learned
    return learned?.findLast((entry) => entry.atUs <= timeUs) ?? null
  }
}
