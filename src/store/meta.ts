// Results and inputs of an analysis -> rows of the table meta.
import type { CaptureSummary } from '../capture/coverage.ts'
import { KEPT_VERSION } from '../detect/observe/kept.ts'
import { RowWriter } from '../sqlite/row-writer.ts'
import type { ChosenPackets, ReportInputs, SqlDatabase } from '../types.ts'
import type { MetaKey, OptionalKey } from './meta-keys.ts'
import { keepsObservations } from './observations.ts'
import type { Traffic } from './traffic.ts'

type MetaValue = string | number | null

/** Inputs that are only on or off -> their keys, with the value 1; off, there is no row. */
export const INPUT_FLAGS = {
  deduplicate: 'deduplicate',
  maskAccounts: 'mask_accounts',
  isMerged: 'merged',
} as const satisfies Partial<Record<keyof ReportInputs, OptionalKey>>

const INPUT_FLAG_KEYS = Object.entries(INPUT_FLAGS) as [keyof typeof INPUT_FLAGS, OptionalKey][]

/** The flags that are on, by the rows of meta. */
export function readInputFlags(meta: ReadonlyMap<string, string>): Pick<ReportInputs, keyof typeof INPUT_FLAGS> {
  return Object.fromEntries(INPUT_FLAG_KEYS.flatMap(([name, key]) => (meta.get(key) === '1' ? [[name, true]] : [])))
}

/** Writes the rows in the order of their keys. */
export function writeMeta(database: SqlDatabase, traffic: Traffic): void {
  const { captures, flows, located, geoSource, detection, pages, inputs } = traffic
  const sum = (pick: (capture: CaptureSummary) => number) => captures.reduce((total, capture) => total + pick(capture), 0)
  const hasTicks = pages.ticks > 0
  const lastUs =
    traffic.chosenLastUs ?? captures.reduce((last, capture) => Math.max(last, capture.lastUs ?? last), Number.NEGATIVE_INFINITY)
  const values: Record<Exclude<MetaKey, OptionalKey>, MetaValue> & Partial<Record<OptionalKey, MetaValue>> = {
    program: 'rtnvis',
    program_version: traffic.programVersion,
    report_name: traffic.reportName,
    first_us: hasTicks ? pages.firstUs : null,
    last_us: Number.isFinite(lastUs) ? lastUs : null,
    main_first_us: hasTicks ? (pages.main?.fromUs ?? pages.firstUs) : null,
    main_last_us: Number.isFinite(lastUs) ? Math.min(pages.main?.toUs ?? lastUs, lastUs) : null,
    tick_us: pages.tickUs,
    ticks: pages.ticks,
    packets: sum((c) => c.packets),
    packets_kept: flows.packets.count,
    ip_packets: sum((c) => c.ipPackets),
    bytes: sum((c) => c.bytes),
    flows: flows.table.count,
    hosts: flows.hosts.count,
    public_hosts: located.publicHosts,
    located_hosts: located.locatedHosts,
    origin_name: located.origin.name,
    origin_latitude_deg: located.origin.latitudeDeg,
    origin_longitude_deg: located.origin.longitudeDeg,
    origin_source: located.origin.source,
    ...(located.region !== null && { origin_region: JSON.stringify(located.region) }),
    geoip_database: geoSource?.database ?? null,
    geoip_build_date: geoSource?.buildDate ?? null,
    geoip_attribution: geoSource?.attribution ?? null,
    asn_database: geoSource?.asnDatabase ?? null,
    asn_build_date: geoSource?.asnBuildDate ?? null,
    kernel_drops: traffic.drops?.kernel ?? droppedOf(captures),
    queue_drops: traffic.drops?.queue ?? null,
    drops_estimated: traffic.drops === undefined ? null : Number(traffic.drops.isEstimate),
    names_left_out: traffic.names.leftOut.names,
    dns_queries_left_out: traffic.names.leftOut.dnsQueries,
    software_left_out: traffic.names.leftOut.software,
    identities_left_out: traffic.names.leftOut.identities,
    observations_left_out: detection.observations.leftOut,
    ...(keepsObservations(traffic) && { observations_kept: KEPT_VERSION }),
    link_packets_unlisted: traffic.links.unlisted,
    ...(traffic.subframes > 0 && { subframes: traffic.subframes }),
    ...(flows.aggregates.packets > 0 && {
      flows_limit: flows.aggregates.limit,
      aggregated_flows: flows.aggregates.rows,
      aggregated_packets: flows.aggregates.packets,
    }),
    rules_version: detection.rulesVersion,
    rules_off: detection.off.join(' '),
    findings_suppressed: JSON.stringify(detection.suppressed),
    report_name_option: inputs?.name ?? null,
    origin_option: inputs?.origin ?? null,
    max_packets: inputs === undefined ? null : Number.isFinite(inputs.maxPackets) ? inputs.maxPackets : 'all',
    pages: inputs?.pages ?? null,
    ...Object.fromEntries(INPUT_FLAG_KEYS.flatMap(([name, key]) => (inputs?.[name] === true ? [[key, 1]] : []))),
    ...chosenRows(inputs?.chosen),
    rules_file: inputs?.rules?.file ?? null,
    rules_sha256: inputs?.rules?.sha256 ?? null,
    baseline_file: inputs?.baseline?.file ?? null,
    baseline_sha256: inputs?.baseline?.sha256 ?? null,
    blocklists: JSON.stringify(inputs?.blocklists ?? []),
    geoip_files: JSON.stringify(geoSource?.files ?? []),
  }
  const rows = new RowWriter(database, 'meta')
  for (const key of Object.keys(values).sort() as MetaKey[]) rows.add({ key, value: String(values[key] ?? '') })
  rows.finish()
}

/** Options that leave packets out, as typed; none that was not given. */
function chosenRows(chosen: ChosenPackets = {}): Partial<Record<OptionalKey, MetaValue>> {
  const { from, to, only, captureFilter } = chosen
  return {
    ...(from !== undefined && { from_option: from }),
    ...(to !== undefined && { to_option: to }),
    ...(only !== undefined && { only_option: only }),
    ...(captureFilter !== undefined && { filter_option: captureFilter }),
  }
}

/** Packets that the capture files report as dropped; null if none has such a number. */
function droppedOf(captures: CaptureSummary[]): number | null {
  return captures.reduce<number | null>((sum, { dropped }) => (dropped == null ? sum : (sum ?? 0) + dropped), null)
}
