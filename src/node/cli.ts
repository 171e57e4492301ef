#!/usr/bin/env node
// argv -> options -> command -> exit code. Data goes to stdout, everything else to stderr. The only place that ends the process.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { CaptureError, UsageError } from '../errors.ts'
import { toPrintable } from '../report/figures.ts'
import type { AnalyzeOptions } from './commands/analyze.ts'
import { watchSignals } from './commands/interruption.ts'
import type { LiveOptions } from './commands/live.ts'
import { addReportOptions, addServerOptions, collect, parseCount } from './commands/options.ts'
import type { RulesOptions } from './commands/rules.ts'
import type { ServeFlags } from './commands/serve.ts'
import { say } from './commands/terminal.ts'
import type { VerifyOptions } from './commands/verify.ts'
import { beginBundled } from './geoip/bundled-geoip.ts'
import { openInputs, reasonOf } from './input/input.ts'

const EXIT = { done: 0, failed: 1, usage: 2, found: 3, interrupted: 130 } as const

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** What only the command line itself knows or reads. */
type Told<Options> = Omit<Options, 'programVersion' | 'interrupt'> & { failOn?: string }

/** What a command that ran to its end answers; a verification may find differences. */
let doneCode: number = EXIT.done

let isInterrupted = false

/** The first Ctrl-C ends the reading and what was read becomes a report; the second ends the program. */
function interruption(isReloading = false): AbortSignal {
  const onFirst = () => {
    isInterrupted = true
    process.stderr.write('\nrtnvis: interrupted, writing what was read so far (again to stop at once)\n')
  }
  return watchSignals(onFirst, () => process.exit(EXIT.interrupted), isReloading)
}

