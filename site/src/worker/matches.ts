// Which flows pass a filter text: computed once a text, the last few kept.
import type { Database } from 'sql.js'
import { type FilterSource, matchFlows } from '../filter/match.ts'
import { parseFilter } from '../filter/parser.ts'
import type { GrowingReport } from '../live/grow.ts'
import type { DrawnSource } from '../player/build-drawn.ts'
import { buildBins } from '../player/columns.ts'
import { placeName, type Report } from '../player/report.ts'
import type { TimeSpan } from '../player/session.ts'
import type { Matching, Scope } from './messages.ts'
import { packetColumns } from './packet-sizes.ts'
import type { ReportRows } from './rows.ts'
import { readQuestions } from './tables/questions.ts'

/** Filters whose answers are kept: the one in use, and those a reader goes back to. */
const KEPT = 8

/** All that is open in the worker. */
export interface OpenReport {
  database: Database
  rows: ReportRows
  report: Report
  laneOfFlow: Int32Array
  drawnSource: DrawnSource
  matches: Matches
  /** Of a running capture, once it has grown. */
  growing?: GrowingReport
}

export class Matches {
  readonly source: FilterSource
  readonly #kept = new Map<string, Uint8Array>()

  constructor(database: Database, rows: ReportRows) {
    this.source = makeSource(database, rows)
  }

  /** One byte a flow: 1 passes. Throws a FilterError for a text that cannot be read. */
  mask(filterText: string): Uint8Array {
    let mask = this.#kept.get(filterText)
    if (mask) this.#kept.delete(filterText)
    else mask = matchFlows(parseFilter(filterText), this.source)
    this.#kept.set(filterText, mask)
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return mask
  }

  /** The same, of flows that are seen within the span. */
  within({ filterText, span }: Scope): Uint8Array {
    const mask = this.mask(filterText)
    return span ? cutToSpan(mask, span, this.source) : mask
  }
}

function cutToSpan(mask: Uint8Array, { fromUs, toUs }: TimeSpan, { firstUs, flows }: FilterSource): Uint8Array {
  return mask.map((passes, flow) => (passes && flows.firstUs[flow]! - firstUs <= toUs && flows.lastUs[flow]! - firstUs >= fromUs ? 1 : 0))
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
  }
}

export function describeMatching({ rows, report, laneOfFlow, matches }: OpenReport, filterText: string): Matching {
  const mask = matches.mask(filterText)
  const { flows, activity, hosts } = rows
  const total = { bytes: 0, packets: 0, flows: 0 }
  const lanes = new Uint8Array(report.lanes.count)
  const seen = new Uint8Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) {
    if (!mask[flow]) continue
    total.flows++
    total.bytes += flows.bytes[flow]!
    total.packets += flows.packets[flow]!
    seen[flows.clientHost[flow]!] = 1
    seen[flows.serverHost[flow]!] = 1
    if (laneOfFlow[flow]! >= 0) lanes[laneOfFlow[flow]!] = 1
  }
  const isAll = total.flows === flows.count
  const { binBytes } = isAll ? report.timeline : buildBins(flows, activity, report.applications.length, report.timeline.ticks, mask)
  return { filterText, total, hosts: seen.reduce((sum, is) => sum + is, 0), lanes: isAll ? null : lanes, binBytes }
}
