// The labelled set: captures of different length, loss and viewpoint, the whole catalogue spread over them, and some in which nothing happens.
import { random } from '../../fixtures/generate/random.ts'
import { type Packet, pcapHeader } from '../support/capture-files.ts'
import { background, laterBackground } from './background/index.ts'
import { APART, ATTACKS, type Attack } from './catalogue.ts'
import type { Labels } from './label.ts'
import { World } from './world.ts'

export interface LabelledCapture {
  name: string
  pcap: Uint8Array
  labels: Labels
}

interface Plan {
  name: string
  seconds: number
  loss: number
  isBehindNat: boolean
  attacks: Attack[]
}

const LOSSES = [0, 0.002, 0, 0.01, 0.03]
/** Room before the first attack and behind the last. */
const MARGIN_S = 12

/** Lengths in seconds and how many captures of each; every third one is taken outside a NAT. */
const LENGTHS: [number, number][] = [
  [900, 24],
  [2400, 14],
  [7000, 12],
]
const BENIGN: [number, number][] = [
  [900, 3],
  [3600, 3],
  [7000, 2],
]

function plans(attacks: readonly Attack[], lengths: [number, number][]): Plan[] {
  const made = lengths.flatMap(([seconds, count]) =>
    Array.from({ length: count }, (_, index): Plan => {
      const isBehindNat = index % 3 === 2
      return {
        name: `${seconds}s-${index}${isBehindNat ? '-nat' : ''}`,
        seconds,
        loss: LOSSES[index % LOSSES.length],
        isBehindNat,
        attacks: [],
      }
    }),
  )
  // Longest first: they fit into few captures; each goes where least is going on.
  for (const attack of [...attacks].sort((a, b) => b.seconds - a.seconds)) {
    const fitting = made.filter((plan) => plan.seconds >= attack.seconds + 2 * MARGIN_S && !(attack.needsLan && plan.isBehindNat))
    const calmest = fitting.sort((a, b) => load(a, attack) - load(b, attack))[0]
    if (calmest === undefined) throw new Error(`no capture is long enough for ${attack.rule} of ${attack.seconds} s`)
    calmest.attacks.push(attack)
  }
  return made
}

/** Attacks of one kind keep out of each other's way. */
const load = (plan: Plan, attack: Attack): number =>
  plan.attacks.length + 3 * plan.attacks.filter(({ rule }) => kindOf(rule) === kindOf(attack.rule)).length

/** Two programs behind one address that ask for missing names are one host to who looks from outside. */
const kindOf = (rule: string): string => (rule === 'nxdomain-burst' ? 'generated-names' : rule)

function make(plan: Plan, seed: number, share: number): LabelledCapture {
  const world = new World({ seed, seconds: plan.seconds, loss: plan.loss, isBehindNat: plan.isBehindNat })
  background(world, share)
  for (const attack of plan.attacks) {
    const latest = Math.max(MARGIN_S, plan.seconds - attack.seconds - MARGIN_S)
    attack.run(world, world.between(MARGIN_S, latest))
  }
  laterBackground(world, share)
  return { name: plan.name, pcap: written(world.sorted()), labels: world.known() }
}

/** The packets as a classic pcap file, written in place: millions of them pass here. */
export function written(packets: Packet[]): Uint8Array {
  const header = pcapHeader()
  const file = new Uint8Array(packets.reduce((sum, packet) => sum + 16 + packet.bytes.length, header.length))
  const view = new DataView(file.buffer)
  file.set(header)
  let at = header.length
  for (const { atUs, bytes, wireBytes = bytes.length } of packets) {
    view.setUint32(at, Math.floor(atUs / 1_000_000), true)
    view.setUint32(at + 4, atUs % 1_000_000, true)
    view.setUint32(at + 8, bytes.length, true)
    view.setUint32(at + 12, wireBytes, true)
    file.set(bytes, at + 16)
    at += 16 + bytes.length
  }
  return file
}

/** All of it, one capture at a time: the same bytes at every run of the same seed. */
export function* labelledSet(seed = 1): Generator<LabelledCapture> {
  const number = random(seed)
  const next = (): number => Math.floor(number() * 0x7fffffff)
  for (const plan of plans(ATTACKS, LENGTHS)) yield make(plan, next(), 0.35)
  for (const plan of plans([], BENIGN)) yield { ...make(plan, next(), 1), name: `benign-${plan.name}` }
  yield* setApart(seed)
}

function* setApart(seed: number): Generator<LabelledCapture> {
  for (const [i, plan] of plans(APART, [[900, 15]]).entries()) yield { ...make(plan, seed * 1000 + i, 0.35), name: `apart-${plan.name}` }
}

/** A slice for the test suite: one short capture with one attack of each rule that fits, one in which nothing happens. */
export function* labelledSlice(seed = 1): Generator<LabelledCapture> {
  const short = ATTACKS.filter(({ seconds }) => seconds < 300)
  const first = [...new Map([...short].reverse().map((attack) => [attack.rule, attack])).values()]
  for (const plan of plans(first, [[600, 1]])) yield make(plan, seed, 0.3)
  for (const plan of plans([], [[600, 1]])) yield { ...make(plan, seed + 1, 1), name: `benign-${plan.name}` }
}
