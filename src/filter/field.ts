// What a field of the filter language declares, and what it is handed to say it with. A field that leaves a case out does not compile.
import type { Dialect } from './dialects.ts'
import type { FilterSource, Mask, TextColumn } from './source.ts'
import type { Value, ValueKind } from './values.ts'

export interface Field<V extends Value = Value> {
  /** What its values must look like. */
  readonly kind: ValueKind
  /** One line for completion, help and manual. */
  readonly about: string
  readonly example: string
  /** Other spellings. */
  readonly aliases?: readonly string[]
  /** Its only values; any where this is left out. */
  readonly words?: readonly string[]
  /** Sets the flows that match in `mask`; leaves the others as they are. */
  match(mask: Mask, value: V, source: FilterSource): void
  /** The same as a condition on f (flows), c and s (its hosts). */
  sql(value: V, context: SqlContext): string
  /** The same of packets; null where packets do not tell it. */
  packets(value: V, writer: PacketWriter): PacketCondition | null
  /** Offers values for completion. */
  complete(offers: Offers): void
}

/** What SQL alone cannot say: addresses are texts there, so ranges across octets become lists. */
export interface SqlContext {
  /** The capture's first packet: relative times count from it. */
  firstUs: number
  /** Addresses of the report from `first` to `last` (keys, see address.ts). */
  addressesWithin(first: string, last: string): string[]
}

/** `isExact`: says the same of every packet, so that its negation can be said too. */
export interface PacketCondition {
  text: string
  isExact: boolean
}

/** A null text stays null: the dialect cannot say it. */
export interface PacketWriter {
  readonly source: FilterSource
  readonly dialect: Dialect
  exact(text: string | null): PacketCondition | null
  /** A text that takes more packets, or other ones, than the filter; `note` says which. */
  wider(text: string | null, note: string): PacketCondition | null
  /** The addresses of the hosts that are set, if they are few. */
  hosts(mask: Uint8Array): string | null
}

export interface Offer {
  text: string
  /** Shown in place of the text. */
  label?: string
  about?: string
}

export type Side = 'client' | 'server'

/** Each counts the flows its values stand for. */
export interface Offers {
  readonly source: FilterSource
  /** Values of a column of flows. */
  texts(column: TextColumn): void
  numbers(column: ArrayLike<number>): void
  /** What one of the flow's ends goes by (one end only with `side`), or what `ofFlow` says of the flow itself. */
  ends(ofHost: (host: number) => readonly Offer[], side?: Side, ofFlow?: TextColumn): void
  /** Names asked for in DNS. */
  questions(): void
  /** Words with a meaning of their own: those that some flow matches. */
  words(words: readonly string[]): void
}

/** The names of each host that has some, as offers. */
export function namesByHost({ names }: FilterSource): Offer[][] {
  const byHost: Offer[][] = []
  names.texts.forEach((text, index) => {
    const host = names.host[index]
    byHost[host] ??= []
    byHost[host].push({ text })
  })
  return byHost
}

/** `packets` of fields that only whole flows have. */
export const notInPackets = (): null => null

/** `complete` of fields whose values are numbers to be typed. */
export const offersNothing = (): void => {}
