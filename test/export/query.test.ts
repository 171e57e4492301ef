// `rtnvis query`: a lake made by `rtnvis export`, asked with the real DuckDB; figures are those of the report's SQLite by its own program. Runs dist/.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAddress } from '../../src/decode/address.ts'
import { UsageError } from '../../src/errors.ts'
import { communityId } from '../../src/flows/community-id.ts'
import { Lake } from '../../src/node/lake/lake.ts'
import { CLI, exportLake, makeDemoLake, ROOT } from '../support/demo-lake.ts'

const folder = mkdtempSync(join(tmpdir(), "rtnvis-query-[a]*'-"))
const LAKE = join(folder, 'lake')

beforeAll(() => {
  makeDemoLake(folder, LAKE, 'Büro/1')
})
afterAll(() => rmSync(folder, { recursive: true }))

function query(sql: string, ...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'query', sql, LAKE, ...options], { encoding: 'utf8', cwd: folder })
  return { status, stdout, stderr }
}

function sqlite(sql: string): unknown[] {
  return JSON.parse(execFileSync('sqlite3', ['-json', join(folder, 'demo/traffic.sqlite'), sql], { encoding: 'utf8' }))
}

const filesOf = (table: string) =>
  readdirSync(join(LAKE, table), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => join(LAKE, table, name))

test('sums over countries, states and names are those of the report', () => {
  const inLake = (sql: string) => JSON.parse(query(sql, '--json').stdout)
  expect(
    inLake(`SELECT client_ip AS ip, server_country_code AS country, sum(client_bytes) AS bytes, count(*) AS flows FROM flows
    WHERE day = '2026-03-17' AND sensor = 'Büro/1' GROUP BY ALL ORDER BY ALL NULLS FIRST`),
  ).toEqual(
    sqlite(`SELECT c.ip, p.country_code AS country, sum(client_bytes) AS bytes, count(*) AS flows FROM flows
      JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id LEFT JOIN places p ON p.id = s.place_id AND p.precision <> 'origin'
      GROUP BY 1, 2 ORDER BY 1, 2`),
  )
  expect(
    inLake(
      'SELECT (SELECT count(*) FROM hosts) AS hosts, (SELECT count(*) FROM names) AS names, (SELECT count(*) FROM dns) AS dns, (SELECT count(*) FROM identities) AS identities, (SELECT sum(flows) FROM alerts) AS flows',
    ),
  ).toEqual(
    sqlite(
      'SELECT (SELECT count(*) FROM hosts) AS hosts, (SELECT count(*) FROM names) AS names, (SELECT count(*) FROM dns_queries) AS dns, (SELECT count(*) FROM identities) AS identities, (SELECT sum(flows) FROM alerts) AS flows',
    ),
  )
  expect(inLake("SELECT min(first) AS first FROM flows WHERE state = 'REJ'")).toEqual(
    sqlite(
      "SELECT strftime('%Y-%m-%dT%H:%M:%S.', min(first_us) / 1000000, 'unixepoch') || printf('%06dZ', min(first_us) % 1000000) AS first FROM flows WHERE state = 'REJ'",
    ),
  )
  expect(inLake("SELECT uid FROM flows WHERE day = '2026-03-18'")).toEqual([])
})

test('a table is aligned, CSV safe in a spreadsheet, and no control character leaves', () => {
  const sql =
    "SELECT '=1+1' AS formula, 'a' || chr(27) || '[1m' AS escape, 12345678901234567890 AS large, [1, 2] AS list, -5 AS number, NULL AS nothing"
  expect(query(sql).stdout).toBe(
    [
      'formula  escape    large                 list   number  nothing',
      '───────  ────────  ────────────────────  ─────  ──────  ───────',
      '=1+1     a\\x1b[1m  12345678901234567890  [1,2]      -5        –',
      '',
    ].join('\n'),
  )
  expect(query(sql, '--csv').stdout).toBe(
    `formula,escape,large,list,number,nothing\r\n'=1+1,a\\x1b[1m,12345678901234567890,"[1,2]",-5,\r\n`,
  )
  expect(JSON.parse(query(sql, '--json').stdout)).toEqual([
    { formula: '=1+1', escape: 'a\x1b[1m', large: '12345678901234567890', list: [1, 2], number: -5, nothing: null },
  ])
  const many = query('SELECT range AS n FROM range(3000)')
  expect([many.stdout.split('\n').length, many.stderr]).toEqual([
    1003,
    'rtnvis: only the first 1,000 rows are shown: --csv and --json print all\n',
  ])
  expect(query('SELECT range AS n FROM range(3000)', '--csv').stdout.split('\r\n')).toHaveLength(3002)
  expect(query('SELECT range AS n FROM range(1000)').stderr).toBe('')
})

