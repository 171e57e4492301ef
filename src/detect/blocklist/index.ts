// Lists of known bad addresses, networks, domains and fingerprints -> the entry that matches an address or a name. Offline: files only.
import { parseAddress } from '../../decode/address.ts'
import { DomainSet } from './domain-set.ts'
import { grown } from './growing.ts'
import { parseIndicator } from './indicator.ts'
import { Ipv4RangeBuilder, type Ipv4Ranges } from './ipv4-ranges.ts'
import { Ipv6Prefixes } from './ipv6-prefixes.ts'
import { ListFormat } from './list-format.ts'
import { ipv4Line, isDomainLine, readIpv4Line } from './plain-lines.ts'

/** What was read from one file. */
export interface BlocklistFile {
  /** File name without folders. */
  file: string
  entries: number
  /** Number of lines that are neither a comment nor an entry, and the line number of the first (0: none). */
  brokenLines: number
  firstBrokenLine: number
}

export interface BlocklistMatch {
  file: string
  line: number
  /** Whether the entry is a URL: it does not list everything on that host. */
  isUrl: boolean
}

/** Reads lists line by line; finish() returns the lookup tables. */
export class BlocklistBuilder {
  private readonly files: BlocklistFile[] = []
  private format = new ListFormat()
  private line = 0
  private count = 0
  private fileOf = new Uint8Array(1024)
  private lineOf = new Uint32Array(1024)
  private urls = new Uint8Array(1024)
  private readonly ipv4 = new Ipv4RangeBuilder()
  private readonly ipv6 = new Ipv6Prefixes()
  private readonly domains = new DomainSet()
  private readonly ja4s = new Map<string, number>()

  /** The following lines belong to this file; at most 255 files. */
  begin(file: string): void {
    this.files.push({ file, entries: 0, brokenLines: 0, firstBrokenLine: 0 })
    this.format = new ListFormat()
    this.line = 0
  }

  /** Reads the next line of the file. Lines without an entry are counted; nothing is thrown. */
  add(text: string): void {
    this.line++
    if (this.addPlain(text)) return
    const read = this.format.read(text)
    if (read.kind === 'nothing') return
    let found = 0
    for (const candidate of read.texts) if (this.addIndicator(candidate)) found++
    const isBroken = read.isAnyEnough ? found === 0 : found < read.texts.length
    if (!isBroken) return
    const file = this.files[this.files.length - 1]
    if (file.brokenLines++ === 0) file.firstBrokenLine = this.line
  }

  /** Fast path for the two forms that most lines of long lists have. */
  private addPlain(text: string): boolean {
    const first = text.charCodeAt(0)
    if (first >= 0x30 && first <= 0x39 && readIpv4Line(text)) {
      this.ipv4.add(ipv4Line.start, ipv4Line.end, this.addEntry(false))
      return true
    }
    if (!isDomainLine(text)) return false
    this.domains.add(text, this.addEntry(false))
    return true
  }

  private addIndicator(text: string): boolean {
    const indicator = parseIndicator(text)
    if (indicator === null) return false
    const entry = this.addEntry(indicator.kind !== 'ja4' && indicator.isUrl)
    switch (indicator.kind) {
      case 'ipv4':
        this.ipv4.add(indicator.start, indicator.end, entry)
        break
      case 'ipv6':
        this.ipv6.add(indicator.address, indicator.length, entry)
        break
      case 'domain':
        this.domains.add(indicator.domain, entry)
        break
      case 'ja4':
        if (!this.ja4s.has(indicator.ja4)) this.ja4s.set(indicator.ja4, entry)
    }
    return true
  }

  private addEntry(isUrl: boolean): number {
    const entry = this.count++
    this.fileOf = grown(this.fileOf, this.count)
    this.lineOf = grown(this.lineOf, this.count)
    this.urls = grown(this.urls, this.count)
    this.fileOf[entry] = this.files.length - 1
    this.lineOf[entry] = this.line
    this.urls[entry] = isUrl ? 1 : 0
    this.files[this.files.length - 1].entries++
    return entry
  }

  finish(): Blocklist {
    const { files, fileOf, lineOf, urls } = this
    const describe = (entry: number): BlocklistMatch => ({
      file: files[fileOf[entry]].file,
      line: lineOf[entry],
      isUrl: urls[entry] === 1,
    })
    return new Blocklist(files, describe, this.ipv4.finish(), this.ipv6, this.domains, this.ja4s)
  }
}

export class Blocklist {
  readonly files: readonly BlocklistFile[]
  private readonly describe: (entry: number) => BlocklistMatch
  private readonly ipv4: Ipv4Ranges
  private readonly ipv6: Ipv6Prefixes
  private readonly domains: DomainSet
  private readonly ja4s: ReadonlyMap<string, number>

  constructor(
    files: readonly BlocklistFile[],
    describe: (entry: number) => BlocklistMatch,
    ipv4: Ipv4Ranges,
    ipv6: Ipv6Prefixes,
    domains: DomainSet,
    ja4s: ReadonlyMap<string, number>,
  ) {
    this.files = files
    this.describe = describe
    this.ipv4 = ipv4
    this.ipv6 = ipv6
    this.domains = domains
    this.ja4s = ja4s
  }

  /** The narrowest entry that contains an address, which is given in canonical text. */
  address(ip: string): BlocklistMatch | null {
    const bytes = parseAddress(ip)
    if (bytes === null) return null
    return this.match(
      bytes.length === 4 ? this.ipv4.find(((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0) : this.ipv6.find(bytes),
    )
  }

  /** The entry of a lower-case name or of its nearest parent domain. */
  name(name: string): BlocklistMatch | null {
    return this.match(this.domains.find(name))
  }

  get hasJa4(): boolean {
    return this.ja4s.size > 0
  }

  ja4(fingerprint: string): BlocklistMatch | null {
    return this.match(this.ja4s.get(fingerprint) ?? -1)
  }

  private match(entry: number): BlocklistMatch | null {
    return entry < 0 ? null : this.describe(entry)
  }
}
