// A small network and a tap on it: who is there, what the tap sees of it (all of it, a part, only the far side of a NAT), and what is known of it.
import { Office } from '../../fixtures/generate/demo/office.ts'
import type { Site } from '../../fixtures/generate/demo/places.ts'
import { random } from '../../fixtures/generate/random.ts'
import type { Severity } from '../../src/detect/engine/finding.ts'
import { address, ethernet, ipv4, ipv6, type Layer, mac, raw } from '../support/build.ts'
import { type DnsRecord, type DnsType, dnsAnswer, dnsQuery } from '../support/messages.ts'
import type { Allowance, Label, Labels } from './label.ts'
import { brand, domain } from './vocabulary.ts'

export interface WorldOptions {
  seed: number
  seconds: number
  /** Share of packets the tap misses. */
  loss: number
  /** The tap stands outside: everybody has one public address, and what stays in the LAN is not seen. */
  isBehindNat: boolean
}

const LANS = ['192.168.1', '192.168.178', '10.20.30', '10.0.0', '172.16.5', '10.131.7']
/** First octets of public space, without the special ranges. */
const OCTETS = [3, 8, 13, 18, 20, 23, 34, 40, 45, 52, 62, 77, 81, 91, 104, 129, 141, 151, 162, 176, 185, 193, 199, 205, 212]
/** How far a name may be remembered. */
const REMEMBERED_US = 300_000_000

export class World extends Office {
  readonly seconds: number
  readonly isBehindNat: boolean
  readonly clients: string[] = []
  readonly router: string
  readonly server: string
  readonly resolver: string
  readonly labels: Label[] = []
  readonly allowed: Allowance[] = []
  readonly blocklist: string[] = []
  readonly #loss: number
  readonly #lan: string
  readonly #publicAddress: string
  readonly #asked = new Map<string, number>()
  readonly #hops = new Map<string, number>()
  readonly #taken = new Set<string>()
  #nextHost = 100

  constructor({ seed, seconds, loss, isBehindNat }: WorldOptions) {
    super(random(seed))
    this.seconds = seconds
    this.isBehindNat = isBehindNat
    this.#loss = loss
    this.#lan = this.pick(LANS)
    this.#publicAddress = this.outsider()
    this.router = `${this.#lan}.1`
    this.server = `${this.#lan}.10`
    this.resolver = isBehindNat ? this.outsider() : this.pick([this.router, this.server])
    const count = this.whole(6, 12)
    for (let host = 0; host < count; host++) this.clients.push(`${this.#lan}.${21 + host}`)
  }