test('no statement writes, reads another file, reaches the network or changes the engine', async () => {
  writeFileSync(join(folder, 'secret.csv'), 'a,b\n1,2\n')
  symlinkSync(
    join(folder, 'secret.csv'),
    join(LAKE, 'flows/day=2026-03-17', readdirSync(join(LAKE, 'flows/day=2026-03-17'))[0], 'link.parquet'),
  )
  const before = readdirSync(folder, { recursive: true }).sort()
  const own = filesOf('flows')[0]
  const hostile = [
    `COPY flows TO '${join(folder, 'out.csv').replaceAll("'", "''")}'`,
    `COPY flows TO '${join(LAKE, 'out.csv').replaceAll("'", "''")}'`,
    `COPY flows TO '${own.replaceAll("'", "''")}'`,
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'secret.csv'",
    "SELECT * FROM parquet_metadata('secret.csv')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('https://127.0.0.1/x.parquet')",
    "SELECT * FROM parquet_schema('https://127.0.0.1/x.parquet')",
    `ATTACH '${join(LAKE, 'x.db').replaceAll("'", "''")}'`,
    "ATTACH 'x.db'",
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    'RESET allowed_paths',
    'PRAGMA enable_profiling',
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'out.csv'",
    "CALL enable_logging(storage = 'file', storage_config = {'path': '.'})",
    "SELECT * FROM enable_logging(storage = 'file', storage_config = {'path': '.'})",
    "WITH x AS (SELECT (SELECT count(*) FROM system.main.ENABLE_LOGGING(storage = 'file'))) FROM x",
    "SELECT * FROM query('SELECT * FROM enable_logging()')",
    "EXPORT DATABASE 'out'",
    'CREATE TABLE t (a INT)',
    'DROP VIEW flows',
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    'SELECT 1; SELECT 2',
    'SELECT 1; CREATE TABLE t (a INT)',
  ]
  const lake = await Lake.open(LAKE, new AbortController().signal)
  for (const sql of hostile) {
    const refused = await lake.ask(sql).catch((error: unknown) => error)
    expect(refused, sql).toBeInstanceOf(UsageError)
    expect((refused as Error).message, sql).toMatch(
      /^(only SELECT is|one statement|[a-z_]+\(\) is not allowed|Catalog Error|Permission Error)[^\n]*$/,
    )
  }
  await lake.close()
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before)
  expect(JSON.parse(query('SELECT count(*) AS n FROM flows', '--json').stdout)).toEqual(sqlite('SELECT count(*) AS n FROM flows'))
})

test('wrong SQL, a folder that is no lake and a damaged file are one line each', () => {
  const lines: [string, string, number, RegExp][] = [
    ['SELEC 1', LAKE, 2, /^rtnvis: the SQL is wrong: syntax error at or near "SELEC"\n$/],
    ['', LAKE, 2, /^rtnvis: the SQL is empty\n$/],
    ['SELECT nothing FROM flows', LAKE, 2, /^rtnvis: Binder Error: Referenced column "nothing" not found .+\n$/],
    ['SELECT 1', join(folder, 'missing'), 1, /missing: no such file.*\n$/],
    ['SELECT 1', folder, 1, / has no Parquet files of a lake: rtnvis export REPORT --to parquet -o .+ writes them\n$/],
  ]
  cpSync(LAKE, join(folder, 'damaged'), { recursive: true })
  const damaged = readdirSync(join(folder, 'damaged/flows'), { recursive: true })
    .map(String)
    .find((name) => name.endsWith('.parquet'))!
  writeFileSync(join(folder, 'damaged/flows', damaged), readFileSync(filesOf('flows')[0]).subarray(0, 5000))
  lines.push(['FROM flows', join(folder, 'damaged'), 1, /damaged: DuckDB stopped: .*No magic bytes found at end of file .+\n$/])
  for (const [sql, lake, status, line] of lines) {
    const { status: found, stderr } = spawnSync(process.execPath, [CLI, 'query', sql, lake], { encoding: 'utf8', cwd: folder })
    expect([sql, found, stderr.split('\n').length]).toEqual([sql, status, 2])
    expect(stderr).toMatch(line)
  }
  expect(query('SELECT 1', '--csv', '--json').stderr).toBe('rtnvis: --csv or --json: choose one of them\n')
})

