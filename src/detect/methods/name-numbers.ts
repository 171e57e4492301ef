// Conversations -> numbers of their server names: one look-up for each combination of names, not for each conversation.
import type { NameResults } from '../../names/index.ts'

const NOT_ASKED = -2

export class NameNumbers {
  private readonly byFlow: NameResults['byFlow']
  /** By combination of names. */
  private readonly numbers: Int32Array
  private readonly numberOfName = new Map<string, number>()

  constructor({ byFlow }: NameResults) {
    this.byFlow = byFlow
    this.numbers = new Int32Array(byFlow.distinct.length).fill(NOT_ASKED)
  }

  /** The same for all conversations with that name, from 0 in the order they are asked for; -1 without a name. */
  of(flow: number): number {
    const combination = this.byFlow.indexes[flow]
    if (this.numbers[combination] === NOT_ASKED) this.numbers[combination] = this.numberOf(this.byFlow.distinct[combination].serverName)
    return this.numbers[combination]
  }

  private numberOf(name: string | null): number {
    if (name === null) return -1
    const number = this.numberOfName.get(name) ?? this.numberOfName.size
    this.numberOfName.set(name, number)
    return number
  }

  /** Of names asked for so far. */
  get count(): number {
    return this.numberOfName.size
  }
}
