// Cell values -> text. Text from the network goes through formatHostile; nothing here makes markup.
import { formatCountry } from '../../../../src/geo/country-name.ts'
import type { Cell, Column } from '../../model/table-columns.ts'
import { formatBytes, formatCount, formatDuration, formatHostile, formatInstant, formatMoment } from '../../ui/format.ts'

/** Most characters in a cell; the tooltip and the detail page have the full text. */
const LONGEST = 120

export function formatCell({ kind }: Column, value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'string') return formatHostile(value, LONGEST)
  switch (kind) {
    case 'bytes':
      return formatBytes(value)
    case 'time':
      return formatMoment(value)
    case 'duration':
      return formatDuration(value)
    case 'port':
      return String(value)
    default:
      return formatCount(value)
  }
}

/** Tooltip of a cell: the full text, or "" when the cell shows it. */
export function titleOfCell({ kind }: Column, value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'string') return kind === 'country' ? formatCountry(value) : value.length > 18 ? formatHostile(value, 400) : ''
  if (kind === 'bytes') return `${formatCount(value)} bytes`
  if (kind === 'time') return formatInstant(value)
  if (kind === 'duration') return `${value / 1e6} s`
  return ''
}
