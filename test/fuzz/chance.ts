// Seeded choices: the same seed makes the same mutant.
import { random } from '../../fixtures/generate/random.ts'

export class Chance {
  private readonly draw: () => number

  constructor(seed: number) {
    this.draw = random(seed)
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.draw() * below)
  }

  is(probability: number): boolean {
    return this.draw() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

/** One seed from several things (FNV-1a). */
export function seedOf(...parts: (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const letter of parts.join('\n')) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193)
  return hash | 0
}
