// What the page says of a report as a whole: before its database is open, from the manifest.
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import type { Report } from '../model/report.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDate, formatDuration, formatHostile, setPeriod } from '../ui/format.ts'

/** Shows names and totals; returns the time from the first packet to the last, null without packets. */
export function showSummary({ summary, hasReportPage }: SiteManifest): { firstUs: number; durationUs: number } | null {
  const name = formatHostile(summary.name, 80)
  document.title = `${name} · rtnvis`
  byId('report-name').textContent = name
  for (const id of ['report-link', 'notice-link']) byId(id).hidden = !hasReportPage
  byId('total-bytes').textContent = formatBytes(summary.bytes)
  byId('total-packets').textContent = formatCount(summary.packets)
  byId('total-flows').textContent = formatCount(summary.flows)
  byId('total-hosts').textContent = formatCount(summary.hosts)
  if (summary.firstUs === null || summary.lastUs === null) return null
  const span = { firstUs: summary.firstUs, durationUs: summary.lastUs - summary.firstUs }
  showSpan(span.firstUs, formatDuration(span.durationUs), summary.bytes)
  return span
}

function showSpan(firstUs: number, duration: string, bytes: number): void {
  byId('report-span').textContent = `${formatDate(firstUs)} · ${duration} · ${formatBytes(bytes)}`
}

/** After a clock jump packets are before or after the timeline. */
export function tellPeriod({ meta, timeline: { firstUs, durationUs } }: Report): void {
  const [fromUs, toUs] = [Number(meta.outer_first_us ?? firstUs), Number(meta.outer_last_us ?? firstUs + durationUs)]
  setPeriod(fromUs, toUs)
  const duration = formatDuration(durationUs)
  const isPart = fromUs < firstUs || toUs > firstUs + durationUs
  if (Number(meta.packets) > 0) showSpan(firstUs, isPart ? `${duration} of ${formatDuration(toUs - fromUs)}` : duration, Number(meta.bytes))
}

export function announceReport({ meta, timeline: { durationUs } }: Report): void {
  announce(`Report open: ${formatCounted(Number(meta.packets), 'packet')} in ${formatDuration(durationUs)}`)
}
