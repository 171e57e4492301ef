// Mutations of a whole capture: its pieces, the numbers that hold them together, and the packets in them.
import { type CaptureModel, type Piece, packetOf, SECTION_BLOCK, viewOf, withPacket } from './capture-model.ts'
import type { Chance } from './chance.ts'
import { extreme, PACKET_MUTATIONS, spoilPacket } from './packet-mutations.ts'

/** Changes the model in place, always by new pieces; null when it has nothing to do with this capture. */
export type Mutation = (model: CaptureModel, chance: Chance, donor: CaptureModel) => string | null

/** Most copies a mutant gets of one piece: enough to grow tables, not to slow the others down. */
const MAX_COPIES = 300
/** A mutant stays within this of the capture it came from. */
const MAX_GROWN_BYTES = 2 << 20
/** LINKTYPE_ numbers in use are below. */
const LINK_TYPES = 302

const packets: Mutation = (model, chance) => {
  const carriers = model.pieces.flatMap(({ packetAt }, index) => (packetAt < 0 ? [] : [index]))
  if (carriers.length === 0) return null
  const done: string[] = []
  const rounds = 1 + chance.below(chance.is(0.7) ? 4 : 40)
  for (let round = 0; round < rounds; round++) {
    const index = chance.pick(carriers)
    const piece = model.pieces[index]
    const name = chance.pick(Object.keys(PACKET_MUTATIONS))
    const packet = spoilPacket(name, packetOf(piece), chance)
    if (packet === null) continue
    model.pieces[index] = withPacket(piece, packet)
    done.push(`${name} of piece ${index}`)
  }
  return done.length > 0 ? done.join(', ') : null
}

/** Lengths and times of pcap records, the fixed fields and both lengths of pcapng blocks, the fields of options. */
const pieceNumbers: Mutation = (model, chance) => {
  if (model.pieces.length === 0) return null
  const index = chance.below(model.pieces.length)
  const piece = copyOf(model.pieces[index])
  const { bytes, little } = piece
  const isRecord = piece.kind === 'record'
  const fixed = isRecord ? 16 : Math.min(28, bytes.length)
  const size = !isRecord && chance.is(0.4) ? 2 : 4
  const places = Math.floor((chance.is(0.2) ? bytes.length : fixed) / size)
  const at = !isRecord && chance.is(0.15) ? bytes.length - 4 : chance.below(Math.max(1, places)) * size
  if (at < 0 || at + size > bytes.length) return null
  const view = viewOf(bytes)
  const current = size === 2 ? view.getUint16(at, little) : view.getUint32(at, little)
  const value = extreme(chance, size, current, bytes.length - at)
  if (size === 2) view.setUint16(at, value, little)
  else view.setUint32(at, value, little)
  // A block that lies consistently gets further than one whose lengths disagree.
  if (!isRecord && at === 4 && chance.is(0.7)) view.setUint32(bytes.length - 4, value, little)
  model.pieces[index] = piece
  return `${size} bytes at ${at} of piece ${index} become ${value}`
}

const header: Mutation = (model, chance) => {
  if (model.format === 'pcap') {
    model.head = model.head.slice()
    const view = viewOf(model.head)
    if (chance.is(0.6)) {
      const linkType = chance.below(LINK_TYPES)
      view.setUint32(20, linkType, model.little)
      return `link type ${linkType}`
    }
    const at = chance.below(6) * 4
    view.setUint32(
      at,
      chance.is(0.4) ? chance.pick([0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0xd4c3b2a1]) : extreme(chance, 4, 0, 0),
      model.little,
    )
    return `4 bytes at ${at} of the file header`
  }
  const index = model.pieces.findIndex(({ bytes, little }) => bytes.length >= 20 && viewOf(bytes).getUint32(0, little) === 1)
  if (index < 0) return null
  const piece = copyOf(model.pieces[index])
  const view = viewOf(piece.bytes)
  const linkType = chance.below(LINK_TYPES)
  view.setUint16(8, linkType, piece.little)
  // if_tsresol, or if_tsoffset, in place of the options.
  if (piece.bytes.length >= 28 && chance.is(0.5)) {
    view.setUint16(16, chance.pick([9, 14]), piece.little)
    view.setUint16(18, chance.pick([1, 8]), piece.little)
    view.setUint8(20, chance.pick([0, 3, 6, 9, 12, 0x7f, 0x80, 0x86, 0xff]))
  }
  model.pieces[index] = piece
  return `link type ${linkType} of block ${index}`
}

const truncate: Mutation = (model, chance) => {
  if (model.pieces.length === 0) return null
  const index = chance.below(model.pieces.length)
  const { bytes } = model.pieces[index]
  model.tail = bytes.subarray(0, chance.below(bytes.length))
  model.pieces.length = index
  return `cut off in piece ${index}`
}

