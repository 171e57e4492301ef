// Rows of reports -> one report of all of them: the tables of an analysis are filled again, then the rules and the writer run as after a last packet.
import { Protocol } from '../decode/codes.ts'
import type { Detection, DetectionOptions } from '../detect/index.ts'
import type { Flows } from '../flows/index.ts'
import type { PacketColumns } from '../flows/packets.ts'
import { leastRttByHost } from '../health/host-rtt.ts'
import { reportName } from '../input/report-name.ts'
import type { LeafSink } from '../sqlite/btree-leaves.ts'
import type { PageStore } from '../sqlite/btree-writer.ts'
import type { FlowData } from '../store/flow-pages.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { Traffic } from '../store/traffic.ts'
import { type TrafficPages, writePackets } from '../store/traffic-pages.ts'
import { beginDatabase, type DatabaseRest } from '../store/write.ts'
import type { ReportInputs, SqlDatabase } from '../types.ts'
import type { Timeline } from './activity.ts'
import { mergeCaptures, type NamedReport } from './captures.ts'
import { keepColumns } from './cell-table.ts'
import { mergeDnsNames } from './dns-names.ts'
import { mergeFindings, rulesNotAsked } from './findings.ts'
import { FlowOrder } from './flow-order.ts'
import { restoreFlows } from './flows.ts'
import { mergeLinks } from './links.ts'
import { mergeFlowNames, mergeNames } from './names.ts'
import { hasObservations, mergeObservations } from './observations.ts'
import { mergeGeo, mergePlaces } from './places.ts'
import { MergedTcp, mergeTcp, type TcpRows } from './tcp.ts'
import { leastWidthOf, type TimelineOrder, timelineOrder } from './timeline-order.ts'

export interface MergeOptions {
  /** Null: made from the names of the captures. */
  name: string | null
  programVersion: string
  detection: DetectionOptions
  inputs: Pick<ReportInputs, 'rules' | 'blocklists' | 'baseline' | 'pages'>
  /**
   * Called first, so that the timelines can be read meanwhile.
   * @param taken indexes of the given reports that the merged one is made of: others have captures that these have, too
   * @param widthUs as of TimelineSource
   */
  onTaken?(taken: readonly number[], widthUs: number): void
  /** Called before the rules run, so that the timelines can be merged meanwhile. */
  onOrder?(data: OrderData): void
  /** Called a moment later, so that their pages can be made meanwhile, too. */
  onFlows?(data: FlowData): void
  /** Called when columns of all reports are not needed any more. */
  onReleased?(): void
}

/** Plain data, its columns shared. */
export interface OrderData {
  order: TimelineOrder
  tcp: TcpRows
}

/** What is merged of the timelines and packets of the reports. */
export interface MergedTimelines extends Pick<TrafficPages, 'conversations'> {
  timeline: Timeline & Record<'activity' | 'retransmissions', (sink: LeafSink) => void>
  packets: PacketColumns
}

export interface MergedReport {
  detection: Detection
  /** Rules whose findings are those of the reports. */
  notAsked: string[]
  /** Canonical address of a host of a finding. */
  ip(host: number): string
  /** Begins traffic.sqlite, once, as beginDatabase(). @throws DatabaseError for rows that no report has; so do the methods of what it returns */
  write(database: SqlDatabase, store: PageStore, timelines: MergedTimelines): DatabaseRest
}

/**
 * The same reports in any order, or merged in any steps, give the same bytes. Of rows, what is not needed any more is released.
 * @throws DatabaseError for reports that cannot be merged
 */
