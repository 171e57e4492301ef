// `rtnvis analyze --each`: a report for every capture, the same as the capture alone gives; what is wrong with one does not stop the others.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { folderNames } from '../../../src/node/output/report-list.ts'
import { CLI } from '../../faults/support.ts'
import { sqlite3 } from '../../support/sqlite3.ts'

const FIXTURES = new URL('../../../fixtures/', import.meta.url)
const NAMES = ['demo', 'format-gzip', 'names-dns', 'fragments-ipv4']

const base = mkdtempSync(join(tmpdir(), 'rtnvis-each-'))
let folder: string
let trial = 0
beforeEach(() => {
  folder = join(base, `trial-${++trial}`)
  mkdirSync(join(folder, 'captures'), { recursive: true })
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

function rtnvis(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
}

/** Copies the input of a fixture to captures/NAME with its extension. */
function capture(fixture: string, name: string): void {
  const from = new URL(`${fixture}/`, FIXTURES)
  const input = readdirSync(from).find((file) => file.startsWith('input.'))!
  copyFileSync(new URL(input, from), join(folder, 'captures', input.replace('input', name)))
}

test('each report has the bytes that its capture alone gives', () => {
  for (const name of NAMES) capture(name, name)
  expect(rtnvis('analyze', '--each', 'captures', '-o', 'reports', '-q')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  expect(readdirSync(join(folder, 'reports')).sort()).toEqual([...NAMES, 'index.html'].sort())
  for (const file of readdirSync(join(folder, 'captures'))) {
    expect(rtnvis('analyze', join('captures', file), '-o', 'alone', '-q').status).toBe(0)
    const each = join(folder, 'reports', file.split('.')[0])
    for (const name of ['traffic.sqlite', 'report.html', 'assets/data/manifest.js', 'assets/data/part-0.js'])
      expect(readFileSync(join(each, name)).equals(readFileSync(join(folder, 'alone', name))), `${file}: ${name}`).toBe(true)
  }
  const list = readFileSync(join(folder, 'reports/index.html'), 'utf8')
  for (const name of NAMES) expect(list).toContain(`href="./${name}/index.html"`)
})

test('the reports share the files of the page, and each goes on without the others', () => {
  for (const name of NAMES) capture(name, name)
  expect(rtnvis('analyze', '--each', 'captures', '-o', 'reports', '-q').status).toBe(0)
  const files = (name: string) => ['index.html', 'assets/worker.js', 'assets/app.css'].map((file) => join(folder, 'reports', name, file))
  for (const file of files('demo')) expect(statSync(file).nlink, file).toBe(NAMES.length)
  const before = files('demo').map((file) => readFileSync(file))
  rmSync(join(folder, 'reports/demo'), { recursive: true })
  expect(rtnvis('analyze', 'captures/demo.pcapng', '-o', 'reports/demo', '-q').status).toBe(0)
  for (const [i, file] of files('demo').entries()) expect([statSync(file).nlink, readFileSync(file).equals(before[i])]).toEqual([1, true])
  for (const [i, file] of files('names-dns').entries()) expect(readFileSync(file).equals(before[i]), file).toBe(true)
})

test('a file that is no capture is one line, and the others have reports', () => {
  capture('demo', 'good')
  writeFileSync(join(folder, 'captures/notes.txt'), 'not a capture at all\n')
  const run = rtnvis(
    'analyze',
    '--each',
    'captures/notes.txt',
    'captures/good.pcapng',
    'captures/missing.pcap',
    '-o',
    'reports',
    '--no-site',
    '--json',
  )
  expect(run.status).toBe(1)
  expect(readdirSync(join(folder, 'reports'))).toEqual(['good'])
  const lines = run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { capture: string; folder?: string; report?: { packets: number }; error?: string })
  expect(lines.map(({ capture, folder }) => [capture, folder])).toEqual([
    ['captures/notes.txt', undefined],
    ['captures/good.pcapng', join('reports', 'good')],
    ['captures/missing.pcap', undefined],
  ])
  const packets = Number(sqlite3(join(folder, 'reports/good/traffic.sqlite'), 'SELECT sum(packets) FROM captures'))
  expect(packets).toBeGreaterThan(0)
  expect(lines[1].report!.packets).toBe(packets)
  expect(lines[0].error).toMatch(/^captures\/notes\.txt /)
  expect(run.stderr).toMatch(/^rtnvis: captures\/missing\.pcap: no such file/m)
  expect(run.stderr.trimEnd().split('\n').at(-1)).toBe('rtnvis: 2 of 3 captures have no report; the others are in reports')
})

test('--fail-on looks at all of them', () => {
  capture('demo', 'a-demo')
  capture('names-dns', 'b-names')
  const codes = ['medium', 'high'].map(
    (severity) => rtnvis('analyze', '--each', 'captures', '-o', 'reports', '--no-site', '-q', '--fail-on', severity).status,
  )
  const severities = sqlite3(join(folder, 'reports/a-demo/traffic.sqlite'), 'SELECT DISTINCT severity FROM alerts')
  expect(severities).toContain('medium')
  expect(severities).not.toContain('high')
  expect(codes).toEqual([3, 0])
})

describe('what it refuses', () => {
  test('a title, and standard input', () => {
    expect(rtnvis('analyze', '--each', 'captures', '--name', 'x')).toMatchObject({ status: 2, stderr: expect.stringContaining('--name') })
    expect(rtnvis('analyze', '--each', '-')).toMatchObject({ status: 2, stderr: expect.stringContaining('standard input') })
  })

  test('a folder that is a report, or whose index.html is not a list of reports', () => {
    capture('demo', 'demo')
    expect(rtnvis('analyze', 'captures/demo.pcapng', '-o', 'one', '-q').status).toBe(0)
    expect(rtnvis('analyze', '--each', 'captures', '-o', 'one')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^rtnvis: one is a report: /),
    })
    mkdirSync(join(folder, 'home'))
    writeFileSync(join(folder, 'home/index.html'), '<title>My page</title>')
    expect(rtnvis('analyze', '--each', 'captures', '-o', 'home')).toMatchObject({ status: 1, stderr: expect.stringContaining('--force') })
    expect(readFileSync(join(folder, 'home/index.html'), 'utf8')).toBe('<title>My page</title>')
    expect(rtnvis('analyze', '--each', 'captures', '-o', 'home', '--force', '-q').status).toBe(0)
    expect(rtnvis('analyze', '--each', 'captures', '-o', 'home', '-q').status).toBe(0)
  })
})

test('folders of captures with the same name differ, also where capital letters do not count', () => {
  expect(folderNames(['a/x.pcap', 'b/y.pcap'])).toEqual(['x', 'y'])
  expect(folderNames(['x.pcap', 'x.pcapng', 'y.pcap'])).toEqual(['x.pcap', 'x.pcapng', 'y'])
  expect(folderNames(['a/x.pcap', 'b/x.pcap', 'b/X.PCAP'])).toEqual(['a-x.pcap', 'b-x.pcap-1', 'b-X.PCAP-2'])
})
