// Frames without IP -> packets and bytes by sender, receiver and protocol. add() runs once for such a frame, never for IP packets, and allocates nothing.

import type { LogLink } from '../capture/flow-records/log-links.ts'
import type { CapturedPacket } from '../capture/packet.ts'
import { doubled, FIRST_ROWS } from '../column.ts'
import { compare } from '../compare.ts'
import { parseAddress } from '../decode/address.ts'
import { ArpFrame } from '../decode/arp.ts'
import { be16, be32 } from '../decode/bytes.ts'
import { LinkAddresses } from '../decode/link-addresses.ts'
import { describeSkip, linkProtocolOf } from '../decode/skip-reasons.ts'
import { HASH_SEED, mix } from './hash.ts'

/** Rows; further pairs of addresses are counted together. */
export const MAX_LINK_ROWS = 100_000

/** A row of link_traffic; store/schema.ts describes the fields. */
export interface LinkRow {
  sourceMac: string
  /** '' where the frame does not say. */
  destinationMac: string
  protocol: string
  sourceVendor: string | null
  destinationVendor: string | null
  packets: number
  bytes: number
  firstUs: number
  lastUs: number
  /** Of the first packet: its number in its capture, and the capture's index. */
  frame: number
  capture: number
  sourceAddresses: string | null
}

/** Addresses of a row; of more, the lowest. */
const MOST_CLAIMS = 4

/** The addresses that a row keeps, of those of one row or of several. */
function lowestAddresses(addresses: Iterable<number>): number[] {
  return [...new Set(addresses)].sort((a, b) => a - b).slice(0, MOST_CLAIMS)
}

