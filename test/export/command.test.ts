// `rtnvis export`: what a user sees. Runs dist/.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { changedBy, endlessView } from '../support/hostile-databases.ts'
import { makeSampleDatabase } from '../support/sample-database.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rtnvis-export-'))

beforeAll(async () => {
  writeFileSync(join(folder, 'one.sqlite'), await makeFilterDatabase())
  writeFileSync(join(folder, 'two.sqlite'), await makeSampleDatabase())
  writeFileSync(join(folder, 'view.sqlite'), await endlessView())
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  return spawnSync(process.execPath, [CLI, 'export', ...args], { encoding: 'utf8', cwd: folder })
}

test('several reports go into the same files, which a second run replaces only if it is told to', () => {
  const made = run('one.sqlite', 'two.sqlite', '--to', 'geojson', '-o', 'out')
  expect([made.status, made.stderr]).toEqual([
    0,
    `rtnvis: ${join('out', 'places.geojson')}: 8 records\nrtnvis: ${join('out', 'arcs.geojson')}: 8 records\n`,
  ])
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['arcs.geojson', 'places.geojson'])
  const before = readFileSync(join(folder, 'out/arcs.geojson'), 'utf8')
  expect(JSON.parse(before).features).toHaveLength(8)
  const again = run('one.sqlite', 'two.sqlite', '--to', 'geojson', '-o', 'out')
  expect([again.status, again.stderr]).toEqual([
    2,
    `rtnvis: ${join('out', 'places.geojson')} exists already: choose another folder, or replace it with --force\n`,
  ])
  mkdirSync(join(folder, 'out/.rtnvis-draft-999999999')) // of a run that was killed
  expect(run('one.sqlite', 'two.sqlite', '--to', 'geojson', '-o', 'out', '--force', '-q').status).toBe(0)
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['arcs.geojson', 'places.geojson'])
  expect(readFileSync(join(folder, 'out/arcs.geojson'), 'utf8')).toBe(before)
})

test('a lake gets a folder for each table, day and sensor, and the same files again', () => {
  const made = run('one.sqlite', '--to', 'parquet', '-o', 'lake', '--sensor', 'Büro/1')
  expect([made.status, made.stderr.split('\n')[0]]).toEqual([0, `rtnvis: ${join('lake', 'flows')}: 8 records`])
  const files = () =>
    readdirSync(join(folder, 'lake'), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.parquet'))
      .sort()
  const flows = files().filter((name) => name.startsWith('flows'))
  expect(flows).toHaveLength(1)
  expect(flows[0].split(sep).slice(0, -1)).toEqual(['flows', 'day=2026-03-02', 'sensor=B%C3%BCro%2F1'])
  const before = files().map((name) => readFileSync(join(folder, 'lake', name), 'base64'))
  expect(run('one.sqlite', '--to', 'parquet', '-o', 'lake', '--sensor', 'Büro/1', '-q').status).toBe(0)
  expect(files().map((name) => readFileSync(join(folder, 'lake', name), 'base64'))).toEqual(before)
})

test('rows that a report made anew does not have any more leave the lake, those of other reports and sensors stay', async () => {
  const lake = join(folder, 'lake-anew')
  const files = (table: string) =>
    readdirSync(join(lake, table), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.parquet'))
      .sort()
  const toLake = (report: string, sensor: string) => run(report, '--to', 'parquet', '-o', 'lake-anew', '--sensor', sensor, '-q')
  const asked = "INSERT INTO dns_queries (flow_id, at_us, name, type) SELECT id, first_us, 'a.example', 'A' FROM flows LIMIT 1"
  writeFileSync(join(folder, 'before.sqlite'), await changedBy(asked))
  expect(toLake('before.sqlite', 'a').status).toBe(0)
  const own = files('dns')
  expect(own).toHaveLength(1)
  for (const [report, sensor] of [
    ['before.sqlite', 'b'],
    ['one.sqlite', 'a'],
  ])
    expect(toLake(report, sensor).status).toBe(0)
  const [questions, flows] = [files('dns'), files('flows')]
  expect(questions.length).toBeGreaterThan(own.length)
  expect(toLake('two.sqlite', 'a')).toMatchObject({ status: 0, stderr: '' })
  expect(files('dns')).toEqual(questions.filter((name) => !own.includes(name)))
  expect(files('flows')).toEqual(flows)
})

test('what cannot be exported is one line, and leaves nothing', () => {
  const lines: [string[], number, RegExp][] = [
    [['view.sqlite', '--to', 'csv'], 1, /^rtnvis: view\.sqlite: it is not a report .+ ticks is not a STRICT table\n$/],
    [['one.sqlite', 'view.sqlite', '--to', 'csv'], 1, /^rtnvis: view\.sqlite: it is not a report .+\n$/],
    [['missing', '--to', 'csv'], 1, /^rtnvis: missing: no such file.*\n$/],
    [['one.sqlite', 'one.sqlite', '--to', 'csv'], 2, /^rtnvis: one\.sqlite is named twice\n$/],
    [['one.sqlite', '--to', 'csv', '--json'], 2, /^rtnvis: --json: only the logs of --to zeek have two forms\n$/],
    [['one.sqlite', '--to', 'csv', '--private'], 2, /^rtnvis: --private: only --to stix and misp leave out what is private\n$/],
    [['one.sqlite', '--to', 'csv', '--sensor', 'x'], 2, /^rtnvis: --sensor: only --to parquet and clickhouse:.+ have sensors\n$/],
    [
      ['one.sqlite', '--to', 'csv', '--no-community-id'],
      2,
      /^rtnvis: --no-community-id: only --to parquet and clickhouse:.+ can leave them out\n$/,
    ],
    [
      ['one.sqlite', '--to', 'parchment'],
      2,
      /It must be one of zeek, eve, ecs, ocsf, csv, geojson, netflow-csv, stix, misp, parquet, clickhouse:.+\./,
    ],
  ]
  for (const [args, status, line] of lines) {
    const { status: found, stderr } = run(...args, '-o', 'none')
    expect([args, found]).toEqual([args, status])
    expect(stderr).toMatch(line)
    expect(existsSync(join(folder, 'none'))).toBe(false)
  }
})
