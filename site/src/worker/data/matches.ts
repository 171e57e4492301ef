// Which flows pass a filter: computed once for each filter text; the last few results are kept.
import type { Database } from 'sql.js'
import { matchFlows } from '../../../../src/filter/match.ts'
import { parseFilter } from '../../../../src/filter/parser.ts'
import type { FilterSource } from '../../../../src/filter/source.ts'
import { placeName } from '../../model/report.ts'
import type { TimeSpan } from '../../model/selection.ts'
import type { Scope } from '../../protocol/messages.ts'
import { communityIds } from './community-ids.ts'
import { packetColumns } from './packet-rows.ts'
import { placeChecks } from './place-checks.ts'
import { readQuestions } from './question-rows.ts'
import type { ReportRows } from './row-types.ts'
import { tcpFigures } from './tcp-rows.ts'

/** Number of filters whose results are kept, because readers return to earlier filters. */
const KEPT = 8

export class Matches {
  readonly source: FilterSource
  readonly #kept = new Map<string, Uint8Array>()

  constructor(database: Database, rows: ReportRows) {
    this.source = makeSource(database, rows)
  }

  /** One byte for each flow: 1 passes. Throws a FilterError when the text is no valid filter. */
  mask(filterText: string): Uint8Array {
    let mask = this.#kept.get(filterText)
    if (mask) this.#kept.delete(filterText)
    else mask = matchFlows(parseFilter(filterText), this.source)
    this.#kept.set(filterText, mask)
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return mask
  }

  /** The same, for flows that have packets within the span. */
  within({ filterText, span }: Scope): Uint8Array {
    const mask = this.mask(filterText)
    return span ? cutToSpan(mask, span, this.source) : mask
  }
}

function cutToSpan(mask: Uint8Array, { fromUs, toUs }: TimeSpan, { firstUs, flows }: FilterSource): Uint8Array {
  return mask.map((passes, flow) => (passes && flows.firstUs[flow] - firstUs <= toUs && flows.lastUs[flow] - firstUs >= fromUs ? 1 : 0))
}

function makeSource(database: Database, rows: ReportRows): FilterSource {
  const { flows, details, hosts, names, alerts, applications, transports } = rows
  return {
    firstUs: Number(rows.meta.first_us) || 0,
    flows: {
      ...flows,
      ...details,
      application: { texts: applications, code: flows.application },
      transport: { texts: transports, code: flows.transport },
    },
    hosts,
    places: rows.places.map((place) => ({
      label: placeName(place),
      countryCode: place.countryCode,
      country: place.country,
      isOrigin: place.precision === 'origin',
    })),
    names,
    alerts,
    dns() {
      const { flow, name } = readQuestions({ database, rows })
      return { texts: name.texts, code: name.code, flow }
    },
    frames: () => packetColumns({ database, rows }),
    communityIds: () => communityIds({ database, rows }),
    tcp: () => tcpFigures({ database, rows }),
    impossiblePlaces: () => placeChecks({ database, rows }).impossible,
  }
}
