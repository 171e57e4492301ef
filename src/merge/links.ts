// Rows of link_traffic of several reports -> those of one. Sums, earliest and latest: nothing depends on the order of the reports.
import { linkProtocolOf } from '../decode/skip-reasons.ts'
import { joinedAddresses, joinedLinks, type LinkRow, type LinkRows } from '../flows/link-traffic.ts'
import type { MergedCaptures } from './captures.ts'
import type { Cell } from './cell-table.ts'
import { found } from './pieces.ts'
import type { ReportRows } from './report-rows.ts'

export function mergeLinks({ reports, indexes }: MergedCaptures): LinkRows {
  const rows = reports.flatMap(({ rows }, report) => rows.linkTraffic.map((cells) => linkRowOf(cells, indexes[report])))
  return { rows: joinedLinks(rows), unlisted: reports.reduce((sum, { rows }) => sum + unlistedOf(rows), 0) }
}

function linkRowOf(cells: Cell[], captures: Int32Array): LinkRow {
  const [sourceMac, destinationMac, protocol, sourceVendor, destinationVendor, ...numbers] = cells as [
    string,
    string,
    string,
    string | null,
    string | null,
    ...number[],
  ]
  const [packets, bytes, firstUs, lastUs, frame, capture] = numbers
  const sourceAddresses = addressesOf(cells.at(-1))
  const place = { frame, capture: found(captures, capture, 'capture') }
  return {
    sourceMac,
    destinationMac,
    protocol,
    sourceVendor,
    destinationVendor,
    packets,
    bytes,
    firstUs,
    lastUs,
    ...place,
    sourceAddresses,
  }
}

/** As this version writes them; a report may be of another program. */
function addressesOf(cell: Cell | undefined): string | null {
  return typeof cell === 'string' ? joinedAddresses(cell, null) : null
}

/** Reports of earlier versions have no rows: all their packets without IP are unlisted. */
function unlistedOf({ values, captures }: ReportRows): number {
  if (values.link_packets_unlisted !== undefined) return Number(values.link_packets_unlisted)
  let packets = 0
  for (const { skipped } of captures) for (const row of skipped) if (linkProtocolOf(row.reason) !== null) packets += row.packets
  return packets
}