  /** An address of the LAN that nobody has yet. */
  newcomer(): string {
    this.#nextHost++
    if (this.#nextHost > 250) throw new Error('the LAN is full')
    return `${this.#lan}.${this.#nextHost}`
  }

  lanAddress(last: number): string {
    return `${this.#lan}.${last}`
  }

  get broadcast(): string {
    return `${this.#lan}.255`
  }

  /** A public address that nobody has yet. */
  outsider(): string {
    const ip = `${this.pick(OCTETS)}.${this.whole(1, 254)}.${this.whole(0, 255)}.${this.whole(2, 253)}`
    if (this.#taken.has(ip)) return this.outsider()
    this.#taken.add(ip)
    return ip
  }

  /** A server somewhere, under a name. */
  site(name = `${this.pick(['www', 'api', 'app', 'cdn', 'static', 'login'])}.${domain(this.random)}`, ip = this.outsider()): Site {
    return { name, ip, rttMs: this.whole(4, 180) }
  }

  brand(): string {
    return brand(this.random)
  }

  isLocal(ip: string): boolean {
    return ip.startsWith(`${this.#lan}.`) || /^(fe80|fd|ff|0\.|169\.254\.|22[4-9]\.|23\d\.|255\.)/.test(ip)
  }

  /** The address under which the capture shows a host. */
  seen(ip: string): string {
    return this.isBehindNat && this.isLocal(ip) ? this.#publicAddress : ip
  }

  hardwareOf(ip: string): Uint8Array {
    if (ip === '255.255.255.255' || ip === this.broadcast) return new Uint8Array(6).fill(255)
    const bytes = address(ip)
    if (/^(22[4-9]|23\d)\./.test(ip)) return Uint8Array.of(1, 0, 0x5e, bytes[1] & 0x7f, bytes[2], bytes[3])
    if (ip.startsWith('ff')) return Uint8Array.of(0x33, 0x33, ...bytes.subarray(12))
    return mac(this.isLocal(ip) && !this.isBehindNat ? 0x0a00 + bytes[bytes.length - 1] : 1)
  }

  /** How many routers a packet has left behind: none from here, a fixed number from anyone else. */
  #ttl(source: string): number {
    if (this.isLocal(source)) return this.isBehindNat ? 63 : 64
    const known = this.#hops.get(source)
    if (known !== undefined) return known
    const ttl = this.pick([64, 128, 255]) - this.whole(5, 19)
    this.#hops.set(source, ttl)
    return ttl
  }

  override add(atUs: number, source: string, target: string, upper: Layer, dropped = 0, ttl = this.#ttl(source)): void {
    if (this.isBehindNat && this.isLocal(source) && this.isLocal(target)) return
    if (this.random() < this.#loss || atUs > this.at(this.seconds)) return
    const [from, to] = [this.seen(source), this.seen(target)]
    const network = from.includes(':') ? ipv6(from, to, upper, ttl) : ipv4(from, to, upper, { ttl, identification: this.whole(0, 65535) })
    const frame = ethernet(network, this.hardwareOf(source), this.hardwareOf(target))
    this.packets.push({ atUs: Math.round(atUs), bytes: frame.subarray(0, frame.length - dropped), wireBytes: frame.length })
  }

  /** A frame that is not IP (ARP), or whose hardware addresses matter. */
  frame(atUs: number, etherType: number, body: Uint8Array, from: Uint8Array, to: Uint8Array): void {
    if (this.isBehindNat || this.random() < this.#loss || atUs > this.at(this.seconds)) return
    const bytes = ethernet(raw(etherType, body), from, to)
    this.packets.push({ atUs: Math.round(atUs), bytes, wireBytes: bytes.length })
  }

  /** One question and its answer; `records` null: nobody answers. Returns when the answer is there. */
  ask(atUs: number, host: string, name: string, type: DnsType, records: DnsRecord[] | null, responseCode = 0): number {
    const port = this.port()
    const id = this.whole(0, 65535)
    const doneUs = atUs + this.between(700, 45_000)
    this.udp(atUs, host, port, this.resolver, 53, dnsQuery(id, name, type))
    if (records) this.udp(doneUs, this.resolver, 53, host, port, dnsAnswer(id, name, type, records, { responseCode }))
    return doneUs + 300
  }

  override lookUp(atUs: number, host: string, site: Site): number {
    const key = `${host} ${site.name}`
    const known = this.#asked.get(key)
    if (known !== undefined && Math.abs(atUs - known) < REMEMBERED_US) return atUs
    this.#asked.set(key, atUs)
    if (this.random() < 0.4) this.ask(atUs + 90, host, site.name, 'AAAA', [])
    return this.ask(atUs, host, site.name, 'A', [{ type: 'A', data: site.ip, ttl: this.whole(60, 600) }])
  }

  /** Gaps between things that happen by chance, `perHour` on average: seconds after the start of the capture. */
  moments(perHour: number, fromS = 0, toS = this.seconds): number[] {
    const found: number[] = []
    for (let atS = fromS; ; ) {
      atS += (-Math.log(1 - this.random()) * 3600) / perHour
      if (atS >= toS) return found
      found.push(atS)
    }
  }

  /** Writes down what was just done. Times are seconds after the start. */
  label(
    rule: string,
    variant: string,
    source: string | null,
    target: string | null,
    fromS: number,
    toS: number,
    also: string[] = [],
  ): void {
    this.labels.push({
      rule,
      source: source === null ? null : this.seen(source),
      target: target === null ? null : this.seen(target),
      first_us: this.at(fromS),
      last_us: this.at(Math.min(toS, this.seconds)),
      variant,
      also,
    })
  }

  allow(rule: string, source: string | null, target: string | null, reason: string, gravest: Severity = 'medium'): void {
    this.allowed.push({ rule, source: source && this.seen(source), target: target && this.seen(target), reason, gravest })
  }

  known(): Labels {
    return { seconds: this.seconds, blocklist: this.blocklist, labels: this.labels, allowed: this.allowed }
  }
}
