// Captures of a report and its selected conversations -> a pcapng or pcap file with their packets.
import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Sink } from '../../capture/pcapng-writer.ts'
import { CaptureError, UsageError } from '../../errors.ts'
import { formatBytes, formatPlural } from '../../report/figures.ts'
import type { CopyOptions } from '../../slice/copy.ts'
import type { ReportCaptures, SliceFacts } from '../../slice/facts.ts'
import { type Slice, slice } from '../../slice/index.ts'
import { capturesOf, describeDiffering, planSlice, type SliceSource, type SourceCaptures, sourceOf } from '../../slice/plan.ts'
import type { Choice, Selection } from '../../slice/select.ts'
import type { CaptureSource } from '../../types.ts'
import type { CaptureClaim } from '../../verify/capture.ts'
import { openInput } from '../input/input.ts'
import { filesNamed, placesNear } from '../input/named-files.ts'
import { writeReason } from '../output/write-errors.ts'
import { type Found, findCaptures } from '../verify/find-captures.ts'
import { readFacts } from '../verify/recount-file.ts'
import type { Run, SliceFlags } from './options.ts'
import { say } from './terminal.ts'

export type SliceOptions = SliceFlags & Run

const STDOUT = '-'

/** A capture of the report. */
interface CaptureFile {
  path: string
  /** By --capture. */
  isGiven: boolean
  /** Its digest was compared already, or need not be; otherwise that is done when it has been read. */
  isCompared: boolean
}

export interface OpenedCaptures {
  files: CaptureFile[]
  /** Of the first pass. */
  sources: CaptureSource[]
}

/** Finds and opens the captures; threads begin to compute their digests. @throws CaptureError */
export async function openCaptures(
  found: ReportCaptures,
  { report, folder }: { report: string; folder: string },
  options: SliceOptions,
): Promise<OpenedCaptures> {
  const files = await captureFiles(capturesOf(found, report), folder, options, options.out !== STDOUT)
  return { files, sources: await openFiles(files, options.interrupt, true) }
}

/** @throws CaptureError, UsageError; in this case there is no output file */
export async function copySelected(
  facts: SliceFacts,
  opened: Promise<OpenedCaptures>,
  { report, choice, format }: { report: string; choice: Choice } & Pick<CopyOptions, 'format'>,
  options: SliceOptions,
): Promise<void> {
  const source = sourceOf(facts, report)
  const { files, sources } = await opened
  const { programVersion, keepSecrets: keepsSecrets, interrupt, out, force } = options
  const names = files.map(({ path }) => basename(path))
  const { wanted, copied } = planSlice(source, choice, names, { format, keepsSecrets, programVersion })
  const isInterrupted = () => interrupt.aborted
  let passes = 0
  const open = async () => (passes++ === 0 ? sources : openFiles(files, interrupt, false))
  const made = await writeFile(out, force, async (begin) => {
    const result = await slice({ open, begin, canReplace: out !== STDOUT, isInterrupted }, wanted, copied)
    if (isInterrupted()) return null
    if (!force) insist(result, source, files)
    return result
  })
  if (made === null) say('interrupted: nothing was written')
  else if (!options.quiet) printSlice(made, source.selection, out)
}

/** @throws CaptureError if the packets are not those of the report */
function insist({ digests, differing }: Slice, { captures, selection }: SliceSource, files: CaptureFile[]): void {
  for (const [i, { path, isGiven, isCompared }] of files.entries()) {
    const { file, sha256 } = captures[i] ?? { sha256: null }
    if (isCompared || sha256 === null || digests[i] === sha256) continue
    throw new CaptureError(isGiven ? describeOther(path) : describeMissing(file!, path))
  }
  if (differing > 0) throw new CaptureError(`${describeDiffering(differing, selection.flows)} (--force writes the packets anyway)`)
}

/** In the report's order. @param canWait digests may be compared while packets are copied @throws CaptureError for a capture that is missing or different */
async function captureFiles(source: SourceCaptures, folder: string, options: SliceOptions, canWait: boolean): Promise<CaptureFile[]> {
  const { captures, isLive } = source
  const paths = options.capture ?? []
  if (isLive && paths.length === 0)
    throw new CaptureError('the packets of a live capture are only kept by rtnvis live -w: give its raw files with --capture, in order')
  const canTrust = !options.digest || captures.every(({ sha256 }) => sha256 === null)
  const only = isLive ? paths : canWait || canTrust ? await onlyFiles(captures, paths, folder) : null
  if (only !== null) return only.map((path) => ({ path, isGiven: paths.length > 0, isCompared: isLive || canTrust }))
  const given: Found[] = []
  for (const path of paths) given.push({ path, facts: await readFacts(path) })
  const { found, namesakes } = await findCaptures(captures, given, folder)
  return captures.map(({ file, sha256 }, i) => {
    const here = found[i]
    if (here === null) throw new CaptureError(describeMissing(file, namesakes[i]))
    if (sha256 !== null && here.facts.sha256 !== sha256 && !options.force) throw new CaptureError(describeOther(here.path))
    return { path: here.path, isGiven: false, isCompared: true }
  })
}

/** Where it is clear which file is which capture before any of them is read: else null. */
async function onlyFiles(captures: CaptureClaim[], given: string[], folder: string): Promise<string[] | null> {
  if (given.length > 0) return given.length === 1 && captures.length === 1 ? given : null
  const named = await Promise.all(captures.map(({ file }) => filesNamed(file, placesNear(folder))))
  const isClear = named.every((paths) => paths.length === 1) && new Set(named.flat()).size === captures.length
  return isClear ? named.flat() : null
}

function describeOther(path: string): string {
  return `${path} is not the capture of this report: its SHA-256 differs (--force uses it anyway)`
}

/** @param namesake another file of that name, "" for none */
function describeMissing(file: string, namesake: string): string {
  const other = namesake === '' ? '' : ` (${namesake} is another file of that name)`
  return `${file} was not found in this folder, the report's or its parent${other}: give it with --capture FILE`
}

/** @param isFirst of the passes: digests are computed where they were not compared */
async function openFiles(files: CaptureFile[], interrupt: AbortSignal, isFirst: boolean): Promise<CaptureSource[]> {
  const sources: CaptureSource[] = []
  for (const { path, isCompared } of files)
    sources.push(await openInput(path, interrupt, isFirst && !isCompared ? 'scan' : 'scan-unhashed'))
  return sources
}

/** Writes to a temporary file and renames it; an error, or null from `make`, leaves no file. */
async function writeFile(out: string, isForced: boolean, make: (begin: () => Sink) => Promise<Slice | null>): Promise<Slice | null> {
  if (out === STDOUT) return make(() => (bytes) => writeAll(1, bytes))
  const draft = join(dirname(out), `.${basename(out)}.rtnvis-draft-${process.pid}`)
  if (!isForced && (await stat(out).catch(() => null)) !== null)
    throw new UsageError(`${out} exists already: choose another name, or replace it with --force`)
  let fd = -1
  try {
    fd = openSync(draft, 'wx')
    const made = await make(() => {
      ftruncateSync(fd)
      let at = 0
      return (bytes) => {
        writeAll(fd, bytes, at)
        at += bytes.length
      }
    })
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

/** write(2) may write only a part, and a pipe may be full. @param position in the file; null for a pipe */
function writeAll(fd: number, bytes: Uint8Array, position: number | null = null): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at, position === null ? null : position + at)
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