/** As link_traffic has them. */
function addressesText(addresses: readonly number[]): string | null {
  return addresses.map((value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')).join(', ') || null
}

export interface LinkRows {
  /** In the order of addresses and protocol. */
  rows: LinkRow[]
  /** Packets of such frames that are in no row. */
  unlisted: number
}

/** Above 16 bits: no address. */
const NO_ADDRESS = 0x10000

export class LinkTraffic {
  /** Protocol by status of the decoder, -1 for frames that are not listed. As bounded as the statuses that coverage counts. */
  private readonly protocols = new Map<number, number>()
  private readonly names: string[] = []
  private readonly addresses = new LinkAddresses()
  private readonly arp = new ArpFrame()
  /** IPv4 addresses that the sender gives as its own, by row. */
  private readonly claims = new Map<number, number[]>()
  private count = 0
  private unlisted = 0
  private readonly logged: Omit<LinkRow, 'sourceVendor' | 'destinationVendor'>[] = []
  /** Row + 1 by hash, 0 for a free slot; at most half full. */
  private slots = new Int32Array(FIRST_ROWS * 4)
  /** By row: addresses in two parts, of 16 and of 32 bits. */
  private sourceHigh = new Int32Array(FIRST_ROWS)
  private sourceLow = new Int32Array(FIRST_ROWS)
  private destinationHigh = new Int32Array(FIRST_ROWS)
  private destinationLow = new Int32Array(FIRST_ROWS)
  private protocol = new Int32Array(FIRST_ROWS)
  private capture = new Int32Array(FIRST_ROWS)
  private packets = new Float64Array(FIRST_ROWS)
  private bytes = new Float64Array(FIRST_ROWS)
  private firstUs = new Float64Array(FIRST_ROWS)
  private lastUs = new Float64Array(FIRST_ROWS)
  private frame = new Float64Array(FIRST_ROWS)

  /** A frame that is in no conversation. @param status why, as the decoder says @param bytes its length on the wire @param frame its number in its capture */
  add({ bytes: data, start, end, linkType, timeUs }: CapturedPacket, status: number, bytes: number, frame: number, capture: number): void {
    const protocol = this.protocolOf(status)
    if (protocol < 0) return
    const { addresses } = this
    if (!addresses.read(data, start, end, linkType)) {
      this.unlisted++
      return
    }
    const { sourceAt, destinationAt } = addresses
    const sourceHigh = be16(data, sourceAt)
    const sourceLow = be32(data, sourceAt + 2) | 0
    const destinationHigh = destinationAt < 0 ? NO_ADDRESS : be16(data, destinationAt)
    const destinationLow = destinationAt < 0 ? 0 : be32(data, destinationAt + 2) | 0
    const row = this.rowOf(sourceHigh, sourceLow, destinationHigh, destinationLow, protocol)
    if (row < 0) {
      this.unlisted++
      return
    }
    if (this.packets[row] === 0) {
      this.firstUs[row] = timeUs
      this.lastUs[row] = timeUs
      this.frame[row] = frame
      this.capture[row] = capture
    }
    this.packets[row]++
    this.bytes[row] += bytes
    if (timeUs < this.firstUs[row]) {
      this.firstUs[row] = timeUs
      this.frame[row] = frame
      this.capture[row] = capture
    }
    if (timeUs > this.lastUs[row]) this.lastUs[row] = timeUs
    if (this.arp.read(data, start, end, linkType)) this.claim(row, data, this.arp.at + 8)
  }

  /** The sender's addresses in ARP; a bridge may send those of others, and a probe claims none (RFC 5227 2.1.1). */
  private claim(row: number, bytes: Uint8Array, senderAt: number): void {
    const address = be32(bytes, senderAt + 6)
    const isOwn = be16(bytes, senderAt) === this.sourceHigh[row] && (be32(bytes, senderAt + 2) | 0) === this.sourceLow[row]
    if (!isOwn || address === 0) return
    const known = this.claims.get(row)
    if (known === undefined) this.claims.set(row, [address])
    else if (!known.includes(address) && (known.length < MOST_CLAIMS || address < known[MOST_CLAIMS - 1]))
      this.claims.set(row, lowestAddresses([...known, address]))
  }

  /** A frame that a choice of the user leaves out for the reason that it has no IP. */
  leaveOut(status: number): void {
    if (this.protocolOf(status) >= 0) this.unlisted++
  }

  /** What a log has counted. @param capture its index */
  addLogged(link: LogLink, capture: number): void {
    this.logged.push({ ...link, capture, sourceAddresses: joinedAddresses(link.sourceAddresses) })
  }

  /** @param vendorOf who made the interface with an address */
  finish(vendorOf: (mac: string) => string | null): LinkRows {
    const rows = [...this.logged]
    for (let row = 0; row < this.count; row++) {
      rows.push({
        sourceMac: macText(this.sourceHigh[row], this.sourceLow[row]),
        destinationMac: macText(this.destinationHigh[row], this.destinationLow[row]),
        protocol: this.names[this.protocol[row]],
        packets: this.packets[row],
        bytes: this.bytes[row],
        firstUs: this.firstUs[row],
        lastUs: this.lastUs[row],
        frame: this.frame[row],
        capture: this.capture[row],
        sourceAddresses: addressesText(this.claims.get(row) ?? []),
      })
    }
    const withVendors = rows.map((row): LinkRow => {
      const { sourceMac, destinationMac } = row
      return { ...row, sourceVendor: vendorOf(sourceMac), destinationVendor: destinationMac === '' ? null : vendorOf(destinationMac) }
    })
    return { rows: joinedLinks(withVendors), unlisted: this.unlisted }
  }

  private protocolOf(status: number): number {
    const known = this.protocols.get(status)
    if (known !== undefined) return known
    const name = linkProtocolOf(describeSkip(status))
    // Several EtherTypes may have one name.
    let protocol = name === null ? -1 : this.names.indexOf(name)
    if (name !== null && protocol < 0) protocol = this.names.push(name) - 1
    this.protocols.set(status, protocol)
    return protocol
  }

  /** A row that exists, or a new one without packets; -1 if there are too many. */
  private rowOf(sourceHigh: number, sourceLow: number, destinationHigh: number, destinationLow: number, protocol: number): number {
    const mask = this.slots.length - 1
    let slot = hash(sourceHigh, sourceLow, destinationHigh, destinationLow, protocol) & mask
    for (let row = this.slots[slot] - 1; row >= 0; row = this.slots[slot] - 1) {
      if (
        this.sourceLow[row] === sourceLow &&
        this.destinationLow[row] === destinationLow &&
        this.sourceHigh[row] === sourceHigh &&
        this.destinationHigh[row] === destinationHigh &&
        this.protocol[row] === protocol
      )
        return row
      slot = (slot + 1) & mask
    }
    if (this.count >= MAX_LINK_ROWS) return -1
    if (this.count === this.packets.length) this.grow()
    const row = this.count++
    this.slots[slot] = row + 1
    this.sourceHigh[row] = sourceHigh
    this.sourceLow[row] = sourceLow
    this.destinationHigh[row] = destinationHigh
    this.destinationLow[row] = destinationLow
    this.protocol[row] = protocol
    if (this.count * 2 > this.slots.length) this.rehash()
    return row
  }

  private grow(): void {
    this.sourceHigh = doubled(this.sourceHigh)
    this.sourceLow = doubled(this.sourceLow)
    this.destinationHigh = doubled(this.destinationHigh)
    this.destinationLow = doubled(this.destinationLow)
    this.protocol = doubled(this.protocol)
    this.capture = doubled(this.capture)
    this.packets = doubled(this.packets)
    this.bytes = doubled(this.bytes)
    this.firstUs = doubled(this.firstUs)
    this.lastUs = doubled(this.lastUs)
    this.frame = doubled(this.frame)
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    const mask = this.slots.length - 1
    for (let row = 0; row < this.count; row++) {
      let slot =
        hash(this.sourceHigh[row], this.sourceLow[row], this.destinationHigh[row], this.destinationLow[row], this.protocol[row]) & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = row + 1
    }
  }
}

function hash(sourceHigh: number, sourceLow: number, destinationHigh: number, destinationLow: number, protocol: number): number {
  let h = mix(sourceLow ^ HASH_SEED)
  h = mix(h ^ destinationLow)
  h = mix(h ^ ((sourceHigh << 16) | (destinationHigh & 0xffff)))
  return mix(h ^ protocol)
}

function macText(high: number, low: number): string {
  if (high === NO_ADDRESS) return ''
  const digits = high.toString(16).padStart(4, '0') + (low >>> 0).toString(16).padStart(8, '0')
  return digits.replace(/..(?=.)/g, '$&:')
}

/** In order, those of the same addresses and protocol as one. */
export function joinedLinks(rows: Iterable<LinkRow>): LinkRow[] {
  const byKey = new Map<string, LinkRow>()
  for (const row of rows) {
    const key = JSON.stringify([row.sourceMac, row.destinationMac, row.protocol])
    const known = byKey.get(key)
    byKey.set(key, known === undefined ? row : joined(known, row))
  }
  return [...byKey.values()].sort(compareLinkRows)
}

/** Captures are numbered by time, so of two first packets at the same time the one of the earlier capture counts. */
function joined(a: LinkRow, b: LinkRow): LinkRow {
  const first = (a.firstUs - b.firstUs || a.capture - b.capture || a.frame - b.frame) <= 0 ? a : b
  return {
    ...first,
    sourceVendor: laterText(a.sourceVendor, b.sourceVendor),
    destinationVendor: laterText(a.destinationVendor, b.destinationVendor),
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    lastUs: Math.max(a.lastUs, b.lastUs),
    sourceAddresses: joinedAddresses(a.sourceAddresses, b.sourceAddresses),
  }
}

/** The lowest of both. What is no IPv4 address is left out. */
export function joinedAddresses(...texts: (string | null)[]): string | null {
  const addresses = texts.flatMap((text) => (text ?? '').split(', ')).map(parseAddress)
  return addressesText(lowestAddresses(addresses.flatMap((bytes) => (bytes?.length === 4 ? [be32(bytes, 0)] : []))))
}

/** Versions may know different vendors: any rule will do that does not depend on the order. */
function laterText(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b
}

/** A total order: no two rows have the same addresses and protocol. */
function compareLinkRows(a: LinkRow, b: LinkRow): number {
  return compare(a.sourceMac, b.sourceMac) || compare(a.destinationMac, b.destinationMac) || compare(a.protocol, b.protocol)
}
