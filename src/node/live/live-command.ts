// `rtnvis live`: options -> a device -> packets -> a report that is on disk from the first second on.
import { access, constants } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import type { Report } from '../../report/index.ts'
import { formatReport } from '../../report/text.ts'
import { folderName, OUTPUT, originOf, writeIndex } from '../analyze-command.ts'
import { type DetectionFlags, openDetection } from '../detection.ts'
import { reasonOf } from '../input.ts'
import { openInBrowser } from '../open-in-browser.ts'
import { loadSqlite } from '../sqlite.ts'
import { findTools, parseVia } from './capture-tool.ts'
import { formatDuration, parseDuration } from './duration.ts'
import type { LiveFeed } from './feed.ts'
import { defaultInterface, hasInterface } from './interfaces.ts'
import { LiveReport } from './live-report.ts'
import { userToBecome } from './privileges.ts'
import type { RawOptions } from './raw-name.ts'
import { showStatus } from './screen.ts'
import { LiveSession } from './session.ts'

export interface LiveOptions extends DetectionFlags {
  interface?: string
  duration?: string
  filter?: string
  http: boolean
  /** Packets after which the capture ends. */
  count?: number
  write?: string
  /** -C: millions of bytes. */
  fileSize?: number
  /** -G: seconds. */
  rotateSeconds?: number
  /** -W */
  fileCount?: number
  /** -Z */
  user?: string
  via?: string
  out?: string
  name?: string
  site: boolean
  origin?: string
  geoip?: string
  maxPackets: number
  json: boolean
  quiet: boolean
  open: boolean
  force: boolean
  programVersion: string
  interrupt: AbortSignal
  /** --serve: begins to serve what the feed tells. */
  startServer?: (feed: LiveFeed) => Promise<{ address: string; close(): Promise<void> }>
}

export interface LiveOutcome {
  /** Ended by the user before the -c or --duration asked for. */
  isPartial: boolean
  hasFailed: boolean
  alerts: Report['alerts']
}

const HTTP_FILTER = 'tcp port 80 or tcp port 443'
/** The report is never older than this while packets come. */
const MAX_AGE_MS = 20_000
/** Kept free of the time above for a write that takes longer than the last one. */
const RESERVE_MS = 5_000
/** The first packets are on disk sooner; the pause then doubles. */
const FIRST_PAUSE_MS = 1_000

/**
 * Captures until the time is over, the packets are enough or the user wants no more.
 * @returns how it ended, and what was found
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runLive(options: LiveOptions): Promise<LiveOutcome> {
  const user = userToBecome(options.user, process.env)
  const interfaceName = chooseInterface(options.interface)
  const request = { interfaceName, filter: filterOf(options), maxPackets: options.count ?? null, user }
  const tools = findTools(request, options.via === undefined ? undefined : parseVia(options.via))
  const durationMs = options.duration === undefined ? null : parseDuration(options.duration)
  const raw = rawOf(options)
  const name = options.name ?? `${interfaceName}-${new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')}`
  const out = options.out ?? join(OUTPUT, folderName(name))
  const origin = await originOf(options.origin)
  if (options.geoip !== undefined) await requireGeoip(options.geoip)
  const detection = await detectionOf(options)
  const session = new LiveSession({
    ...{ request, tools, reportName: name, programVersion: options.programVersion, origin, geoip: options.geoip },
    ...{ maxPackets: options.maxPackets, detection, raw, durationMs, isWatched: options.startServer !== undefined },
  })
  try {
    await session.start()
    const kept = raw === null ? [] : [resolve(raw.path)]
    const report = await LiveReport.open(out, options.force, options.site, (await session.request()).database, kept)
    try {
      return await capture(session, report, out, options)
    } finally {
      await report.close()
    }
  } finally {
    await session.close()
  }
}

async function capture(session: LiveSession, report: LiveReport, out: string, options: LiveOptions): Promise<LiveOutcome> {
  session.saved(Date.now())
  const server = await options.startServer?.(session)
  const place = server === undefined ? join(out, options.site ? 'index.html' : 'traffic.sqlite') : server.address
  const screen = showStatus(process.stderr.isTTY === true && !options.quiet, () => session.status(), place)
  const stop = () => session.stop('ended by the user')
  if (options.interrupt.aborted) stop()
  options.interrupt.addEventListener('abort', stop)
  let last: Report
  try {
    await keepReport(session, report)
    last = await writeLast(session, report, out)
  } finally {
    screen.stop()
    await server?.close()
  }
  const hasDefaultPlace = options.out === undefined
  if (hasDefaultPlace && options.site) await writeIndex(dirname(resolve(out)))
  tellResult(session, last, out, options)
  if (options.open && options.site) openInBrowser(resolve(out, 'index.html'))
  const hasPlan = options.duration !== undefined || options.count !== undefined
  return { isPartial: hasPlan && options.interrupt.aborted, hasFailed: session.hasFailed, alerts: last.alerts }
}

/** Replaces the report on disk again and again until the capture ends. A write that fails is said, and tried again. */
async function keepReport(session: LiveSession, report: LiveReport): Promise<void> {
  let isOver = false
  let wake: () => void = () => {}
  session.onEnd(() => {
    isOver = true
    wake()
  })
  let packets = 0
  let tookMs = 0
  for (let pauseMs = FIRST_PAUSE_MS; !isOver; pauseMs *= 2) {
    // The next one is there before the last one is too old, however long it takes to make.
    pauseMs = Math.max(FIRST_PAUSE_MS, Math.min(pauseMs, MAX_AGE_MS - RESERVE_MS - 2 * tookMs))
    await new Promise<void>((resume) => {
      wake = resume
      setTimeout(resume, pauseMs)
    })
    if (isOver || session.status().totals.packets === packets) continue
    const begunMs = Date.now()
    try {
      const snapshot = await session.request()
      await report.update(snapshot.database, false)
      packets = snapshot.packets
      session.saved(begunMs)
    } catch (error) {
      session.warn(`the report could not be written: ${reasonOf(error)}; the one before it is still there`)
    }
    tookMs = Date.now() - begunMs
  }
}

