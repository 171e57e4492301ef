// Declaration of the command line: commands, arguments, options. cli.ts provides the functions; the manual's tables are generated from it.
import { Command } from 'commander'
import { toPrintable } from '../report/figures.ts'
import { addOptions, type Values } from './commands/declare.ts'
import * as declared from './commands/options.ts'

/** One function per command: its arguments, then its options as parsed by commander. */
export interface Commands {
  analyze(files: string[], options: declared.AnalyzeFlags): Promise<void>
  slice(report: string, options: declared.SliceFlags): Promise<void>
  export(reports: string[], options: declared.ExportFlags): Promise<void>
  query(sql: string, lake: string, options: declared.QueryFlags): Promise<void>
  report(options: declared.LakeReportFlags): Promise<void>
  merge(reports: string[], options: declared.MergeFlags): Promise<void>
  detect(reports: string[], options: declared.DetectFlags): Promise<void>
  watch(folder: string, options: declared.WatchFlags): Promise<void>
  rules(options: declared.RulesFlags): Promise<void>
  manual(options: Values<typeof declared.MANUAL_OPTIONS>): Promise<void>
  site(path: string | undefined, options: Values<typeof declared.SITE_OPTIONS>): Promise<void>
  verify(folder: string, options: declared.VerifyFlags): Promise<void>
  live(options: declared.LiveFlags): Promise<void>
  interfaces(options: Values<typeof declared.INTERFACES_OPTIONS>): Promise<void>
  serve(folder: string, options: declared.ServeFlags): Promise<void>
  addKey(name: string, options: Values<typeof declared.ADD_KEY_OPTIONS>): Promise<void>
  listKeys(options: Values<typeof declared.KEYS_OPTIONS>): Promise<void>
  removeKey(name: string, options: Values<typeof declared.KEYS_OPTIONS>): Promise<void>
}

/** @param version of the program */
export function program(version: string, commands: Commands): Command {
  const cli = new Command('rtnvis')
    .description("See where a capture's traffic went, and when.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--debug', 'print the stack of an unexpected error')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${printableUsage(text)}\n`) })
  addOptions(cli.command('analyze'), declared.ANALYZE_OPTIONS)
    .description('turn captures into a report: a globe that opens with a double click, a SQLite file, a printable page')
    .argument(
      '<file...>',
      'pcap or pcapng, uncompressed, gzip or zstd, or a folder with such files; several are merged by time; - is standard input',
    )
    .action(commands.analyze)
  addOptions(cli.command('slice'), declared.SLICE_OPTIONS)
    .description('copy the packets of selected conversations from the captures of a report')
    .argument('<report>', "a report's folder, or its traffic.sqlite")
    .action(commands.slice)
  addOptions(cli.command('export'), declared.EXPORT_OPTIONS)
    .description(
      'write reports as files that other programs read: logs of Zeek, events of Suricata, Elastic and OCSF, CSV, GeoJSON; or into ClickHouse',
    )
    .argument('[report...]', "reports' folders, or their traffic.sqlite; all go into the same files")
    .action(commands.export)
  addOptions(cli.command('query'), declared.QUERY_OPTIONS)
    .description('ask a lake of Parquet files, or a ClickHouse database, a question in SQL')
    .argument('<sql>', 'a SELECT over flows, hosts, names, dns, alerts, identities and link_traffic')
    .argument('<lake>', 'the folder that `rtnvis export --to parquet` wrote, or clickhouse://user@host:port/database')
    .action(commands.query)
  addOptions(cli.command('report'), declared.REPORT_OPTIONS)
    .description('make a report of a span of time in a lake of Parquet files, or in a ClickHouse database')
    .action(commands.report)
  addOptions(cli.command('merge'), declared.MERGE_OPTIONS)
    .description('make one report of several, without their captures')
    .argument('<report...>', "reports' folders, or their traffic.sqlite; in any order")
    .action(commands.merge)
  addOptions(cli.command('detect'), declared.DETECT_OPTIONS)
    .description('run the rules over reports again, without their captures: other thresholds, new block lists')
    .argument('<report...>', "reports' folders, or their traffic.sqlite")
    .action(commands.detect)
  addOptions(cli.command('watch'), declared.WATCH_OPTIONS)
    .description('analyse the captures that a rotation leaves in a folder, and merge their reports by hour or day')
    .argument('<folder>', 'the folder that captures are rotated in')
    .action(commands.watch)
  addOptions(cli.command('rules'), declared.RULES_OPTIONS)
    .description('list the detection rules with their thresholds and the sources of these')
    .action(commands.rules)
  addOptions(cli.command('manual'), declared.MANUAL_OPTIONS)
    .description('open the manual in a browser, and print its path')
    .action(commands.manual)
  addOptions(cli.command('site'), declared.SITE_OPTIONS)
    .description('write the analyzer to a folder: a page that analyses captures in the browser, to open from there or to serve')
    .argument('[path]', 'the folder, or the file (default: rtnvis-site, rtnvis.html)')
    .action(commands.site)
  addOptions(cli.command('verify'), declared.VERIFY_OPTIONS)
    .description('reproduce a report from its captures, recount them with other code, and list everything in it that differs')
    .argument('<dir>', "a report's folder")
    .action(commands.verify)
  addOptions(cli.command('live'), declared.LIVE_OPTIONS)
    .description('capture packets live; the report is on disk from the first second on')
    .action(commands.live)
  addOptions(cli.command('interfaces'), declared.INTERFACES_OPTIONS)
    .description('list the interfaces that live can capture on')
    .action(commands.interfaces)
  addOptions(cli.command('serve'), declared.SERVE_OPTIONS)
    .description('serve finished reports to browsers and programs, behind an access key')
    .argument('[dir]', 'a report, or a folder of reports', 'output')
    .action(commands.serve)
  const keys = cli.command('keys').description('make, list and remove the keys of `rtnvis serve --keys`')
  addOptions(keys.command('add'), declared.ADD_KEY_OPTIONS)
    .description('print a new key, once, and store its hash in the file')
    .argument('<name>', 'name of its owner')
    .action(commands.addKey)
  addOptions(keys.command('list'), declared.KEYS_OPTIONS)
    .description('names, roles and creation dates of the keys in the file')
    .action(commands.listKeys)
  addOptions(keys.command('remove'), declared.KEYS_OPTIONS)
    .description('remove a key')
    .argument('<name>', 'name of its owner')
    .action(commands.removeKey)
  return cli
}

/** commander's message with the option's value as it was typed; a suggestion is on a separate line. */
function printableUsage(text: string): string {
  const [line, proposal] = text.trimEnd().split(/\n(?=\(Did you mean [^\n]*$)/) as [string, string?]
  return proposal === undefined ? toPrintable(line) : `${toPrintable(line)} ${toPrintable(proposal)}`
}
