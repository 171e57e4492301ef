// `rtnvis report`: a span of time in a lake or a database -> a report, by the analysis that reads flow logs.
import type { Report } from '../../report/index.ts'
import { readLake } from '../lake/lake-feed.ts'
import { runAnalyze } from './analyze.ts'
import type { LakeReportFlags, Run } from './options.ts'
import { say } from './terminal.ts'

export interface ReportOptions extends Run {
  /** Called when all rows were read. */
  onRead(): void
}

/** @returns null if it was interrupted while rows were read @throws CaptureError, UsageError: one line for the user */
export async function runReport({
  from: lake,
  since,
  until,
  only,
  sensor,
  interrupt,
  onRead,
  ...options
}: LakeReportFlags & ReportOptions): Promise<Report | null> {
  const sources = readLake(lake, { since, until, only, sensor }, interrupt, onRead).then((source) => [source])
  sources.catch(() => {})
  const named = Promise.resolve({ files: [lake], probes: new Map(), title: null, warnings: [] })
  // A lake has no packets to choose, to keep or to compare, and a part of its answer is no answer: an interruption ends all.
  const packets = { each: false, recursive: false, digest: true, deduplicate: false, maskAccounts: false, maxPackets: 0 }
  try {
    return await runAnalyze({ named, sources }, { ...options, ...packets, interrupt: new AbortController().signal })
  } catch (error) {
    if (!interrupt.aborted) throw error
    say('interrupted: nothing was written')
    return null
  }
}