/** @throws CaptureError saying what is there instead */
async function writeLast(session: LiveSession, report: LiveReport, out: string): Promise<Report> {
  const { database } = await session.request()
  try {
    return await report.update(database, true)
  } catch (error) {
    const { savedMs } = session.status()
    const age = savedMs === null ? '' : `; the report there is as of ${formatDuration(Date.now() - savedMs)} ago`
    throw new CaptureError(`${out}: ${reasonOf(error)}${age}`)
  }
}

function chooseInterface(named: string | undefined): string {
  const name = named ?? defaultInterface()
  if (name === null) throw new UsageError('there is no default route: name an interface with -i; rtnvis interfaces lists them')
  if (name !== 'any' && !hasInterface(name)) throw new UsageError(`-i ${name}: no such interface; rtnvis interfaces lists them`)
  return name
}

function filterOf({ filter, http }: LiveOptions): string {
  if (!http) return filter ?? ''
  return filter === undefined ? HTTP_FILTER : `(${filter}) and (${HTTP_FILTER})`
}

function rawOf({ write, fileSize, rotateSeconds, fileCount }: LiveOptions): RawOptions | null {
  if (write === undefined) {
    if (fileSize ?? rotateSeconds ?? fileCount) throw new UsageError('-C, -G and -W need -w: they say how its file is divided')
    return null
  }
  if (write === '-') throw new UsageError('-w -: raw packets go to a file; to pipe them, use tcpdump -w - | rtnvis analyze -')
  if (fileCount !== undefined && fileSize === undefined && rotateSeconds === undefined) throw new UsageError('-W needs -C or -G')
  return { path: write, maxBytes: fileSize === undefined ? null : fileSize * 1e6, seconds: rotateSeconds ?? null, files: fileCount ?? null }
}

/** A wrong name must not be found out after the device is open. */
async function requireGeoip(path: string): Promise<void> {
  await access(path, constants.R_OK).catch((error) => {
    throw new UsageError(`--geoip ${path}: ${reasonOf(error)}`)
  })
}

/** Files of findings by full path; read once before the device is open, so that a wrong one is told at once. */
async function detectionOf({ rules, baseline, blocklist }: DetectionFlags): Promise<DetectionFlags> {
  const flags = {
    ...(rules !== undefined && { rules: resolve(rules) }),
    ...(baseline !== undefined && { baseline: resolve(baseline) }),
    blocklist: blocklist.map((file) => resolve(file)),
  }
  if (rules !== undefined || baseline !== undefined || blocklist.length > 0) await openDetection(flags, loadSqlite())
  return flags
}

function tellResult(session: LiveSession, report: Report, out: string, options: LiveOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  const { endedBy } = session.status()
  if (session.hasFailed) process.stderr.write(`rtnvis: ${endedBy}: what was captured until then is in the report\n`)
  if (options.quiet) return
  for (const notice of session.notices) process.stderr.write(`rtnvis: ${notice}\n`)
  const color = process.stderr.isTTY === true && !process.env.NO_COLOR
  process.stderr.write(`${formatReport(report, { color })}\n`)
  process.stderr.write(`${options.site ? `Open ${join(out, 'index.html')}` : `Database: ${join(out, 'traffic.sqlite')}`}\n`)
}
