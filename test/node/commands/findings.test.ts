// What a user sees of findings on the command line: exit codes, the rules file, the list of rules. Runs dist/.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ethernet, ipv4, tcp } from '../../support/build.ts'
import { pcap } from '../../support/capture-files.ts'
import { changedBy, endlessView } from '../../support/hostile-databases.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rtnvis-findings-'))
const file = (name: string) => join(folder, name)

const syn = (i: number, target = '10.0.9.1') => ({
  atUs: 1_767_225_600_000_000 + i * 1000,
  bytes: ethernet(ipv4('10.0.0.5', target, tcp(40_000, i + 1, 'S'))),
})
beforeAll(() => {
  const packets = Array.from({ length: 40 }, (_, i) => syn(i))
  writeFileSync(file('scan.pcap'), pcap(packets))
  writeFileSync(file('listed.pcap'), pcap([...packets, syn(50, '200.160.2.3'), syn(51, '200.160.2.4')]))
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder })
}
const analyze = (...args: string[]) => run('analyze', 'scan.pcap', '--no-site', '-q', '--force', '-o', 'out', ...args)

test('--fail-on answers 3 from that severity on', () => {
  expect(analyze('--fail-on', 'high').status).toBe(0)
  expect(analyze('--fail-on', 'medium').status).toBe(3)
  expect(analyze('--fail-on', 'low').status).toBe(3)
  const wrong = analyze('--fail-on', 'severe')
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toBe('rtnvis: --fail-on severe: it must be one of info, low, medium, high\n')
})

test('a suppressed finding does not fail the run, and the summary has the line that suppressed it', () => {
  writeFileSync(file('ours.toml'), '[[suppress]]\nreason = "our scanner"\nsource = "10.0.0.5"\n')
  const { status, stdout } = analyze('--fail-on', 'low', '--rules', 'ours.toml', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ alerts: [], suppressions: [{ line: 1, reason: 'our scanner', findings: 1 }] })
})

test('a wrong rules file or baseline ends the run before reading', () => {
  writeFileSync(file('wrong.toml'), '[rules.port-scan]\nportz = 3\n')
  const wrong = analyze('--rules', 'wrong.toml')
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toContain('wrong.toml, line 2: port-scan has no threshold "portz"')
  expect(analyze('--rules', 'missing.toml').stderr).toContain('missing.toml: no such file')
  writeFileSync(file('no.sqlite'), 'no database')
  const baseline = analyze('--baseline', 'no.sqlite')
  expect(baseline.status).toBe(2)
  expect(baseline.stderr).toMatch(/^rtnvis: --baseline no\.sqlite: SQLite cannot read it: .+\n$/)
})

test('a baseline that is not a report is refused in one line, without waiting', async () => {
  spawnSync('mkfifo', [file('pipe.sqlite')])
  writeFileSync(file('view.sqlite'), await endlessView())
  writeFileSync(file('version.sqlite'), await changedBy('PRAGMA user_version = 7'))
  for (const [name, said] of [
    ['pipe.sqlite', 'it is a pipe or a device, not a file'],
    ['view.sqlite', 'it is not a report that this version of rtnvis can read: ticks is not a STRICT table'],
    ['version.sqlite', 'it is not a report that this version of rtnvis can read: its user_version is 7, this program reads version 1'],
  ] as const) {
    const { status, stderr } = analyze('--baseline', name)
    expect([status, stderr]).toEqual([2, `rtnvis: --baseline ${name}: ${said}\n`])
  }
})

test('rules are listed as text, as a file for --rules and as JSON', () => {
  expect(run('rules').stdout).toContain('port-scan (version 3, up to high, ATT&CK T1046)')
  writeFileSync(file('all.toml'), run('rules', '--toml').stdout)
  expect(analyze('--rules', 'all.toml', '--fail-on', 'medium').status).toBe(3)
  const rules = JSON.parse(run('rules', '--json').stdout) as { id: string; options: Record<string, { default: number }> }[]
  expect(rules.find(({ id }) => id === 'port-scan')?.options.ports?.default).toBe(15)
})

test('detect asks the rules again over reports, in turn, and says whose findings it did not make', () => {
  writeFileSync(file('old.txt'), '200.160.2.3\n')
  writeFileSync(file('new.txt'), '200.160.2.4\n')
  for (const out of ['one', 'two']) run('analyze', 'listed.pcap', '--no-site', '-q', '--blocklist', 'old.txt', '-o', out)

  const { stdout, stderr, status } = run('detect', 'one', 'two')
  expect(status).toBe(0)
  expect(stdout.match(/^\S+: \d findings?$/gm)).toEqual(['one: 2 findings', 'two: 2 findings'])
  expect(stdout).toMatch(/^ {2}medium 2026-01-01T00:00:00\.000000Z {2}port-scan: [^()]+$/m)
  expect(stdout).toMatch(/^ {2}medium 2026-01-01T00:00:00\.050000Z {2}blocklist: .*200\.160\.2\.3.* \(of its analysis\)$/m)
  expect(stderr).toBe('rtnvis: Not asked again: blocklist. Their findings are those of the analysis.\n')

  const found = (...args: string[]) => {
    const { notAsked, reports } = JSON.parse(run('detect', 'one', '--json', ...args).stdout)
    return {
      notAsked,
      rules: reports[0].findings.map(({ rule, isKept }: Record<string, unknown>) => `${rule}${isKept ? ', kept' : ''}`).sort(),
    }
  }
  expect(found()).toEqual({ notAsked: ['blocklist', 'new-destination'], rules: ['blocklist, kept', 'port-scan'] })
  expect(found('--blocklist', 'new.txt')).toEqual({ notAsked: ['new-destination'], rules: ['blocklist', 'port-scan'] })
  expect(run('detect', 'one', '--blocklist', 'new.txt').stdout).toMatch(/blocklist: .*200\.160\.2\.4/)
  writeFileSync(file('lenient.toml'), '[rules.port-scan]\nports = 100\nfast_ports = 100\n')
  expect(found('--rules', 'lenient.toml').rules).toEqual(['blocklist, kept'])
  expect(run('detect', 'one', '-q', '--fail-on', 'medium').status).toBe(3)
  expect(run('detect', 'one', 'no.sqlite').stderr).toMatch(/^rtnvis: no\.sqlite: .+\n$/)
})
