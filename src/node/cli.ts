#!/usr/bin/env node
// argv -> options -> command -> exit code. Data goes to stdout, everything else to stderr. The only place that ends the process.
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { CaptureError, UsageError } from '../errors.ts'
import type { AnalyzeOptions } from './analyze-command.ts'
import { reasonOf } from './input.ts'
import type { LiveOptions } from './live/live-command.ts'
import type { RulesOptions } from './rules-command.ts'
import type { ServeFlags } from './serve/serve-command.ts'
import type { VerifyOptions } from './verify-command.ts'

const EXIT = { done: 0, failed: 1, usage: 2, found: 3, interrupted: 130 } as const

/** Rows of the packets table that a report keeps unless told otherwise. */
const DEFAULT_MAX_PACKETS = 100_000

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** Options of live that only the command line itself reads. */
interface LiveFlags {
  serve: boolean
  failOn?: string
}

const interruption = new AbortController()

/** What a command that ran to its end answers; a verification may find differences. */
let doneCode: number = EXIT.done

/** A capture without a planned end is ended by Ctrl-C: that is no interruption. */
let isOrderlyEnd = false

/** The first Ctrl-C ends the reading and what was read becomes a report; the second ends the program. */
function onInterrupt(): void {
  if (interruption.signal.aborted) process.exit(EXIT.interrupted)
  interruption.abort()
  process.stderr.write('\nrtnvis: interrupted, writing what was read so far (again to stop at once)\n')
}

function parseMaxPackets(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (text === 'none') return 0
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a number, "all" or "none".')
  return Number(text)
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a number, at least 1.')
  return Number(text)
}

function program(): Command {
  const cli = new Command('rtnvis')
    .description("See where a capture's traffic went, and when.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--debug', 'print the stack of an unexpected error')
    .exitOverride()
  addDetectionOptions(cli.command('analyze'))
    .description('turn captures into a report: a globe that opens by double click, a SQLite file, a printable page')
    .argument('<file...>', 'pcap or pcapng, plain, gzip or zstd; several are merged by time; - is standard input')
    .option('-o, --out <dir>', "the report's own folder (default: output/<name>/)")
    .option('--name <text>', "the report's title (default: the file's name)")
    .option('--no-site', 'only traffic.sqlite')
    .option('--single-file', 'one index.html that holds everything, to send by mail', false)
    .option('--origin <place>', 'where private addresses stand: "City", "City, Country", lat,lon or auto (default: Nairobi, Kenya)')
    .option('--geoip <path>', 'MaxMind DB file, or a folder with some')
    .addOption(
      new Option('--max-packets <n>', 'packet rows kept: a number, all or none; flows always count all')
        .argParser(parseMaxPackets)
        .default(DEFAULT_MAX_PACKETS),
    )
    .option('--json', 'print the summary as JSON on stdout', false)
    .option('-q, --quiet', 'no progress and no summary', false)
    .option('--open', 'open the report when it is done', false)
    .option('--force', 'replace the folder even if it is no report', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (files: string[], options: Omit<AnalyzeOptions, 'programVersion' | 'interrupt'> & { failOn?: string }) => {
      const { runAnalyze } = await import('./analyze-command.ts')
      const { isGrave, parseSeverity } = await import('./detection.ts')
      const failOn = options.failOn === undefined ? null : parseSeverity(options.failOn)
      process.on('SIGINT', onInterrupt)
      process.on('SIGTERM', onInterrupt)
      const { alerts } = await runAnalyze(files, { ...options, programVersion: version, interrupt: interruption.signal })
      if (failOn !== null && isGrave(alerts, failOn)) doneCode = EXIT.found
    })
  cli
    .command('rules')
    .description('list the detection rules: what they look for, their thresholds, where these come from')
    .option('--toml', 'print a commented file for --rules', false)
    .option('--json', 'print them as JSON', false)
    .action(async (options: RulesOptions) => {
      const { runRules } = await import('./rules-command.ts')
      runRules(options)
    })
  cli
    .command('verify')
    .description('recount the original capture with other code and hold it, and the database itself, against the report')
    .argument('<dir>', "a report's folder")
    .option('--capture <file...>', 'the original capture (default: looked for by name here, in the folder and in the one above it)')
    .option('--json', 'print the checks as JSON', false)
    .option('-q, --quiet', 'print only what differs', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (folder: string, options: VerifyOptions) => {
      const { runVerify } = await import('./verify-command.ts')
      if (!(await runVerify(folder, options))) doneCode = EXIT.failed
    })
  addDetectionOptions(addServerOptions(cli.command('live')))
    .description('capture packets as they come: a report that is on disk from the first second on')
    .option('-i, --interface <name>', 'interface to capture on, or any (default: the one with the default route)')
    .option('--duration <time>', 'how long: 90s, 10m, 1h30m (default: until Ctrl-C)')
    .option('-c, --count <n>', 'end after n packets', parseCount)
    .option('-f, --filter <bpf>', 'capture only what this filter lets through (pcap-filter)')
    .option('--http', 'the filter "tcp port 80 or tcp port 443"', false)
    .option('-w, --write <file>', 'keep the raw packets too')
    .option('-C, --file-size <n>', 'begin the next raw file after n million bytes', parseCount)
    .option('-G, --rotate-seconds <n>', 'begin the next raw file after n seconds; its name may hold strftime conversions', parseCount)
    .option('-W, --file-count <n>', 'with -C: use n raw files in turn; with -G: end after n', parseCount)
    .option('-Z, --user <name>', 'become this user once the device is open (default: whoever called sudo)')
    .option('--via <program>', 'what records the packets: tcpdump, dumpcap or cap (default: the first that is there)')
    .option('-o, --out <dir>', "the report's own folder (default: output/<name>/)")
    .option('--name <text>', "the report's title (default: interface and time)")
    .option('--no-site', 'only traffic.sqlite')
    .option('--origin <place>', 'where private addresses stand: "City", "City, Country", lat,lon or auto (default: Nairobi, Kenya)')
    .option('--geoip <path>', 'MaxMind DB file, or a folder with some')
    .addOption(
      new Option('--max-packets <n>', 'packet rows kept: a number, all or none; flows always count all')
        .argParser(parseMaxPackets)
        .default(DEFAULT_MAX_PACKETS),
    )
    .option('--serve', 'serve the live view while capturing', false)
    .option('--json', 'print the summary as JSON on stdout at the end', false)
    .option('-q, --quiet', 'no progress and no summary', false)
    .option('--open', 'open the report when it is done', false)
    .option('--force', 'replace the folder even if it is no report', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (options: Omit<LiveOptions, 'programVersion' | 'interrupt' | 'startServer'> & ServeFlags & LiveFlags) => {
      const { runLive } = await import('./live/live-command.ts')
      const { isGrave, parseSeverity } = await import('./detection.ts')
      const failOn = options.failOn === undefined ? null : parseSeverity(options.failOn)
      process.on('SIGINT', onInterrupt)
      process.on('SIGTERM', onInterrupt)
      const { serveLive } = await import('./serve/live-server.ts')
      const startServer: LiveOptions['startServer'] = (feed) => serveLive(feed, { ...options, programVersion: version })
      const live = { ...options, programVersion: version, interrupt: interruption.signal }
      const { isPartial, hasFailed, alerts } = await runLive(options.serve ? { ...live, startServer } : live)
      const isFound = failOn !== null && isGrave(alerts, failOn)
      doneCode = isPartial ? EXIT.interrupted : hasFailed ? EXIT.failed : isFound ? EXIT.found : EXIT.done
      isOrderlyEnd = true
    })
  cli
    .command('interfaces')
    .description('list the interfaces that live can capture on')
    .option('--json', 'print them as JSON', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (options: { json: boolean }) => {
      const { runInterfaces } = await import('./live/interfaces-command.ts')
      runInterfaces(options)
    })
  addServerOptions(cli.command('serve'))
    .description('serve finished reports to browsers and programs, behind an access key')
    .argument('[dir]', 'a report, or a folder of reports', 'output')
    .option('-q, --quiet', 'print only the address', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (folder: string, options: ServeFlags & { quiet: boolean }) => {
      const { runServe } = await import('./serve/serve-command.ts')
      const end = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort())
      await runServe(folder, { ...options, programVersion: version, interrupt: end.signal })
    })
  return cli
}

