// The ticks of `activity` -> after a clock jump, the parts of the capture between the jumps, one of which the page shows.
import type { Database } from 'sql.js'
import { type Span, Spans } from '../../../../src/flows/spans.ts'
import { isCount, isTime } from '../../model/sound.ts'
import { forEachRow } from './database.ts'

/** In order of time; [] unless a clock jumped. The main part is that of `meta`, the others are found as src/flows/spans.ts found it. */
export function readEras(database: Database, meta: Record<string, string>): Span[] {
  const [firstUs, lastUs, tickUs] = [Number(meta.first_us), Number(meta.last_us), Number(meta.tick_us)]
  const main = { fromUs: Number(meta.main_first_us), toUs: Number(meta.main_last_us) }
  if (!meta.main_first_us || !(tickUs > 0) || (main.fromUs === firstUs && main.toUs === lastUs)) return []
  const spans = new Spans()
  forEachRow(database, 'SELECT DISTINCT tick FROM activity', (row) => {
    const [tick] = row.get()
    const fromUs = firstUs + Number(tick) * tickUs
    if (!isCount(tick) || !isTime(fromUs)) return
    spans.reach(fromUs)
    spans.reach(fromUs + tickUs - 1)
  })
  const others = spans.parts([]).filter(({ fromUs, toUs }) => fromUs > main.toUs || toUs < main.fromUs)
  return [main, ...others.map(({ fromUs, toUs }) => ({ fromUs, toUs: Math.min(toUs, lastUs) }))].sort((a, b) => a.fromUs - b.fromUs)
}

/** `era` counts from 1; where there is none of this number, the main part. Null: the clock did not jump. */
export function shownEra(eras: readonly Span[], era: number, meta: Record<string, string>): number | null {
  if (eras.length === 0) return null
  return eras[era - 1] ? era - 1 : eras.findIndex(({ fromUs }) => fromUs === Number(meta.main_first_us))
}
