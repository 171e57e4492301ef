// Filters in the words of Wireshark and tcpdump, held against both: they take the text, and find as many packets as the database counts.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { translate } from '../../site/src/worker/answers/translate.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { FIELDS } from '../../src/filter/fields.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

let folder: string
let file: string
let demo: OpenReport
let sample: OpenReport

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-packets-'))
  file = join(folder, 'traffic.sqlite')
  const bytes = (await analyzeBytes(await readFile(CAPTURE))).export()
  await writeFile(file, bytes)
  const { Database } = await initSqlJs()
  demo = openReport(new Database(bytes), bytes)
  sample = openReport(new Database(await makeFilterDatabase()), null)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

function run(program: string, args: string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (done.error) throw new Error(`${program} is needed: run npm run test:setup`)
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`)
  return done.stdout
}

const countLines = (text: string) => text.split('\n').filter(Boolean).length
const inWireshark = (filter: string) => countLines(run('tshark', ['-n', '-r', CAPTURE, '-Y', filter, '-T', 'fields', '-e', 'frame.number']))
const inTcpdump = (filter: string) => countLines(run('tcpdump', ['-n', '-r', CAPTURE, filter]))

describe('on the demo capture', () => {
  it.each([
    ['ip:192.168.10.23', "c.ip = '192.168.10.23' OR s.ip = '192.168.10.23'"],
    [
      'proto:tcp ip:192.168.10.0/28',
      "transport = 'tcp' AND (c.ip GLOB '192.168.10.[0-9]' OR c.ip GLOB '192.168.10.1[0-5]' OR s.ip GLOB '192.168.10.[0-9]' OR s.ip GLOB '192.168.10.1[0-5]')",
    ],
    ['proto:tcp port:440..450', "transport = 'tcp' AND (client_port BETWEEN 440 AND 450 OR server_port BETWEEN 440 AND 450)"],
    ['proto:tcp -port:443', "transport = 'tcp' AND client_port <> 443 AND server_port <> 443"],
    ['proto:tcp (port:22 or port:25)', "transport = 'tcp' AND (22 IN (client_port, server_port) OR 25 IN (client_port, server_port))"],
    ['flow:3', 'flows.id = 3'],
  ])('%s finds the packets that the database counts', (filterText, where) => {
    const packets = Number(
      sqlite3(
        file,
        `SELECT sum(client_packets + server_packets) FROM flows JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id WHERE ${where}`,
      ),
    )
    const { wireshark, bpf } = translate(demo, { filterText, span: null })
    expect(packets).toBeGreaterThan(0)
    expect([wireshark.missing, bpf.missing]).toEqual([[], []])
    expect(inWireshark(wireshark.text), wireshark.text).toBe(packets)
    expect(inTcpdump(bpf.text), bpf.text).toBe(packets)
  })

  it('takes every field, or names it as left out', () => {
    for (const { example } of Object.values(FIELDS)) {
      const { wireshark, bpf } = translate(demo, { filterText: example, span: null })
      for (const [program, { text, missing }] of [
        ['tshark', wireshark],
        ['tcpdump', bpf],
      ] as const) {
        if (text === '') expect(missing, example).toEqual([example])
        else if (program === 'tshark') run('tshark', ['-n', '-r', CAPTURE, '-c', '1', '-Y', text])
        else run('tcpdump', ['-d', '-y', 'EN10MB', text])
      }
    }
  })
})

describe('what packets do not show', () => {
  it.each([
    ['ip:192.168.10.22 bytes>=100', 'ip host 192.168.10.22', ['bytes>=100']],
    ['app:tls ip:192.168.10.22', 'ip host 192.168.10.22', ['app:tls']],
    ['-app:tls ip:192.168.10.22', 'ip host 192.168.10.22', ['-app:tls']],
    ['(app:tls or port:22) proto:tcp', 'tcp', ['(app:tls or port:22)']], // one alternative alone would say less, not more
    ['-(proto:tcp app:tls) port:22', 'port 22', ['-(proto:tcp app:tls)']],
    ['proto:constructor port:22', 'port 22', ['proto:constructor']],
    ['time:0s..400s', '', ['time:0s..400s']],
  ])('%s is “%s” as BPF, without %j', (filterText, text, missing) => {
    expect(translate(demo, { filterText, span: null }).bpf).toMatchObject({ text, missing })
  })

  it.each([
    // Flows of the sample: see sample-database.ts.
    ['alert:any', 'tcp and ip host 200.160.2.3 and ip host 192.168.1.20 and port 40000 and port 22', []],
    ['-alert:any port:22', 'port 22', ['-alert:any']],
    ['country:DE', 'ip host 203.0.114.5', []],
    ['ip:2001:db8::/32', 'ip6 net 2001:db8::/32', []],
    ['ip:192.168.1.10..192.168.1.15', 'ip host 192.168.1.10', []],
  ])('%s is “%s” as BPF, a few conversations or addresses by name', (filterText, text, missing) => {
    expect(translate(sample, { filterText, span: null }).bpf).toMatchObject({ text, missing })
    run('tcpdump', ['-d', '-y', 'EN10MB', text])
  })

  it('a brushed span is a time in Wireshark and SQL, and named as left out of BPF', () => {
    const { sql, wireshark, bpf } = translate(sample, { filterText: 'port:443', span: { fromUs: 1_500_000, toUs: 2_000_000 } })
    expect(wireshark.text).toContain('frame.time_epoch >= 1772445601.500000 && frame.time_epoch <= 1772445602.000000')
    expect(sql.text).toContain('f.first_us <= 1772445602000000 AND f.last_us >= 1772445601500000')
    expect(bpf).toMatchObject({ text: 'port 443', missing: ['the chosen time'] })
  })

  it('the command that saves the packets says the filter and the time, each as one word of a shell', () => {
    const span = { fromUs: 1_500_000, toUs: 2_000_000 }
    for (const filterText of ['port:443', "name:it's", 'name:"$(reboot)"', 'name:`id` -o x', 'name:"a\\nb"']) {
      const { text } = translate(sample, { filterText, span }).slice
      const words = run('sh', ['-c', `rtnvis() { printf '%s\\n' "$@"; }; ${text}`])
      expect(words.split('\n')).toEqual([
        ...['slice', '.', '-o', 'packets.pcapng', '--filter', filterText],
        ...['--from', '2026-03-02T10:00:01.500000Z', '--to', '2026-03-02T10:00:02.000000Z', ''],
      ])
    }
  })

  it('hostile names stay within their quotation marks', () => {
    for (const name of ['a"b', 'a\\', 'x" or frame', "it's", '<img*', '=cmd|calc!A0', '\u202egnp'])
      run('tshark', [
        '-n',
        '-r',
        CAPTURE,
        '-c',
        '1',
        '-Y',
        translate(sample, { filterText: `name:${JSON.stringify(name)}`, span: null }).wireshark.text || 'tcp',
      ])
  })
})