test('every conversation has a uid of its own; Community IDs are most of the bytes, and are computed where they were left out', () => {
  const small = join(folder, 'without')
  exportLake(join(folder, 'demo'), small, '--no-community-id')
  const sql =
    "SELECT count(*) AS n, count(DISTINCT uid) AS uids, count(community_id) AS ids FROM flows WHERE regexp_full_match(uid, 'C[0-9A-Za-z]{17}')"
  const [flows] = sqlite('SELECT count(*) AS n, count(community_id) AS ids FROM flows') as { n: number; ids: number }[]
  expect(JSON.parse(query(sql, '--json').stdout)).toEqual([{ ...flows, uids: flows.n }])
  const inSmall = (text: string) =>
    JSON.parse(spawnSync(process.execPath, [CLI, 'query', text, small, '--json'], { encoding: 'utf8' }).stdout)
  // Those of ICMP follow from its messages, which are not in a lake.
  const [{ icmp }] = sqlite('SELECT count(community_id) AS icmp FROM flows WHERE protocol_number IN (1, 58)') as { icmp: number }[]
  expect(inSmall(sql)).toEqual([{ n: flows.n, uids: flows.n, ids: flows.ids - icmp }])
  const idsOf = 'SELECT community_id, client_ip, first FROM flows WHERE protocol_number IN (6, 17, 132) ORDER BY ALL'
  expect(inSmall(idsOf)).toEqual(JSON.parse(query(idsOf, '--json').stdout))
  const bytesOf = (path: string) => readFileSync(path).length
  const smaller = readdirSync(join(small, 'flows'), { recursive: true })
    .map(String)
    .find((name) => name.endsWith('.parquet'))!
  expect((bytesOf(filesOf('flows')[0]) - bytesOf(join(small, 'flows', smaller))) / flows.n).toBeGreaterThan(20)
})

test('Community IDs in SQL are those of the program, for every form of an address', async () => {
  const ends: [number, string, number, string, number][] = [
    [6, '128.232.110.120', 34_855, '66.35.250.204', 80],
    [6, '10.0.0.1', 5, '10.0.0.1', 4],
    [6, 'fe80::1', 1, '2001:db8::', 65_535],
    [17, '::ffff:1.2.3.4', 9, '::1', 8],
    [6, '::', 9, '2001:db8:0:1:1:1:1:1', 8],
    [132, '1:2:3:4:5:6:7:8', 9, '1::8', 8],
  ]
  const expected = ends.map(([protocol, client, clientPort, server, serverPort]) =>
    communityId(protocol, { address: parseAddress(client)!, port: clientPort }, { address: parseAddress(server)!, port: serverPort }),
  )
  // Of the specification's baseline.
  expect(expected[0]).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=')
  const values = ends.map(
    ([protocol, client, clientPort, server, serverPort]) => `(${protocol}, '${client}', ${clientPort}, '${server}', ${serverPort})`,
  )
  const sql = `SELECT community_id(p, c, cp, s, sp) AS id FROM (VALUES ${values.join()}, (1, '10.0.0.1', NULL, '10.0.0.2', NULL)) v(p, c, cp, s, sp)`
  expect(JSON.parse(query(sql, '--json').stdout)).toEqual([...expected, null].map((id) => ({ id })))
})

test('a table that a lake has not is empty, with its columns', () => {
  const small = join(folder, 'small')
  mkdirSync(small)
  cpSync(join(LAKE, 'hosts'), join(small, 'hosts'), { recursive: true })
  const { stdout } = spawnSync(
    process.execPath,
    [CLI, 'query', 'SELECT count(*) AS n, sum(client_bytes) AS bytes FROM flows', small, '--csv'],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('n,bytes\r\n0,\r\n')
})

test('SHOW TABLES lists the tables of the manual and no others', () => {
  const { stdout } = spawnSync(process.execPath, [CLI, 'query', 'SHOW TABLES', LAKE, '--csv'], { encoding: 'utf8' })
  expect(stdout.split('\r\n')).toEqual(['name', 'alerts', 'dns', 'flows', 'hosts', 'identities', 'link_traffic', 'names', ''])
})

test('without DuckDB one line says how to get it', () => {
  const alone = join(folder, 'alone')
  cpSync(join(ROOT, 'dist/node'), join(alone, 'dist/node'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(alone, 'package.json'))
  const { status, stderr } = spawnSync(process.execPath, [join(alone, 'dist/node/cli.js'), 'query', 'SELECT 1', LAKE], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([
    1,
    'rtnvis: lakes are read by DuckDB, which is not installed: npm install @duckdb/node-api (with -g if rtnvis is installed so)\n',
  ])
  expect(existsSync(join(alone, 'node_modules'))).toBe(false)
})
