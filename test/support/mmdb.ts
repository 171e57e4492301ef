// Writes small MaxMind DB files (format 2.0, https://maxmind.github.io/MaxMind-DB/), so that no test needs MaxMind's data.
import { isIPv4 } from 'node:net'

export type MmdbValue = string | number | boolean | MmdbValue[] | { [key: string]: MmdbValue }

export interface MmdbOptions {
  databaseType: string
  /** Seconds since the epoch. */
  buildEpoch?: number
  majorVersion?: number
}

type Node = [Node | number | null, Node | number | null]

/** `networks` maps "1.2.3.0/24" or "2001:db8::/32" (full groups or ending in ::) to a record; IPv4 lies at ::/96. */
export function makeMmdb(
  networks: Record<string, MmdbValue>,
  { databaseType, buildEpoch = 1_700_000_000, majorVersion = 2 }: MmdbOptions,
): Buffer {
  const root: Node = [null, null]
  const nodes: Node[] = [root]
  const data: Buffer[] = []
  let dataBytes = 0
  for (const [network, record] of Object.entries(networks)) {
    const [address, bits] = network.split('/')
    const path = isIPv4(address) ? '0'.repeat(96) + binary(address.split('.').map(Number), 8) : binary(groups(address), 16)
    const length = Number(bits) + (isIPv4(address) ? 96 : 0)
    let node = root
    for (const bit of path.slice(0, length - 1)) {
      let next = node[Number(bit)]
      if (next === null) {
        next = [null, null]
        nodes.push(next)
        node[Number(bit)] = next
      }
      node = next as Node
    }
    node[Number(path[length - 1])] = dataBytes
    const encoded = encode(record)
    data.push(encoded)
    dataBytes += encoded.length
  }
  const tree = Buffer.alloc(nodes.length * 8)
  const numberOf = new Map(nodes.map((node, i) => [node, i]))
  for (const [i, node] of nodes.entries()) {
    for (const side of [0, 1] as const) {
      const value = node[side]
      const record = value === null ? nodes.length : typeof value === 'number' ? nodes.length + 16 + value : numberOf.get(value)!
      tree.writeUInt32BE(record, i * 8 + side * 4)
    }
  }
  const metadata = encode({
    binary_format_major_version: majorVersion,
    binary_format_minor_version: 0,
    build_epoch: buildEpoch,
    database_type: databaseType,
    description: { en: 'made by a test' },
    ip_version: 6,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 32,
  })
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata])
}

function binary(numbers: number[], width: number): string {
  return numbers.map((number) => number.toString(2).padStart(width, '0')).join('')
}

function groups(address: string): number[] {
  const given = address
    .replace(/::$/, '')
    .split(':')
    .map((part) => Number.parseInt(part, 16))
  return [...given, ...new Array(8 - given.length).fill(0)]
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'boolean') return control(14, value ? 1 : 0)
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    return Buffer.concat([control(7, entries.length), ...entries.flat().map(encode)])
  }
  const bytes = Buffer.alloc(8)
  if (Number.isInteger(value) && value >= 0) {
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), bytes.subarray(0, 4)])
  }
  bytes.writeDoubleBE(value)
  return Buffer.concat([control(3, 8), bytes])
}

/** Control byte: the type in three bits (0: type - 7 in the next byte), the size in five (29: plus the next byte). */
function control(type: number, size: number): Buffer {
  const bytes = [(type <= 7 ? type << 5 : 0) | Math.min(size, 29)]
  if (type > 7) bytes.push(type - 7)
  if (size >= 29) bytes.push(size - 29)
  return Buffer.from(bytes)
}
