// Rows of reports -> one report of all of them: the tables of an analysis are filled again, then the rules and the writer run as after a last packet.
import type { Detection, DetectionOptions } from '../detect/index.ts'
import { reportName } from '../input/report-name.ts'
import type { PageStore } from '../sqlite/btree-writer.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { Traffic } from '../store/traffic.ts'
import { writePackets } from '../store/traffic-pages.ts'
import { writeDatabase } from '../store/write.ts'
import type { ReportInputs, SqlDatabase } from '../types.ts'
import { mergeActivity } from './activity.ts'
import { mergeCaptures, type NamedReport } from './captures.ts'
import { keepColumns } from './cell-table.ts'
import { mergeFindings } from './findings.ts'
import { FlowOrder } from './flow-order.ts'
import { restoreFlows, restorePackets } from './flows.ts'
import { mergeLinks } from './links.ts'
import { mergeNames } from './names.ts'
import { mergeGeo, mergePlaces } from './places.ts'
import { FLOW, type TimelineRows } from './report-rows.ts'
import { MergedTcp } from './tcp.ts'

export interface MergeOptions {
  /** Null: made from the names of the captures. */
  name: string | null
  programVersion: string
  detection: DetectionOptions
  inputs: Pick<ReportInputs, 'rules' | 'blocklists' | 'baseline' | 'pages'>
}

export interface MergedReport {
  detection: Detection
  /** Canonical address of a host of a finding. */
  ip(host: number): string
  /** Indexes of the given reports that it is made of: others have captures that these have, too. */
  taken: readonly number[]
  /**
   * Writes traffic.sqlite, once.
   * @param timelines of the reports of `taken`, in their order; what is not needed any more is released
   * @throws DatabaseError for rows that no report has
   */
  write(database: SqlDatabase, store: PageStore, timelines: readonly TimelineRows[]): void
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
  const order = new FlowOrder(merged)
  const { flows, hosts } = restoreFlows(order)
  const tcp = new MergedTcp(merged, order)
  const { names, identities } = mergeNames(merged, order, hosts, flows)
  for (const { rows } of merged.reports) keepColumns(rows.flows, [FLOW.first_us, FLOW.last_us])
  const located = mergePlaces(merged, flows)
  for (const { rows } of merged.reports) {
    for (const table of ['places', 'hosts', 'names'] as const) keepColumns(rows[table], [])
    for (const table of ['software', 'identities', 'dnsQueries'] as const) rows[table] = []
  }
  const isFirstClient = new Uint8Array(flows.table.count).fill(1)
  const detection = mergeFindings({ flows, isFirstClient, names, located, tcp }, merged, order, hosts, identities, options.detection)
  const sum = (key: string) => merged.reports.reduce((total, { rows }) => total + Number(rows.values[key] ?? 0), 0)
  const write = (database: SqlDatabase, store: PageStore, timelines: readonly TimelineRows[]): void => {
    restorePackets(flows, merged, timelines, order)
    for (const { packets } of timelines) keepColumns(packets, [])
    const isTcp = Uint8Array.from({ length: flows.table.count }, (_, flow) => (flows.table.protocol(flow) === 6 ? 1 : 0))
    const traffic: Traffic = {
      ...{ flows, tcp, names, located, detection, isFirstClient },
      links: mergeLinks(merged),
      captures: merged.captures,
      chosenLastUs: undefined,
      subframes: sum('subframes'),
      pages: {
        ...mergeActivity(merged, timelines, order),
        packets: (sink) => writePackets(sink, { packets: flows.packets.columns(), isFirstClient, isTcp }),
      },
      geoSource: mergeGeo(merged),
      reportName: options.name ?? reportName(merged.captures.map(({ file }) => file)),
      programVersion: options.programVersion,
      inputs: { ...options.inputs, name: options.name, origin: null, maxPackets: flows.packets.count, isMerged: true },
      drops: merged.reports.some(({ rows }) => (rows.values.queue_drops ?? '') !== '' || (rows.values.kernel_drops ?? '') !== '')
        ? { kernel: sum('kernel_drops'), queue: sum('queue_drops'), isEstimate: sum('drops_estimated') > 0 }
        : undefined,
    }
    writeDatabase(database, traffic, store)
    for (const { rows } of merged.reports) for (const table of [rows.flows, rows.tcp]) keepColumns(table, [])
    for (const { activity, retransmissions } of timelines) for (const table of [activity, retransmissions]) keepColumns(table, [])
  }
  return { detection, ip: (host) => flows.hosts.ip(host), taken: merged.reports.map((report) => given.indexOf(report)), write }
}
