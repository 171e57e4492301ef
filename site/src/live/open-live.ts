// A report that grows, as it is when the page opens it: the capture so far, and the changes since.
import type { LiveChange, LiveTable } from '../../../src/contract/live-message.ts'
import type { Report } from '../model/report.ts'
import type { ReportClient } from '../protocol/client.ts'
import type { LiveSource } from './source.ts'

export interface OpenedLive {
  report: Report
  /** Changes up to this one are in it. */
  sequence: number
}

export async function openLive(client: ReportClient, source: LiveSource): Promise<OpenedLive> {
  const { bytes, sequence, first } = await source.open()
  client.whole(bytes, true)
  const report = await client.opened
  const last = first.at(-1)
  if (last === undefined) return { report, sequence }
  return { report: await applyChanges(client, source, report, first, [], last.nowUs ?? 0), sequence: last.sequence }
}

/** @param report the present one */
export function applyChanges(
  client: ReportClient,
  source: LiveSource,
  report: Report,
  changes: LiveChange[],
  tables: LiveTable[],
  nowUs: number,
): Promise<Report> {
  const firstUs = report.timeline.firstUs || (changes[0]?.totals.firstUs ?? nowUs)
  return client.ask('live', { changes, tables, nowUs, momentUs: source.momentUs(nowUs - firstUs) })
}
