// Seed, capture and number -> one mutant, always the same.
import { makeStructure } from './block-structures.ts'
import { bytesOf, type CaptureModel, modelOf, packetOf } from './capture-model.ts'
import { Chance, seedOf } from './chance.ts'
import { compressInMembers, rearrangeMembers } from './members.ts'
import { MUTATIONS, spoilBytes } from './mutations.ts'

/** A capture to be spoilt. */
export interface Subject {
  /** Its path below the folder given, with slashes: part of the seed. */
  name: string
  /** As stored. */
  stored: Uint8Array
  /** Decompressed; the same as stored where nothing is compressed. */
  bytes: Uint8Array
}

export interface Mutant {
  bytes: Uint8Array
  /** What was done to it, in words. */
  story: string[]
}

const WHEEL = MUTATIONS.flatMap(([name, weight, mutate]) => Array.from({ length: weight }, () => ({ name, mutate })))
/** Attempts at a mutation that has something to do with the capture. */
const MAX_ATTEMPTS = 12
/** Taken from each capture into a file of other blocks. */
const MAX_PACKETS = 50

/** @param index number of the mutant; 0, 1, 2, ... */
export function makeMutant(subject: Subject, donors: readonly Subject[], seed: number, index: number): Mutant {
  const chance = new Chance(seedOf(seed, subject.name, index))
  const isCompressed = subject.stored !== subject.bytes
  if (isCompressed && chance.is(0.3)) return { bytes: spoilBytes(subject.stored, chance), story: ['bytes of the compressed file'] }
  if (isCompressed && chance.is(0.2)) return rearrangeMembers(subject.stored, chance)
  const donor = donorModel(chance.pick(donors))
  const [model, story] = chance.is(0.1) ? anotherStructure(subject, donor, chance) : [modelOf(subject.bytes), []]
  if (story.length > 0 && chance.is(0.3)) return { bytes: bytesOf(model), story }
  if (chance.is(0.06)) {
    const whole = compressInMembers(bytesOf(model), chance)
    if (chance.is(0.2)) return { ...whole, story: [...story, ...whole.story] }
    const spoilt = chance.is(0.5)
      ? { bytes: spoilBytes(whole.bytes, chance), story: ['bytes of the compressed file'] }
      : rearrangeMembers(whole.bytes, chance)
    return { bytes: spoilt.bytes, story: [...story, ...whole.story, ...spoilt.story] }
  }
  const wanted = story.length + (chance.is(0.6) ? 1 : 2 + chance.below(4))
  for (let attempt = 0; attempt < MAX_ATTEMPTS && story.length < wanted && model.format !== 'other'; attempt++) {
    const { name, mutate } = chance.pick(WHEEL)
    const what = mutate(model, chance, donor)
    if (what !== null) story.push(`${name}: ${what}`)
  }
  const bytes = bytesOf(model)
  if (story.length > 0 && chance.is(0.85)) return { bytes, story }
  return { bytes: spoilBytes(bytes, chance), story: [...story, 'bytes anywhere'] }
}

/** The packets of both in a file of other blocks. */
function anotherStructure(subject: Subject, donor: CaptureModel, chance: Chance): [CaptureModel, string[]] {
  const packets = [modelOf(subject.bytes), donor].flatMap(({ pieces }) => pieces.slice(0, MAX_PACKETS).map(packetOf))
  const { bytes, story } = makeStructure([...packets, new Uint8Array(0)], chance)
  return [modelOf(bytes), story]
}

const models = new WeakMap<Subject, CaptureModel>()

/** Donors are read only, so their models are kept. */
function donorModel(donor: Subject): CaptureModel {
  let model = models.get(donor)
  if (model === undefined) {
    model = modelOf(donor.bytes)
    models.set(donor, model)
  }
  return model
}
