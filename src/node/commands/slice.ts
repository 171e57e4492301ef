// `rtnvis slice`: a report, selected conversations and the captures -> a pcapng or pcap file with their packets.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Sink } from '../../capture/pcapng-writer.ts'
import { CaptureError, UsageError } from '../../errors.ts'
import { formatBytes, formatPlural } from '../../report/figures.ts'
import type { SliceAnswer, SliceFacts } from '../../slice/facts.ts'
import { type Slice, slice } from '../../slice/index.ts'
import { describeDiffering, planSlice, type SliceSource, sourceOf } from '../../slice/plan.ts'
import type { Choice, Selection } from '../../slice/select.ts'
import { queryReport } from '../database/query-report.ts'
import { DATABASE_FILE } from '../database/report-database.ts'
import { openInput, reasonOf } from '../input/input.ts'
import { isFolder } from '../input/named-files.ts'
import { restoreReports } from '../output/restore-report.ts'
import { writeReason } from '../output/write-errors.ts'
import { type Found, findCaptures } from '../verify/find-captures.ts'
import { readFacts } from '../verify/recount-file.ts'
import type { Run, SliceFlags } from './options.ts'
import { say } from './terminal.ts'

export type SliceOptions = SliceFlags & Run

const STDOUT = '-'

/** @throws CaptureError, UsageError; in this case there is no output file */
export async function runSlice(path: string, options: SliceOptions): Promise<void> {
  await restoreReports(path)
  const file = (await isFolder(path)) ? join(path, DATABASE_FILE) : path
  const format = options.format ?? (/\.pcap$/i.test(options.out) ? 'pcap' : 'pcapng')
  if (format === 'pcap' && options.keepSecrets) throw new UsageError('--keep-secrets: a pcap file has no secrets: write a pcapng file')
  const choice: Choice = { ...options, alerts: options.alert, flows: options.flow }
  const facts = await querySelection(file, choice)
  const { selection } = facts
  for (const note of selection.notes) say(note)
  const source = sourceOf(facts, path)
  const paths = await capturePaths(source, dirname(resolve(file)), options)
  const { programVersion, keepSecrets: keepsSecrets } = options
  const { wanted, copied } = planSlice(
    source,
    choice,
    paths.map((path) => basename(path)),
    { format, keepsSecrets, programVersion },
  )
  const open = () => openCaptures(paths, options.interrupt)
  const isInterrupted = () => options.interrupt.aborted
  const made = await writeFile(options.out, options.force, async (sink) => {
    const result = await slice({ open, sink, isInterrupted }, wanted, copied)
    if (isInterrupted()) return null
    if (result.differing > 0 && !options.force)
      throw new CaptureError(`${describeDiffering(result.differing, selection.flows)} (--force writes the packets anyway)`)
    return result
  })
  if (made === null) say('interrupted: nothing was written')
  else if (!options.quiet) printSlice(made, selection, options.out)
}

/** @throws UsageError for a wrong choice; CaptureError naming the file if it cannot be read */
async function querySelection(file: string, { filter, alerts, flows, from, to }: Choice): Promise<SliceFacts> {
  const answer = await queryReport<SliceAnswer>(file, 'slice', { filter, alerts, flows, from, to }).catch((error) => {
    throw new CaptureError(`${file}: ${reasonOf(error)}`)
  })
  if ('usage' in answer) throw new UsageError(answer.usage)
  return answer
}

/** Paths in the report's order. @throws CaptureError for a capture that is missing or different */
async function capturePaths({ captures, isLive }: SliceSource, folder: string, options: SliceOptions): Promise<string[]> {
  const given: Found[] = []
  for (const path of options.capture ?? []) given.push({ path, facts: await readFacts(path) })
  if (isLive) {
    if (given.length === 0)
      throw new CaptureError('the packets of a live capture are only kept by rtnvis live -w: give its raw files with --capture, in order')
    return given.map(({ path }) => path)
  }
  const { found, namesakes } = await findCaptures(captures, given, folder)
  return captures.map(({ file, sha256 }, i) => {
    const here = found[i]
    if (here === null) {
      const other = namesakes[i] === '' ? '' : ` (${namesakes[i]} is another file of that name)`
      throw new CaptureError(`${file} was not found in this folder, the report's or its parent${other}: give it with --capture FILE`)
    }
    if (sha256 !== null && here.facts.sha256 !== sha256 && !options.force)
      throw new CaptureError(`${here.path} is not the capture of this report: its SHA-256 differs (--force uses it anyway)`)
    return here.path
  })
}

async function openCaptures(paths: string[], interrupt: AbortSignal) {
  const sources = []
  for (const path of paths) sources.push(await openInput(path, interrupt, 'unhashed'))
  return sources
}

/** Writes to a temporary file and renames it; an error, or null from `make`, leaves no file. */
async function writeFile(out: string, isForced: boolean, make: (sink: Sink) => Promise<Slice | null>): Promise<Slice | null> {
  if (out === STDOUT) return make((bytes) => writeAll(1, bytes))
  const draft = join(dirname(out), `.${basename(out)}.rtnvis-draft-${process.pid}`)
  if (!isForced && (await stat(out).catch(() => null)) !== null)
    throw new UsageError(`${out} exists already: choose another name, or replace it with --force`)
  let fd = -1
  try {
    fd = openSync(draft, 'wx')
    const made = await make((bytes) => writeAll(fd, bytes))
    fsyncSync(fd)
    closeSync(fd)
    fd = -1
    if (made !== null) renameSync(draft, out)
    return made
  } catch (error) {
    if (error instanceof CaptureError || error instanceof UsageError) throw error
    throw new CaptureError(`${out}: ${await writeReason(error, dirname(out))}`)
  } finally {
    if (fd >= 0) closeSync(fd)
    rmSync(draft, { force: true })
  }
}

/** write(2) may write only a part, and a pipe may be full. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function printSlice({ packets, bytes }: Slice, { flows }: Selection, out: string): void {
  const where = out === STDOUT ? 'standard output' : out
  say(`${formatPlural(packets, 'packet')} (${formatBytes(bytes)}) of ${formatPlural(flows, 'conversation')}: ${where}`)
}
