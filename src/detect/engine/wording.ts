// Parts of titles. Names and addresses come from the network: the code that prints a title must escape them.
import { numberFormat } from '../../number-format.ts'

const formatCount = numberFormat()

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** "22, 80 and 443"; more than that are counted: "22, 80, 443 and 17 more". */
export function list(items: readonly (string | number)[], most = 4): string {
  const shown = items.length > most ? items.slice(0, most - 1) : items
  const rest = items.length - shown.length
  const parts = [...shown.map(String), ...(rest > 0 ? [`${formatCount(rest)} more`] : [])]
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** A duration, rounded: "0.8 s", "42 s", "5 min", "3.2 h". */
export function span(us: number): string {
  const s = us / 1e6
  if (s < 1) return `${Number((us / 1000).toPrecision(2))} ms`
  if (s < 120) return `${Number(s.toPrecision(2))} s`
  if (s < 7200) return `${Number((s / 60).toPrecision(2))} min`
  return s < 172_800 ? `${Number((s / 3600).toPrecision(2))} h` : `${Number((s / 86_400).toPrecision(2))} days`
}

/** SI units, as in reports: "12.3 MB". */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = count
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${formatCount(Number(value.toPrecision(3)))} ${units[unit]}`
}
