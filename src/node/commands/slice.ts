// `rtnvis slice`: a report and the choice of conversations -> a query to the report; the packets are copied by slice-copy.ts, which is loaded meanwhile.
import { dirname, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import type { ReportCaptures, SliceAnswer, SliceFacts } from '../../slice/facts.ts'
import type { Choice } from '../../slice/select.ts'
import { withReport } from '../database/query-report.ts'
import { preferQuickStart } from '../database/sqlite.ts'
import { reasonOf } from '../input/input.ts'
import { databaseOf } from '../input/named-files.ts'
import { restoreReports } from '../output/restore-report.ts'
import type { OpenedCaptures, SliceOptions } from './slice-copy.ts'
import { say } from './terminal.ts'

/** @throws CaptureError, UsageError; in this case there is no output file */
export async function runSlice(path: string, options: SliceOptions): Promise<void> {
  await restoreReports(path)
  const file = await databaseOf(path)
  const format = options.format ?? (/\.pcap$/i.test(options.out) ? 'pcap' : 'pcapng')
  if (format === 'pcap' && options.keepSecrets) throw new UsageError('--keep-secrets: a pcap file has no secrets: write a pcapng file')
  const choice: Choice = { ...options, alerts: options.alert, flows: options.flow }
  const { facts, opened } = await querySelection(path, file, choice, options)
  for (const note of facts.selection.notes) say(note)
  const { copySelected } = await import('./slice-copy.ts')
  await copySelected(facts, opened, { report: path, choice, format }, options)
}

/**
 * @returns `opened`: the captures, which are opened, and their digests computed, while conversations are selected
 * @throws UsageError for a wrong choice; CaptureError naming the file if it cannot be read
 */
async function querySelection(
  path: string,
  file: string,
  { filter, alerts, flows, from, to }: Choice,
  options: SliceOptions,
): Promise<{ facts: SliceFacts; opened: Promise<OpenedCaptures> }> {
  // With one query, compiling SQLite's code again, for speed, takes longer than the query.
  preferQuickStart()
  const { answer, opened } = await withReport(file, 'slice-thread', async (query) => {
    const captures = query<ReportCaptures>('captures', null)
    const answers = Promise.all([query<SliceAnswer>('slice', { filter, alerts, flows, from, to }), captures])
    answers.catch(() => {}) // reported when the program is loaded
    const { openCaptures } = await import('./slice-copy.ts')
    const opened = captures.then((found) => openCaptures(found, { report: path, folder: dirname(resolve(file)) }, options))
    opened.catch(() => {}) // reported after what is wrong with the choice
    return { answer: (await answers)[0], opened }
  }).catch((error) => {
    throw new CaptureError(`${file}: ${reasonOf(error)}`)
  })
  if ('usage' in answer) throw new UsageError(answer.usage)
  return { facts: answer, opened }
}
