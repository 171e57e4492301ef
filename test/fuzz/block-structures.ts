// Packets -> a pcapng file of valid blocks in any order: every kind of block, either byte order, options of every sort. The number of packets is known.
import { join } from '../support/build.ts'
import type { Chance } from './chance.ts'

export interface Structure {
  bytes: Uint8Array
  /** Packet blocks in it. */
  packets: number
  story: string[]
}

/** Fixed-endian numbers of one section. */
class Writer {
  readonly little: boolean

  constructor(little: boolean) {
    this.little = little
  }

  u16(value: number): Uint8Array {
    const bytes = new Uint8Array(2)
    new DataView(bytes.buffer).setUint16(0, value, this.little)
    return bytes
  }

  u32(value: number): Uint8Array {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, this.little)
    return bytes
  }

  block(type: number, ...body: Uint8Array[]): Uint8Array {
    const content = padded(join(...body))
    const length = this.u32(content.length + 12)
    return join(this.u32(type), length, content, length)
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return join(this.u16(code), this.u16(value.length), padded(value))
  }
}

const MAX_SECTIONS = 3
const MAX_BLOCKS = 30
const MAX_OPTIONS = 6
const LINK_TYPES = [1, 1, 1, 101, 113, 276, 228, 0, 127, 12345]
/** if_tsresol: micro- and nanoseconds, and what hardly anybody writes. */
const RESOLUTIONS = [6, 9, 9, 3, 0, 12, 0x80 + 20]
const DAY_US = 86_400_000_000

/** @param packets at least one */
export function makeStructure(packets: readonly Uint8Array[], chance: Chance): Structure {
  const made: Structure = { bytes: new Uint8Array(0), packets: 0, story: [] }
  const parts: Uint8Array[] = []
  for (let count = 1 + chance.below(MAX_SECTIONS); count > 0; count--) parts.push(section(packets, chance, made))
  made.bytes = join(...parts)
  return made
}

function section(packets: readonly Uint8Array[], chance: Chance, made: Structure): Uint8Array {
  const w = new Writer(chance.is(0.5))
  const blocks: Uint8Array[] = []
  let interfaces = 0
  const describe = (): void => {
    interfaces++
    const resolution = w.option(9, Uint8Array.of(chance.pick(RESOLUTIONS)))
    const snapBytes = w.u32(chance.pick([0, 65_535, 262_144]))
    blocks.push(
      w.block(1, w.u16(chance.pick(LINK_TYPES)), w.u16(0), snapBytes, ...(chance.is(0.6) ? [resolution] : []), options(w, chance)),
    )
  }
  for (let count = chance.pick([1, 1, 2, 4]); count > 0; count--) describe()
  for (let count = chance.below(MAX_BLOCKS); count > 0; count--) {
    if (chance.is(0.05)) describe()
    else if (chance.is(0.6)) {
      blocks.push(packetBlock(w, chance.pick(packets), interfaces, chance))
      made.packets++
    } else blocks.push(chance.pick(OTHER_BLOCKS)(w, chance, interfaces))
  }
  const body = join(...blocks)
  // The length of a section may be left open: 64 bits, all set.
  const length = chance.is(0.5)
    ? new Uint8Array(8).fill(0xff)
    : w.little
      ? join(w.u32(body.length), w.u32(0))
      : join(w.u32(0), w.u32(body.length))
  made.story.push(`a section of ${blocks.length} blocks, ${w.little ? 'little' : 'big'}-endian`)
  return join(w.block(0x0a0d0d0a, w.u32(0x1a2b3c4d), w.u16(1), w.u16(0), length, options(w, chance)), body)
}

function packetBlock(w: Writer, packet: Uint8Array, interfaces: number, chance: Chance): Uint8Array {
  const kept = chance.is(0.1) ? packet.subarray(0, chance.below(packet.length + 1)) : packet
  const units = 1_773_738_000_000_000 + chance.below(DAY_US)
  const times = join(w.u32(Math.floor(units / 2 ** 32)), w.u32(units % 2 ** 32))
  const lengths = join(w.u32(kept.length), w.u32(packet.length))
  const id = chance.below(interfaces)
  switch (chance.below(6)) {
    case 0:
      return w.block(3, w.u32(packet.length), padded(packet))
    case 1:
      return w.block(2, w.u16(id), w.u16(chance.below(3)), times, lengths, padded(kept), options(w, chance))
    default:
      return w.block(6, w.u32(id), times, lengths, padded(kept), options(w, chance))
  }
}

const noise = (chance: Chance, limit: number): Uint8Array => Uint8Array.from({ length: chance.below(limit) }, () => chance.below(256))

const OTHER_BLOCKS: ((w: Writer, chance: Chance, interfaces: number) => Uint8Array)[] = [
  // Names: IPv4, IPv6, kinds nobody knows, and the record that ends them.
  (w, chance) => {
    const name = (bytes: number) =>
      join(noise(chance, 1), new Uint8Array(bytes).fill(chance.below(256)), `host${chance.below(99)}.example`, 0)
    const records = Array.from({ length: chance.below(20) }, () =>
      chance.pick([
        [1, 4],
        [2, 16],
        [7, 3],
      ] as const),
    )
    return w.block(4, ...records.map(([type, bytes]) => w.option(type, name(bytes))), w.u32(0), options(w, chance))
  },
  // Statistics: packets received, dropped by interface and system.
  (w, chance, interfaces) => {
    const counter = (code: number) => w.option(code, join(w.u32(chance.below(9)), w.u32(chance.below(9))))
    const counters = [2, 3, 4, 5, 6, 7, 8].filter(() => chance.is(0.4)).map(counter)
    return w.block(5, w.u32(chance.below(interfaces)), w.u32(412_000), w.u32(chance.below(1e9)), ...counters, options(w, chance))
  },
  // Secrets, as TLS key logs are kept.
  (w, chance) => {
    const secrets = noise(chance, 200)
    return w.block(10, w.u32(chance.pick([0x544c534b, 0x57474b4c])), w.u32(secrets.length), padded(secrets), options(w, chance))
  },
  (w, chance) => w.block(chance.pick([0x0bad, 0x40000bad]), w.u32(chance.below(60_000)), noise(chance, 100)),
  (w, chance) => w.block(9, noise(chance, 300)),
  (w, chance) => w.block(chance.pick([0x201, 0x208, 0x7ffffff0, 0x80000001, 11]), noise(chance, 5000)),
]

/** Comments, custom options, unknown ones; with or without the one that ends them. */
function options(w: Writer, chance: Chance): Uint8Array {
  if (chance.is(0.5)) return new Uint8Array(0)
  const made = Array.from({ length: chance.below(MAX_OPTIONS) }, () => {
    const value = noise(chance, chance.is(0.02) ? 20_000 : 40)
    return chance.is(0.3)
      ? w.option(chance.pick([2988, 2989, 19_372]), join(w.u32(1), value))
      : w.option(chance.pick([1, 1, 200, 0x8001]), value)
  })
  return join(...made, ...(chance.is(0.8) ? [w.u32(0)] : []))
}

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : join(bytes, new Uint8Array(-bytes.length & 3))
}
