// Rates -> the series of a stacked time chart, in the page's colours.
import type { Rates } from '../protocol/answers.ts'
import { formatHostile } from '../ui/format.ts'
import { COLOUR_COUNT, colourOf, OTHERS, type Theme } from '../ui/palette.ts'
import type { TimeSeries } from './time-data.ts'

export type Stacking = 'application' | 'direction'
export type Unit = 'bits' | 'packets'

/** One series for each colour: applications with the same colour share a series. Values are per second. */
export function stackSeries(rates: Rates, by: Stacking, unit: Unit, applications: string[], slots: number[], theme: Theme): TimeSeries[] {
  const { bins, series, binUs } = rates
  const values = unit === 'bits' ? rates.bytes : rates.packets
  const scale = (unit === 'bits' ? 8e6 : 1e6) / binUs
  const slotOf = (index: number) => (by === 'direction' ? index : (slots[index] ?? OTHERS))
  const stacked: TimeSeries[] = []
  const used = new Map<number, { names: string[]; sums: Float64Array }>()
  for (let index = 0; index < series; index++) {
    const slot = slotOf(index)
    const entry = used.get(slot) ?? { names: [], sums: new Float64Array(bins) }
    used.set(slot, entry)
    entry.names.push(by === 'direction' ? ['From clients', 'From servers'][index] : (applications[index] ?? ''))
    for (let bin = 0; bin < bins; bin++) entry.sums[bin] += values[bin * series + index] * scale
  }
  for (let slot = 0; slot < COLOUR_COUNT; slot++) {
    const entry = used.get(slot)
    if (!entry) continue
    const name = entry.names.length > 1 ? `${entry.names.length} others` : formatHostile(entry.names[0], 24)
    stacked.push({ name, colour: colourOf(theme, slot), values: entry.sums })
  }
  return stacked
}
