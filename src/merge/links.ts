// Rows of link_traffic of several reports -> those of one. Sums, earliest and latest: nothing depends on the order of the reports.
import { compareLinkRows, type LinkRow, type LinkRows, linkProtocolOf } from '../flows/link-traffic.ts'
import type { MergedCaptures } from './captures.ts'
import type { Cell } from './cell-table.ts'
import { found } from './flow-order.ts'
import type { ReportRows } from './report-rows.ts'

export function mergeLinks({ reports, indexes }: MergedCaptures): LinkRows {
  const byKey = new Map<string, LinkRow>()
  let unlisted = 0
  for (const [report, { rows }] of reports.entries()) {
    unlisted += unlistedOf(rows)
    for (const cells of rows.linkTraffic) {
      const row = linkRowOf(cells, indexes[report])
      const key = JSON.stringify([row.sourceMac, row.destinationMac, row.protocol])
      const known = byKey.get(key)
      byKey.set(key, known === undefined ? row : joined(known, row))
    }
  }
  return { rows: [...byKey.values()].sort(compareLinkRows), unlisted }
}

function linkRowOf(cells: Cell[], captures: Map<number, number>): LinkRow {
  const [sourceMac, destinationMac, protocol, sourceVendor, destinationVendor, packets, bytes, firstUs, lastUs, frame, capture] = cells as [
    string,
    string,
    string,
    string | null,
    string | null,
    ...number[],
  ]
  const place = { frame, capture: found(captures, capture, 'capture') }
  return { sourceMac, destinationMac, protocol, sourceVendor, destinationVendor, packets, bytes, firstUs, lastUs, ...place }
}

/** Captures are numbered by time, so of two first packets at the same time the one of the earlier capture counts. */
function joined(a: LinkRow, b: LinkRow): LinkRow {
  const first = (a.firstUs - b.firstUs || a.capture - b.capture || a.frame - b.frame) <= 0 ? a : b
  return {
    ...first,
    sourceVendor: laterText(a.sourceVendor, b.sourceVendor),
    destinationVendor: laterText(a.destinationVendor, b.destinationVendor),
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    lastUs: Math.max(a.lastUs, b.lastUs),
  }
}

/** Versions may know different vendors: any rule will do that does not depend on the order. */
function laterText(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b
}

/** Reports of earlier versions have no rows: all their packets without IP are unlisted. */
function unlistedOf({ values, captures }: ReportRows): number {
  if (values.link_packets_unlisted !== undefined) return Number(values.link_packets_unlisted)
  let packets = 0
  for (const { skipped } of captures) for (const row of skipped) if (linkProtocolOf(row.reason) !== null) packets += row.packets
  return packets
}
