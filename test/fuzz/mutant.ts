// Seed, capture and number -> one mutant, always the same.
import { bytesOf, type CaptureModel, modelOf } from './capture-model.ts'
import { Chance, seedOf } from './chance.ts'
import { rearrangeMembers } from './members.ts'
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

/** @param index number of the mutant; 0, 1, 2, ... */
export function makeMutant(subject: Subject, donors: readonly Subject[], seed: number, index: number): Mutant {
  const chance = new Chance(seedOf(seed, subject.name, index))
  const isCompressed = subject.stored !== subject.bytes
  if (isCompressed && chance.is(0.3)) return { bytes: spoilBytes(subject.stored, chance), story: ['bytes of the compressed file'] }
  if (isCompressed && chance.is(0.2)) return rearrangeMembers(subject.stored, chance)
  const model = modelOf(subject.bytes)
  const story: string[] = []
  const wanted = chance.is(0.6) ? 1 : 2 + chance.below(4)
  const donor = donorModel(chance.pick(donors))
  for (let attempt = 0; attempt < MAX_ATTEMPTS && story.length < wanted && model.format !== 'other'; attempt++) {
    const { name, mutate } = chance.pick(WHEEL)
    const what = mutate(model, chance, donor)
    if (what !== null) story.push(`${name}: ${what}`)
  }
  const bytes = bytesOf(model)
  if (story.length > 0 && chance.is(0.85)) return { bytes, story }
  return { bytes: spoilBytes(bytes, chance), story: [...story, 'bytes anywhere'] }
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
