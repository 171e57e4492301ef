#!/usr/bin/env node
// argv -> options -> command -> exit code. Data goes to stdout, everything else to stderr. Only this file ends the process.
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { CaptureError, UsageError } from '../errors.ts'
import type { Severity } from '../types.ts'
import { watchSignals } from './commands/interruption.ts'
import { say } from './commands/terminal.ts'
import { beginBundled } from './geoip/bundled-geoip.ts'
import { reasonOf } from './input/input.ts'
import { openInputs } from './input/inputs.ts'
import { type Commands, program } from './program.ts'

const EXIT = { done: 0, failed: 1, usage: 2, found: 3, interrupted: 130 } as const

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** Exit code of a command that was completed; a verification may find differences. */
let doneCode: number = EXIT.done

let isInterrupted = false

/** The first Ctrl-C ends reading, and the packets read so far become a report; the second ends the program. */
function interruption(isReloading = false): AbortSignal {
  const onFirst = () => {
    isInterrupted = true
    process.stderr.write('\nrtnvis: interrupted, writing what was read so far (again to stop at once)\n')
  }
  return watchSignals(onFirst, () => process.exit(EXIT.interrupted), isReloading)
}

/** Of commands that end by themselves when they are interrupted; a second signal ends them at once. */
function endEarly(): AbortSignal {
  return watchSignals(
    () => {
      doneCode = EXIT.interrupted
    },
    () => process.exit(EXIT.interrupted),
  )
}

/** Of commands that have nothing to show before their end; what they leave beside a report, the next run removes. */
function endAtOnce(): AbortSignal {
  const end = () => process.exit(EXIT.interrupted)
  return watchSignals(end, end)
}

/** Whether --fail-on is given and there is such a finding. */
async function isFound(alerts: { severity: string }[], failOn?: Severity): Promise<boolean> {
  if (failOn === undefined) return false
  const { hasSeverity } = await import('./input/detection.ts')
  return hasSeverity(alerts, failOn)
}

