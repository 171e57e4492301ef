// Declaration of the command line: commands, arguments, options. cli.ts provides the functions; the manual's tables are generated from it.
import { Command } from 'commander'
import { toPrintable } from '../report/figures.ts'
import { addReportOptions, addServerOptions, collect, collectNumbers, parseCount } from './commands/options.ts'

/** One function per command: its arguments, then its options as parsed by commander. */
export type Commands = Record<
  'analyze' | 'slice' | 'rules' | 'manual' | 'site' | 'verify' | 'live' | 'interfaces' | 'serve' | 'addKey' | 'listKeys' | 'removeKey',
  // biome-ignore lint/suspicious/noExplicitAny: commander's own type; each command states its arguments
  (...given: any[]) => Promise<void>
>

/** @param version of the program */
export function program(version: string, commands: Commands): Command {
  const cli = new Command('rtnvis')
    .description("See where a capture's traffic went, and when.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--debug', 'print the stack of an unexpected error')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${printableUsage(text)}\n`) })
  addReportOptions(cli.command('analyze'), "the file's name")
    .description('turn captures into a report: a globe that opens with a double click, a SQLite file, a printable page')
    .argument(
      '<file...>',
      'pcap or pcapng, uncompressed, gzip or zstd, or a folder with such files; several are merged by time; - is standard input',
    )
    .option('-r, --recursive', 'read subfolders of a folder, too', false)
    .option('--deduplicate', 'leave out packets that were captured twice (mirror port, several interfaces), and count them', false)
    .option('--single-file', 'one index.html with everything in it, to send by mail', false)
    .option('--sign <key>', 'sign the report with this SSH key: SHA256SUMS and SHA256SUMS.sig (checked by rtnvis verify or ssh-keygen)')
    .option('--debug', 'print the stack of an unexpected error')
    .action(commands.analyze)
  cli
    .command('slice')
    .description('copy the packets of selected conversations from the captures of a report')
    .argument('<report>', "a report's folder, or its traffic.sqlite")
    .requiredOption('-o, --out <file>', 'the pcapng file to write; - is standard output')
    .option('--filter <text>', 'conversations that a filter of the page finds, e.g. "country:IS port:443"')
    .option('--alert <n>', 'conversations of an alert, by its number; may be repeated', collectNumbers, [])
    .option('--flow <n>', 'a conversation, by its number; may be repeated', collectNumbers, [])
    .option('--from <time>', 'only packets from this time on: 90s (since the first packet) or 2026-03-02T10:00:30Z')
    .option('--to <time>', 'only packets up to this time')
    .option('--capture <file...>', "the original captures (default: searched by name in this folder, the report's and its parent)")
    .option('--keep-secrets', 'also copy decryption secrets (TLS keys)', false)
    .option('--force', 'accept captures with another SHA-256, and replace an existing file', false)
    .option('-q, --quiet', 'print nothing', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(commands.slice)
  cli
    .command('rules')
    .description('list the detection rules with their thresholds and the sources of these')
    .option('--toml', 'print a commented file for --rules', false)
    .option('--json', 'print them as JSON', false)
    .action(commands.rules)
  cli
    .command('manual')
    .description('open the manual in a browser, and print its path')
    .option('--no-open', 'only print its path')
    .action(commands.manual)
  cli
    .command('site')
    .description('write the analyzer to a folder: a page that analyses captures in the browser, to open from there or to serve')
    .argument('[dir]', 'the folder', 'rtnvis-site')
    .option('--force', 'write into a folder that has other files in it', false)
    .action(commands.site)
  cli
    .command('verify')
    .description('reproduce a report from its captures, recount them with other code, and list everything in it that differs')
    .argument('<dir>', "a report's folder")
    .option('--capture <file...>', "the original captures (default: searched by name in this folder, the report's and its parent)")
    .option('--geoip <path>', 'the MaxMind database of its analysis (default: the one analyze would use)')
    .option('--rules <file>', 'the rules file of its analysis (default: searched like captures)')
    .option('--blocklist <file>', 'a blocklist of its analysis; may be repeated (default: searched like captures)', collect, [])
    .option('--baseline <report>', 'the baseline of its analysis (default: searched like captures)')
    .option('--check-signature <key.pub>', 'check that this SSH key signed the report and that it is unchanged')
    .option('--json', 'print the checks as JSON', false)
    .option('-q, --quiet', 'print only what differs', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(commands.verify)
  const live = cli
    .command('live')
    .description('capture packets live; the report is on disk from the first second on')
    .option('-i, --interface <name>', 'interface to capture on, or any (default: the one with the default route)')
    .option('--duration <time>', 'how long: 90s, 10m, 1h30m (default: until Ctrl-C)')
    .option('-c, --count <n>', 'end after n packets', parseCount)
    .option('-f, --filter <bpf>', 'capture only packets that match this filter (pcap-filter)')
    .option('--http', 'the filter "tcp port 80 or tcp port 443"', false)
    .option('-w, --write <file>', 'also write the raw packets to this file')
    .option('-C, --file-size <n>', 'start the next raw file after n million bytes', parseCount)
    .option('-G, --rotate-seconds <n>', 'start the next raw file after n seconds; its name may contain strftime conversions', parseCount)
    .option('-W, --file-count <n>', 'with -C: use n raw files in turn; with -G: end after n', parseCount)
    .option('-Z, --user <name>', 'become this user once the device is open (default: whoever called sudo)')
    .option('--via <program>', 'program that captures: tcpdump, dumpcap or cap (default: the first that is installed)')
    .option('--serve', 'serve the live view while capturing', false)
  addServerOptions(addReportOptions(live, 'interface and time'))
    .option('--debug', 'print the stack of an unexpected error')
    .action(commands.live)
  cli
    .command('interfaces')
    .description('list the interfaces that live can capture on')
    .option('--json', 'print them as JSON', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(commands.interfaces)
  addServerOptions(cli.command('serve'))
    .description('serve finished reports to browsers and programs, behind an access key')
    .argument('[dir]', 'a report, or a folder of reports', 'output')
    .option('-q, --quiet', 'print only the address', false)
    .option('--debug', 'print the stack of an unexpected error')
    .action(commands.serve)
  const keys = cli.command('keys').description('make, list and remove the keys of `rtnvis serve --keys`')
  const file = ['--file <file>', 'the key file'] as const
  keys
    .command('add')
    .description('print a new key, once, and store its hash in the file')
    .argument('<name>', 'name of its owner')
    .requiredOption(...file)
    .option('--role <role>', 'viewer (pages), analyst (databases, too) or admin (all)', 'viewer')
    .action(commands.addKey)
  keys
    .command('list')
    .description('names, roles and creation dates of the keys in the file')
    .requiredOption(...file)
    .action(commands.listKeys)
  keys
    .command('remove')
    .description('remove a key')
    .argument('<name>', 'name of its owner')
    .requiredOption(...file)
    .action(commands.removeKey)
  return cli
}

/** commander's message with the option's value as it was typed; a suggestion is on a separate line. */
function printableUsage(text: string): string {
  const [line, proposal] = text.trimEnd().split(/\n(?=\(Did you mean [^\n]*$)/) as [string, string?]
  return proposal === undefined ? toPrintable(line) : `${toPrintable(line)} ${toPrintable(proposal)}`
}
