// What an export format is: files, and how a report becomes their records. One format a file; index.ts lists them.
import type { ReportRows } from './report-rows.ts'

export interface ExportFile {
  readonly name: string
  /** Before the first record. */
  head?(report: ReportRows): string
  /** Between two records; records of most formats end with a line break of their own. */
  readonly between?: string
  /** After the last record. */
  readonly tail?: string
}

/** @param file index of the file in `files` */
export type AddRecord = (file: number, text: string) => void

export interface ExportFormat {
  readonly files: readonly ExportFile[]
  /** Adds the records of one report. Of several reports, each is added to the same files, in the order given. */
  write(report: ReportRows, add: AddRecord): void
}

/** One JSON object a line; null and undefined values are left out. */
export function jsonLine(record: unknown): string {
  return `${JSON.stringify(record, (_, value: unknown) => (value === null ? undefined : value))}\n`
}
