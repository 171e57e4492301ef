// Parts of titles. Names and addresses come from the network: the code that prints a title must escape them.
import { formatCount } from '../../number-format.ts'
import type { Observed } from './finding.ts'

export { formatBytes as bytes, formatPlural as plural } from '../../number-format.ts'

/** "22, 80 and 443"; more than that are counted: "22, 80, 443 and 17 more". */
export function list(items: readonly (string | number)[], most = 4): string {
  const shown = items.length > most ? items.slice(0, most - 1) : items
  const rest = items.length - shown.length
  const parts = [...shown.map(String), ...(rest > 0 ? [`${formatCount(rest)} more`] : [])]
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** The first of them as a figure of a finding. */
export function examples(items: readonly string[], most = 5): Observed {
  return { name: 'examples', value: list(items.slice(0, most), most), unit: '', threshold: null }
}

/** A duration, rounded: "0.8 s", "42 s", "5 min", "3.2 h". Packets with the same time stamp are less than its unit apart. */
export function span(us: number): string {
  if (us < 1) return 'less than 1 ms'
  const s = us / 1e6
  if (s < 0.995) return `${Number((us / 1000).toPrecision(2))} ms`
  if (s < 120) return `${Number(s.toPrecision(2))} s`
  if (s < 7200) return `${Number((s / 60).toPrecision(2))} min`
  return s < 172_800 ? `${Number((s / 3600).toPrecision(2))} h` : `${Number((s / 86_400).toPrecision(2))} days`
}
