// `rtnvis report`: a span of time in a lake -> a report, by the analysis that reads flow logs.
import type { Report } from '../../report/index.ts'
import { openLakeSource } from '../lake/lake-source.ts'
import { runAnalyze } from './analyze.ts'
import type { LakeReportFlags, Run } from './options.ts'

/** @throws CaptureError, UsageError: one line for the user */
export async function runReport({ from: lake, since, until, only, sensor, ...options }: LakeReportFlags & Run): Promise<Report> {
  const sources = openLakeSource(lake, { since, until, only, sensor }).then((source) => [source])
  sources.catch(() => {})
  const named = Promise.resolve({ files: [lake], probes: new Map(), title: null, warnings: [] })
  // A lake has no packets to choose, to keep or to compare.
  const packets = { each: false, recursive: false, digest: true, deduplicate: false, maskAccounts: false, maxPackets: 0 }
  return runAnalyze({ named, sources }, { ...options, ...packets })
}