/** An option that may be repeated. */
function collect(value: string, values: string[]): string[] {
  return [...values, value]
}

/** Options of everything that looks for findings. */
function addDetectionOptions(command: Command): Command {
  return command
    .option('--blocklist <file>', 'addresses, networks, domains or JA4 to look for; may be repeated', collect, [])
    .option('--rules <file>', 'thresholds, rules to switch off and findings not to show (TOML; `rtnvis rules --toml` prints one)')
    .option('--baseline <report>', 'an older report or its traffic.sqlite: say what was never contacted before')
    .option('--fail-on <severity>', 'exit with 3 when there is a finding of this severity or a graver one: info, low, medium or high')
}

/** Options of everything that serves. */
function addServerOptions(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
    .addOption(new Option('--port <number>', 'port to listen on (default: 8770, or a free one)').argParser(parsePort))
    .option('--key <text>', 'the access key, or RTNVIS_KEY in the environment (default: a random one)')
    .option('--tls-cert <file>', 'certificate chain (PEM): serve HTTPS')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .option('--allow-origin <origin>', 'a page of this origin may ask the API; may be repeated', collect, [])
    .option('--allow-host <name>', 'a name by which the server may be called; may be repeated', collect, [])
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.')
  return Number(text)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const isExpected = error instanceof CaptureError || error instanceof UsageError || (error as NodeJS.ErrnoException).code !== undefined
  const line = error instanceof CaptureError || error instanceof UsageError ? error.message : reasonOf(error)
  process.stderr.write(`rtnvis: ${isExpected ? line : `unexpected error: ${line} (--debug shows where)`}\n`)
  if (process.argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}

try {
  await program().parseAsync()
  process.exitCode = interruption.signal.aborted && !isOrderlyEnd ? EXIT.interrupted : doneCode
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
// A pipe on stdin or a thread that is still starting must not keep a finished run alive.
process.stdout.write('', () => process.exit())
