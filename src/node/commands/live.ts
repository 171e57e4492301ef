// `rtnvis live`: options -> a network interface -> packets -> a report that exists on disk from the first second.
import { dirname, join, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import type { Report } from '../../report/index.ts'
import { findTools, parseServer, parseVia, receiveFrom, type Server } from '../live/capture-tool.ts'
import { formatDuration } from '../live/duration.ts'
import { defaultInterface, hasInterface } from '../live/interfaces.ts'
import { LiveReport } from '../live/live-report.ts'
import { type User, userToBecome } from '../live/privileges.ts'
import type { RawOptions } from '../live/raw-name.ts'
import { showStatus } from '../live/screen.ts'
import { LiveSession } from '../live/session.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { folderName } from '../output/report-list.ts'
import { writeReason } from '../output/write-errors.ts'
import type { LiveServer } from '../serve/live-server.ts'
import { listReport, OUTPUT, printReport } from './analyze.ts'
import type { Declared } from './declare.ts'
import { openInBrowser } from './open-in-browser.ts'
import { type LiveFlags, type Run, SERVER_OPTIONS } from './options.ts'
import { pipelineOptions } from './report-options.ts'
import { say, takesControls } from './terminal.ts'

export type LiveOptions = LiveFlags &
  Run & {
    /** --serve: listens on the port. */
    bindServer?: () => Promise<LiveServer>
  }

export interface LiveOutcome {
  /** Whether the user ended it before the limit of -c or --duration. */
  isPartial: boolean
  hasFailed: boolean
  alerts: Report['alerts']
}

const HTTP_FILTER = 'tcp port 80 or tcp port 443'
/** The report on disk is at most this old while packets arrive; if making it takes longer, a message says so. */
const MAX_AGE_MS = 20_000
/** Part of that time that is reserved, because a write may take longer than the last one. */
const RESERVE_MS = 5_000
/** Pause before the first write; the pause then doubles each time. */
const FIRST_PAUSE_MS = 1_000

/**
 * Captures until the time is over, the number of packets is reached, or the user ends it.
 * @returns how it ended, and a summary
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runLive(options: LiveOptions): Promise<LiveOutcome> {
  refuseServing(options)
  const sender = senderOf(options)
  const interfaceName = sender === null ? chooseInterface(options.interface) : options.from!
  const raw = rawOf(options)
  const name = options.name ?? `${interfaceName}-${new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')}`
  const out = options.out ?? join(OUTPUT, folderName(name))
  const user = userToBecome(options.user, process.env, [dirname(resolve(out)), ...(raw === null ? [] : [dirname(resolve(raw.path))])])
  const request = { interfaceName, filter: filterOf(options), maxPackets: options.count ?? null, user }
  const via = options.via === undefined ? undefined : parseVia(options.via)
  const tools = sender === null ? findTools(request, via) : [receiveFrom(sender, request)]
  const { from, ...others } = options
  const pipeline = await pipelineOptions('live', sender === null ? options : others)
  const { rules, baseline, blocklist } = options
  const detection = { ...(rules !== undefined && { rules }), ...(baseline !== undefined && { baseline }), blocklist }
  const kept = raw === null ? [] : [resolve(raw.path)]
  await OutputFolder.check(out, options.force, kept)
  // All of this may fail or need root's rights, so it comes before the device is opened and before root's rights are given up.
  const server = await options.bindServer?.()
  try {
    const session = new LiveSession({
      ...pipeline,
      inputs: { ...pipeline.inputs, name },
      ...{ request, tools, reportName: name, geoip: options.geoip, detection, raw },
      durationMs: options.duration ?? null,
      isWatched: server !== undefined,
    })
    try {
      await session.start()
      if (!options.quiet) printUser(user, options.user, out)
      const report = await LiveReport.open(out, options.force, options.site, (await session.request()).database, kept)
      try {
        return await capture(session, report, server, out, options)
      } finally {
        await report.close()
      }
    } finally {
      await session.close()
    }
  } finally {
    await server?.close()
  }
}

async function capture(
  session: LiveSession,
  report: LiveReport,
  server: LiveServer | undefined,
  out: string,
  options: LiveOptions,
): Promise<LiveOutcome> {
  session.saved(Date.now())
  const place = server?.serve(session) ?? join(out, options.site ? 'index.html' : 'traffic.sqlite')
  const screen = showStatus(takesControls(process.stderr) && !options.quiet, () => session.status(), place)
  const stop = () => session.stop('ended by the user')
  if (options.interrupt.aborted) stop()
  options.interrupt.addEventListener('abort', stop)
  let last: Report
  try {
    await keepReport(session, report, out)
    last = await writeLast(session, report, out)
  } finally {
    screen.stop()
  }
  await listReport(report.output, out, options)
  if (session.hasFailed) say(`${session.status().endedBy}: the report has the packets captured before`)
  await printReport(last, out, [...session.notices, ...report.output.warnings], options)
  if (options.open && options.site) openInBrowser(resolve(out, 'index.html'))
  const hasPlan = options.duration !== undefined || options.count !== undefined
  return { isPartial: hasPlan && options.interrupt.aborted, hasFailed: session.hasFailed, alerts: last.alerts }
}

/** Replaces the report on disk regularly until the capture ends. A failed write is reported, and tried again. */
async function keepReport(session: LiveSession, report: LiveReport, out: string): Promise<void> {
  let isOver = false
  let endPause: () => void = () => {}
  session.onEnd(() => {
    isOver = true
    endPause()
  })
  let packets = 0
  let tookMs = 0
  let announcedMs = MAX_AGE_MS
  for (let pauseMs = FIRST_PAUSE_MS; !isOver; pauseMs *= 2) {
    // The next report must be ready before this one is too old, however long making it takes.
    pauseMs = Math.max(FIRST_PAUSE_MS, Math.min(pauseMs, MAX_AGE_MS - RESERVE_MS - 2 * tookMs))
    await new Promise<void>((resume) => {
      endPause = resume
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
      session.warn(`the report could not be written: ${await writeReason(error, resolve(out))}; the one before it is still there`)
    }
    tookMs = Date.now() - begunMs
    if (FIRST_PAUSE_MS + 2 * tookMs > announcedMs) {
      announcedMs = FIRST_PAUSE_MS + 3 * tookMs
      session.warn(
        `writing a report takes ${formatDuration(tookMs)}: the one on disk may be ${formatDuration(FIRST_PAUSE_MS + 2 * tookMs)} old`,
      )
    }
  }
}

/** @throws CaptureError that says which report is on disk instead */
async function writeLast(session: LiveSession, report: LiveReport, out: string): Promise<Report> {
  const { database } = await session.request()
  try {
    return await report.update(database, true)
  } catch (error) {
    const { savedMs } = session.status()
    const age = savedMs === null ? '' : `; the report there is as of ${formatDuration(Date.now() - savedMs)} ago`
    throw new CaptureError(`${out}: ${await writeReason(error, resolve(out))}${age}`)
  }
}

/** Prints which user the program continues as, unless the user chose one. */
function printUser(user: User | null, named: string | undefined, out: string): void {
  if (named !== undefined || process.env.SUDO_UID) return
  if (user !== null) say(`the device is open, root has been given up: running as ${user.name} (-Z chooses another user)`)
  else if (process.getuid?.() === 0)
    say(`still running as root, because only root may write where ${out} is: choose a user with -Z and a folder of that user with -o`)
}

/** @throws UsageError for an option of the server where none was asked for */
function refuseServing(options: LiveOptions): void {
  if (options.serve) return
  for (const [name, { flags, byDefault }] of Object.entries(SERVER_OPTIONS) as [keyof typeof SERVER_OPTIONS, Declared<unknown>][])
    if (String(options[name]) !== String(byDefault)) throw new UsageError(`${flags.split(' ')[0]} is an option of --serve: give that, too`)
}

/** @returns null to capture on this machine @throws UsageError for a wrong address, and for options of programs that capture */
function senderOf(options: LiveOptions): Server | null {
  const server = parseServer(options.from ?? '')
  if (server === null) return null
  const { interface: i, via, filter, http, count, fileSize, rotateSeconds, fileCount } = options
  const given = {
    '-i': i,
    '--via': via,
    '-f': filter,
    '--http': http || undefined,
    '-c': count,
    '-C': fileSize,
    '-G': rotateSeconds,
    '-W': fileCount,
  }
  const [wrong] = Object.entries(given).find(([, value]) => value !== undefined) ?? []
  if (wrong !== undefined)
    throw new UsageError(`${wrong} is for capturing on this machine: with --from tcp://, use --only, --duration and -w`)
  return server
}

function chooseInterface(named: string | undefined): string {
  const name = named ?? defaultInterface()
  if (name === null) throw new UsageError('there is no default route: choose an interface with -i; rtnvis interfaces lists them')
  if (name !== 'any' && !hasInterface(name)) throw new UsageError(`-i ${name}: no such interface; rtnvis interfaces lists them`)
  return name
}

function filterOf({ filter, http }: LiveOptions): string {
  if (!http) return filter ?? ''
  return filter === undefined ? HTTP_FILTER : `(${filter}) and (${HTTP_FILTER})`
}

function rawOf({ write, fileSize, rotateSeconds, fileCount }: LiveOptions): RawOptions | null {
  if (write === undefined) {
    if (fileSize ?? rotateSeconds ?? fileCount) throw new UsageError('-C, -G and -W need -w: they set how its file is divided')
    return null
  }
  if (write === '-') throw new UsageError('-w -: raw packets go to a file; to pipe them, use tcpdump -w - | rtnvis analyze -')
  if (fileCount !== undefined && fileSize === undefined && rotateSeconds === undefined) throw new UsageError('-W needs -C or -G')
  return { path: write, maxBytes: fileSize === undefined ? null : fileSize * 1e6, seconds: rotateSeconds ?? null, files: fileCount ?? null }
}