function program(): Command {
  const cli = new Command('rtnvis')
    .description("See where a capture's traffic went, and when.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--debug', 'print the stack of an unexpected error')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${printableUsage(text)}\n`) })
  addReportOptions(cli.command('analyze'), "the file's name")
    .description('turn captures into a report: a globe that opens by double click, a SQLite file, a printable page')
    .argument('<file...>', 'pcap or pcapng, plain, gzip or zstd; several are merged by time; - is standard input')
    .option('--single-file', 'one index.html that holds everything, to send by mail', false)
    .option('--sign <key>', 'sign the report with this SSH key: SHA256SUMS and SHA256SUMS.sig (checked by rtnvis verify or ssh-keygen)')
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (files: string[], options: Told<AnalyzeOptions>) => {
      // A thread that reads starts while the rest of the program is loaded, and databases come in.
      const interrupt = interruption()
      const inputs = openInputs(files, interrupt)
      beginBundled(options.geoip, process.env)
      const { runAnalyze } = await import('./commands/analyze.ts')
      const { isGrave, parseSeverity } = await import('./input/detection.ts')
      const failOn = options.failOn === undefined ? null : parseSeverity(options.failOn)
      const { alerts } = await runAnalyze(files, inputs, { ...options, programVersion: version, interrupt })
      const isFound = failOn !== null && isGrave(alerts, failOn)
      doneCode = isInterrupted ? EXIT.interrupted : isFound ? EXIT.found : EXIT.done
    })
  cli
    .command('rules')
    .description('list the detection rules: what they look for, their thresholds, where these come from')
    .option('--toml', 'print a commented file for --rules', false)
    .option('--json', 'print them as JSON', false)
    .action(async (options: RulesOptions) => {
      const { runRules } = await import('./commands/rules.ts')
      await runRules(options)
    })
  cli
    .command('manual')
    .description('open the manual in a browser, and print where it is')
    .option('--no-open', 'only print where it is')
    .action(async (options: { open: boolean }) => {
      const { runManual } = await import('./commands/manual.ts')
      await runManual(options)
    })
  cli
    .command('verify')
    .description('make a report again from its captures, recount them with other code, and name everything in it that is not so')
    .argument('<dir>', "a report's folder")
    .option('--capture <file...>', 'the original captures (default: looked for by name here, in the folder and in the one above it)')
    .option('--geoip <path>', 'the MaxMind database it was made with (default: the one analyze would use)')
    .option('--rules <file>', 'the rules file it was made with (default: looked for as captures are)')
    .option('--blocklist <file>', 'a blocklist it was made with; may be repeated (default: looked for as captures are)', collect, [])
    .option('--baseline <report>', 'the baseline it was made with (default: looked for as captures are)')
    .option('--check-signature <key.pub>', 'whether this SSH key signed the report, as it is')
    .option('--json', 'print the checks as JSON', false)
    .option('-q, --quiet', 'print only what differs', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (folder: string, options: Omit<VerifyOptions, 'programVersion'>) => {
      const { runVerify } = await import('./commands/verify.ts')
      if (!(await runVerify(folder, { ...options, programVersion: version }))) doneCode = EXIT.failed
    })
  const live = cli
    .command('live')
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
    .option('--serve', 'serve the live view while capturing', false)
  addServerOptions(addReportOptions(live, 'interface and time'))
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (options: Told<LiveOptions> & ServeFlags & { serve: boolean }) => {
      const { runLive } = await import('./commands/live.ts')
      const { isGrave, parseSeverity } = await import('./input/detection.ts')
      const failOn = options.failOn === undefined ? null : parseSeverity(options.failOn)
      const { bindLiveServer } = await import('./serve/live-server.ts')
      const bindServer = () => bindLiveServer({ ...options, programVersion: version })
      const told = { ...options, programVersion: version, interrupt: interruption(options.serve && options.keys !== undefined) }
      const { isPartial, hasFailed, alerts } = await runLive(options.serve ? { ...told, bindServer } : told)
      const isFound = failOn !== null && isGrave(alerts, failOn)
      doneCode = isPartial ? EXIT.interrupted : hasFailed ? EXIT.failed : isFound ? EXIT.found : EXIT.done
    })
  cli
    .command('interfaces')
    .description('list the interfaces that live can capture on')
    .option('--json', 'print them as JSON', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (options: { json: boolean }) => {
      const { runInterfaces } = await import('./commands/interfaces.ts')
      await runInterfaces(options)
    })
  addServerOptions(cli.command('serve'))
    .description('serve finished reports to browsers and programs, behind an access key')
    .argument('[dir]', 'a report, or a folder of reports', 'output')
    .option('-q, --quiet', 'print only the address', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(async (folder: string, options: ServeFlags & { quiet: boolean }) => {
      const { runServe } = await import('./commands/serve.ts')
      const interrupt = watchSignals(
        () => {},
        () => process.exit(EXIT.interrupted),
        options.keys !== undefined,
      )
      await runServe(folder, { ...options, programVersion: version, interrupt })
    })
  const keys = cli.command('keys').description('make, list and remove the keys of `rtnvis serve --keys`')
  const file = ['--file <file>', 'the file of keys'] as const
  keys
    .command('add')
    .description('print a new key, once, and keep its hash in the file')
    .argument('<name>', 'whose key it is')
    .requiredOption(...file)
    .option('--role <role>', 'viewer (pages), analyst (databases, too) or admin (all)', 'viewer')
    .action(async (name: string, options: { file: string; role: string }) => {
      const { addKey } = await import('./commands/keys.ts')
      await addKey(name, options.role, options.file)
    })
  keys
    .command('list')
    .description('names, roles and days of the keys in the file')
    .requiredOption(...file)
    .action(async (options: { file: string }) => {
      const { listKeys } = await import('./commands/keys.ts')
      await listKeys(options.file)
    })
  keys
    .command('remove')
    .description('withdraw a key')
    .argument('<name>', 'whose key it is')
    .requiredOption(...file)
    .action(async (name: string, options: { file: string }) => {
      const { removeKey } = await import('./commands/keys.ts')
      await removeKey(name, options.file)
    })
  return cli
}

/** The parser's line, with the option's value in it as it was typed; what it proposes stands on a line of its own. */
function printableUsage(text: string): string {
  const [line, proposal] = text.trimEnd().split(/\n(?=\(Did you mean [^\n]*$)/) as [string, string?]
  return proposal === undefined ? toPrintable(line) : `${toPrintable(line)} ${toPrintable(proposal)}`
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const isExpected = error instanceof CaptureError || error instanceof UsageError || (error as NodeJS.ErrnoException).code !== undefined
  const line = error instanceof CaptureError || error instanceof UsageError ? error.message : reasonOf(error)
  say(isExpected ? line : `unexpected error: ${line} (--debug shows where)`)
  if (process.argv.includes('--debug') && error instanceof Error) for (const frame of (error.stack ?? '').split('\n')) say(frame)
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}

try {
  await program().parseAsync()
  process.exitCode = doneCode
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
// A pipe on stdin or a thread that is still starting must not keep a finished run alive.
process.stdout.write('', () => process.exit())