const COMMANDS: Commands = {
  analyze: async (files, options) => {
    const interrupt = interruption()
    const run = { ...options, programVersion: version, interrupt }
    beginBundled(options.geoip, process.env)
    let alerts: { severity: string }[]
    if (options.each) {
      const { runAnalyzeEach } = await import('./commands/analyze-each.ts')
      alerts = await runAnalyzeEach(files, run)
    } else {
      // Reading threads start while the rest of the program is loaded.
      const inputs = openInputs(files, options.recursive, interrupt, options.digest ? 'all' : 'unhashed')
      const { runAnalyze } = await import('./commands/analyze.ts')
      alerts = (await runAnalyze(inputs, run)).alerts
    }
    const found = await isFound(alerts, options.failOn)
    doneCode = isInterrupted ? EXIT.interrupted : found ? EXIT.found : EXIT.done
  },
  slice: async (report, options) => {
    const { runSlice } = await import('./commands/slice.ts')
    const interrupt = endEarly()
    await runSlice(report, { ...options, programVersion: version, interrupt })
  },
  export: async (reports, options) => {
    const { runExport } = await import('./commands/export.ts')
    const interrupt = endEarly()
    await runExport(reports, { ...options, interrupt })
  },
  query: async (sql, lake, options) => {
    const { runQuery } = await import('./commands/query.ts')
    const interrupt = endEarly()
    await runQuery(sql, lake, { ...options, interrupt })
  },
  report: async (options) => {
    const { runReport } = await import('./commands/report.ts')
    let isRead = false
    const onRead = () => {
      isRead = true
    }
    const end = () => process.exit(EXIT.interrupted)
    // A question that runs is ended first; what is left beside a report afterwards, the next run removes.
    const interrupt = watchSignals(() => isRead && end(), end)
    const report = await runReport({ ...options, programVersion: version, interrupt, onRead })
    if (report === null) doneCode = EXIT.interrupted
    else if (await isFound(report.alerts, options.failOn)) doneCode = EXIT.found
  },
  merge: async (reports, options) => {
    const { runMerge } = await import('./commands/merge.ts')
    const { alerts } = await runMerge(reports, { ...options, programVersion: version, interrupt: endAtOnce() })
    if (await isFound(alerts, options.failOn)) doneCode = EXIT.found
  },
  detect: async (reports, options) => {
    const { runDetect } = await import('./commands/detect.ts')
    const alerts = await runDetect(reports, { ...options, programVersion: version, interrupt: endAtOnce() })
    if (await isFound(alerts, options.failOn)) doneCode = EXIT.found
  },
  watch: async (folder, options) => {
    const { runWatch } = await import('./commands/watch.ts')
    const interrupt = watchSignals(
      () => process.stderr.write('\nrtnvis: ending after this report (again to stop at once)\n'),
      () => process.exit(EXIT.interrupted),
    )
    const severities = await runWatch(folder, { ...options, programVersion: version, interrupt })
    const alerts = [...severities].map((severity) => ({ severity }))
    if (await isFound(alerts, options.failOn)) doneCode = EXIT.found
  },
  rules: async (options) => {
    const { runRules } = await import('./commands/rules.ts')
    await runRules(options)
  },
  manual: async (options) => {
    const { runManual } = await import('./commands/manual.ts')
    await runManual(options)
  },
  site: async (folder, options) => {
    const { runSite } = await import('./commands/site.ts')
    await runSite(folder, options)
  },
  verify: async (folder, options) => {
    const { runVerify } = await import('./commands/verify.ts')
    if (!(await runVerify(folder, { ...options, programVersion: version }))) doneCode = EXIT.failed
  },
  live: async (options) => {
    const { runLive } = await import('./commands/live.ts')
    const { bindLiveServer } = await import('./serve/live-server.ts')
    const bindServer = () => bindLiveServer({ ...options, programVersion: version })
    const run = { ...options, programVersion: version, interrupt: interruption(options.serve && options.keys !== undefined) }
    const { isPartial, hasFailed, alerts } = await runLive(options.serve ? { ...run, bindServer } : run)
    const found = await isFound(alerts, options.failOn)
    doneCode = isPartial ? EXIT.interrupted : hasFailed ? EXIT.failed : found ? EXIT.found : EXIT.done
  },
  interfaces: async (options) => {
    const { runInterfaces } = await import('./commands/interfaces.ts')
    await runInterfaces(options)
  },
  serve: async (folder, options) => {
    const { runServe } = await import('./commands/serve.ts')
    const interrupt = watchSignals(
      () => {},
      () => process.exit(EXIT.interrupted),
      options.keys !== undefined,
    )
    await runServe(folder, { ...options, programVersion: version, interrupt })
  },
  addKey: async (name, options) => {
    const { addKey } = await import('./commands/keys.ts')
    await addKey(name, options.role, options.file)
  },
  listKeys: async (options) => {
    const { listKeys } = await import('./commands/keys.ts')
    await listKeys(options.file)
  },
  removeKey: async (name, options) => {
    const { removeKey } = await import('./commands/keys.ts')
    await removeKey(name, options.file)
  },
}

/** Of an error that is not thrown on purpose. */
function lineOf(error: unknown): string {
  const { path } = error as NodeJS.ErrnoException
  return path === undefined ? reasonOf(error) : `${path}: ${reasonOf(error)}`
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const isExpected = error instanceof CaptureError || error instanceof UsageError || (error as NodeJS.ErrnoException).code !== undefined
  const line = error instanceof CaptureError || error instanceof UsageError ? error.message : lineOf(error)
  say(isExpected ? line : `unexpected error: ${line} (--debug shows where)`)
  if (process.argv.includes('--debug') && error instanceof Error) for (const frame of (error.stack ?? '').split('\n')) say(frame)
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}

try {
  await program(version, COMMANDS).parseAsync()
  process.exitCode = doneCode
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
// An open pipe on stdin or a starting thread must not keep the process running.
process.stdout.write('', () => process.exit())