const repeat: Mutation = (model, chance) => {
  if (model.pieces.length === 0) return null
  const from = chance.below(model.pieces.length)
  const run = model.pieces.slice(from, from + 1 + chance.below(4))
  const bytes = run.reduce((sum, piece) => sum + piece.bytes.length, 0)
  const copies = Math.min(1 + chance.below(chance.is(0.8) ? 4 : MAX_COPIES), Math.floor(MAX_GROWN_BYTES / bytes))
  const to = chance.is(0.5) ? from : chance.below(model.pieces.length + 1)
  for (let copy = 0; copy < copies; copy++) model.pieces.splice(to, 0, ...run)
  return `${copies} copies of ${run.length} pieces from ${from} at ${to}`
}

/** One packet many times, each with other bytes in it: new addresses, ports, fragments, questions. */
const flood: Mutation = (model, chance) => {
  const index = chance.below(Math.max(1, model.pieces.length))
  const piece = model.pieces[index]
  if (piece === undefined || piece.packetAt < 0 || piece.packetEnd === piece.packetAt) return null
  const copies = Math.min(20 + chance.below(MAX_COPIES), Math.floor(MAX_GROWN_BYTES / piece.bytes.length))
  const length = piece.packetEnd - piece.packetAt
  const at = piece.packetAt + chance.below(Math.min(length, 80))
  const made: Piece[] = []
  for (let copy = 0; copy < copies; copy++) {
    const changed = copyOf(piece)
    for (let i = 0; i < 4 && at + i < piece.packetEnd; i++) changed.bytes[at + i] = chance.below(256)
    made.push(changed)
  }
  model.pieces.splice(index, 0, ...made)
  return `${copies} variants of piece ${index} from byte ${at}`
}

const remove: Mutation = (model, chance) => {
  if (model.pieces.length === 0) return null
  const index = chance.below(model.pieces.length)
  const removed = model.pieces.splice(index, 1 + chance.below(3)).length
  return `${removed} pieces removed at ${index}`
}

const swap: Mutation = (model, chance) => {
  if (model.pieces.length < 2) return null
  const a = chance.below(model.pieces.length)
  const b = chance.below(model.pieces.length)
  const first = model.pieces[a]
  model.pieces[a] = model.pieces[b]
  model.pieces[b] = first
  return `pieces ${a} and ${b} change places`
}

/** Packets, or whole pieces, of another capture, whatever its format, byte order and link type. */
const splice: Mutation = (model, chance, donor) => {
  if (donor.pieces.length === 0) return null
  const from = chance.below(donor.pieces.length)
  const run = donor.pieces.slice(from, from + 1 + chance.below(8))
  const at = chance.below(model.pieces.length + 1)
  const frame = model.pieces.find(({ packetAt }) => packetAt >= 0)
  const adapted =
    frame === undefined || chance.is(0.2) ? run : run.map((piece) => (piece.packetAt < 0 ? piece : withPacket(frame, packetOf(piece))))
  model.pieces.splice(at, chance.below(3), ...adapted)
  return `${run.length} pieces of another capture at ${at}`
}

/** A second beginning in the middle: sections of pcapng, file headers of pcap. */
const restart: Mutation = (model, chance) => {
  const at = chance.below(model.pieces.length + 1)
  const section = model.pieces.find(({ bytes, little }) => bytes.length >= 4 && viewOf(bytes).getUint32(0, little) === SECTION_BLOCK)
  const bytes = section?.bytes ?? model.head
  model.pieces.splice(at, 0, section ?? { kind: 'block', bytes, packetAt: -1, packetEnd: -1, little: model.little })
  return `a second beginning at piece ${at}`
}

/** Without any knowledge of the format, and all there is for what is no capture. */
export function spoilBytes(bytes: Uint8Array, chance: Chance): Uint8Array {
  const spoilt = bytes.slice(0, chance.is(0.2) ? chance.below(bytes.length + 1) : bytes.length)
  if (spoilt.length === 0) return spoilt
  const reach = chance.is(0.3) ? Math.min(64, spoilt.length) : spoilt.length
  for (let count = 1 + chance.below(12); count > 0; count--) {
    const at = chance.below(reach)
    if (chance.is(0.7)) spoilt[at] ^= 1 << chance.below(8)
    else spoilt.fill(chance.is(0.5) ? 0xff : 0, at, at + chance.pick([1, 2, 4, 8]))
  }
  return spoilt
}

/** More often what reaches deepest. */
export const MUTATIONS: [name: string, weight: number, mutate: Mutation][] = [
  ['packets', 10, packets],
  ['numbers', 4, pieceNumbers],
  ['header', 3, header],
  ['splice', 3, splice],
  ['flood', 1, flood],
  ['repeat', 1, repeat],
  ['truncate', 1, truncate],
  ['remove', 1, remove],
  ['swap', 1, swap],
  ['restart', 1, restart],
]

function copyOf(piece: Piece): Piece {
  return { ...piece, bytes: piece.bytes.slice() }
}