export function mergeReports(given: readonly NamedReport[], options: MergeOptions): MergedReport {
  for (const { name, rows } of given) {
    if (rows.values.flows_limit !== undefined)
      throw new DatabaseError(
        'unusable',
        `${name} counts many conversations in one row: analyse its captures again with a larger --max-memory`,
      )
    if (rows.values.mask_accounts !== undefined && given.length > 1)
      throw new DatabaseError(
        'unusable',
        `${name} has pseudonyms of accounts, which differ from report to report: analyse its captures again without --mask-accounts`,
      )
  }
  const merged = mergeCaptures(given)
  const taken = merged.reports.map((report) => given.indexOf(report))
  options.onTaken?.(taken, leastWidthOf(merged))
  const order = new FlowOrder(merged)
  const tcpRows = mergeTcp(merged, order)
  options.onOrder?.({ order: timelineOrder(merged, order), tcp: tcpRows })
  options.onReleased?.() // of what ordered them: V8 would not collect it for the rows, whose memory is shared
  const byFlow = mergeFlowNames(merged, order)
  const { flows, hosts } = restoreFlows(order)
  const lookedUp = mergeDnsNames(merged, order, hosts, flows, byFlow)
  for (const { rows } of merged.reports) keepColumns(rows.flows, [])
  order.release()
  options.onReleased?.()
  options.onFlows?.({ rows: flows.table.memory(), addresses: flows.hosts.addresses(0), names: byFlow })
  const tcp = new MergedTcp(tcpRows)
  const { names, identities } = mergeNames(merged, order, hosts, flows, byFlow, lookedUp)
  const observations = hasObservations(merged) ? mergeObservations(merged, order, hosts) : null
  const located = mergePlaces(merged, hosts, flows)
  for (const { rows } of merged.reports) {
    for (const table of ['places', 'hosts', 'names', 'software', 'identities', 'observations', 'dnsQueries'] as const)
      keepColumns(rows[table], [])
  }
  options.onReleased?.()
  const isFirstClient = new Uint8Array(flows.table.count).fill(1)
  const facts = { flows, isFirstClient, isFromDatabase: true, names, located, tcp }
  const detection = mergeFindings(facts, observations, merged, order, hosts, identities, options.detection)
  options.onReleased?.() // of the rules: the tables that SQLite writes now take as much memory
  const sum = (key: string) => merged.reports.reduce((total, { rows }) => total + Number(rows.values[key] ?? 0), 0)
  const write = (database: SqlDatabase, store: PageStore, { timeline, packets, ...made }: MergedTimelines): DatabaseRest => {
    flows.packets.restore(packets)
    const rttUs = leastRttByHost(flows, tcp, isFirstClient)
    if (made.conversations !== undefined) for (const { rows } of merged.reports) keepColumns(rows.tcp, [])
    options.onReleased?.()
    const traffic: Traffic = {
      ...{ flows, tcp, rttUs, names, located, detection, observations, isFirstClient },
      links: mergeLinks(merged),
      captures: merged.captures,
      chosenLastUs: undefined,
      subframes: sum('subframes'),
      pages: { ...timeline, ...made, packets: packetRows(packets, isFirstClient, flows) },
      geoSource: mergeGeo(merged),
      reportName: options.name ?? reportName(merged.captures.map(({ file }) => file)),
      programVersion: options.programVersion,
      inputs: { ...options.inputs, name: options.name, origin: null, maxPackets: flows.packets.count, isMerged: true },
      drops: merged.reports.some(({ rows }) => (rows.values.queue_drops ?? '') !== '' || (rows.values.kernel_drops ?? '') !== '')
        ? { kernel: sum('kernel_drops'), queue: sum('queue_drops'), isEstimate: sum('drops_estimated') > 0 }
        : undefined,
    }
    return beginDatabase(database, traffic, store)
  }
  return { detection, notAsked: rulesNotAsked(observations, options.detection), ip: (host) => flows.hosts.ip(host), write }
}

/** A function of its own: what it returns refers to nothing else of the merge. */
function packetRows(packets: PacketColumns, isFirstClient: Uint8Array, { table }: Flows): (sink: LeafSink) => void {
  const isTcp = Uint8Array.from(isFirstClient, (_, flow) => (table.protocol(flow) === Protocol.tcp ? 1 : 0))
  return (sink) => writePackets(sink, { packets, isFirstClient, isTcp })
}
