// The declaration of a filter field, and the interfaces it uses. A field without one of the functions does not compile.
import type { Dialect } from './dialects.ts'
import type { FilterSource, Mask, TextColumn } from './source.ts'
import type { Value, ValueKind } from './values.ts'

export interface Field<V extends Value = Value> {
  /** Kind of its values. */
  readonly kind: ValueKind
  /** One line for completion, help and manual. */
  readonly about: string
  readonly example: string
  /** Other spellings. */
  readonly aliases?: readonly string[]
  /** The only allowed values; without this, any value of the kind is allowed. */
  readonly words?: readonly string[]
  /** Sets `mask` for the flows that match; does not clear other flows. */
  match(mask: Mask, value: V, source: FilterSource): void
  /** The same as a condition on f (flows), c and s (its hosts). */
  sql(value: V, context: SqlContext): string
  /** The same for packets; null when packets do not contain this information. */
  packets(value: V, writer: PacketWriter): PacketCondition | null
  /** Adds suggestions for completion. */
  complete(offers: Offers): void
}

/** What SQL alone cannot express: addresses are texts in the database, so some ranges become lists. */
export interface SqlContext {
  /** Time of the capture's first packet; relative times start there. */
  firstUs: number
  /** Addresses of the report from `first` to `last` (keys, see address.ts). */
  addressesWithin(first: string, last: string): string[]
}

/** `isExact`: it matches exactly the packets of the flows, so that it can be negated. */
export interface PacketCondition {
  text: string
  isExact: boolean
}

/** A null text stays null, because the dialect cannot express it. */
export interface PacketWriter {
  readonly source: FilterSource
  readonly dialect: Dialect
  exact(text: string | null): PacketCondition | null
  /** A text that matches more packets than the filter, or different ones; `note` says which. */
  wider(text: string | null, note: string): PacketCondition | null
  /** The addresses of the hosts that are set; null when there are too many. */
  hosts(mask: Uint8Array): string | null
}

export interface Offer {
  text: string
  /** Shown instead of the text. */
  label?: string
  about?: string
}

export type Side = 'client' | 'server'

/** Collects suggestions, each with the number of flows that have the value. */
export interface Offers {
  readonly source: FilterSource
  /** Values of a column of flows. */
  texts(column: TextColumn): void
  numbers(column: ArrayLike<number>): void
  /** Texts of a flow's hosts (only of one host with `side`), and texts of the flow itself from `ofFlow`. */
  ends(ofHost: (host: number) => readonly Offer[], side?: Side, ofFlow?: TextColumn): void
  /** Names asked for in DNS. */
  questions(): void
  /** Keywords; only those that match some flow are kept. */
  words(words: readonly string[]): void
}

/** The names of each host, as suggestions. */
export function namesByHost({ names }: FilterSource): Offer[][] {
  const byHost: Offer[][] = []
  names.texts.forEach((text, index) => {
    const host = names.host[index]
    byHost[host] ??= []
    byHost[host].push({ text })
  })
  return byHost
}

/** `packets` of fields that describe whole flows and not packets. */
export const notInPackets = (): null => null

/** `complete` of fields whose values are typed numbers. */
export const offersNothing = (): void => {}
