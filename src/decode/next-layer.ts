// A header's number of what it carries -> layer, by a table of that header's numbers.
import type { PacketView } from './packet.ts'
import { skip } from './status.ts'

/** Sets the layer that `layers` has for a number; `at` is the layer's offset. @param reason if the table lacks the number, which is its detail */
export function followTable(layers: ReadonlyMap<number, number>, type: number, at: number, reason: number, out: PacketView): number {
  const layer = layers.get(type)
  if (layer === undefined) return skip(reason, type & 0xffff)
  out.next = layer
  return at
}
