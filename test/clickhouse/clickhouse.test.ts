// ClickHouse's engine filled by `rtnvis export`, asked by `rtnvis query`, read by `rtnvis report`: against the report's SQLite by its own program, and the
// lake of the same report. Runs dist/.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clickhousePlace } from '../../src/node/lake/clickhouse-place.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { type ClickhouseServer, HAS_CLICKHOUSE, PASSWORD, startClickhouse } from './server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = join(ROOT, 'dist/node/cli.js')
const TABLES = ['flows', 'hosts', 'names', 'dns', 'alerts', 'identities', 'link_traffic']
const ROLL_UPS = ['traffic_1m', 'traffic_5m', 'traffic_1h', 'pairs_1h']
const SENSOR = "Büro/1 'x\\"

test('an address has no password, and names one database', () => {
  expect(clickhousePlace('clickhouse://me%40home@db.example/traffic')).toEqual({
    name: 'clickhouse://db.example:8123/traffic',
    url: 'http://db.example:8123',
    user: 'me@home',
    database: 'traffic',
  })
  expect(clickhousePlace('clickhouse://[::1]:9/t?secure')).toMatchObject({ url: 'https://[::1]:9', user: 'default', database: 't' })
  expect(clickhousePlace('clickhouse://db.example?secure')).toMatchObject({ url: 'https://db.example:8443', database: 'default' })
  for (const [address, line] of [
    ['clickhouse://', /has the form clickhouse:/],
    ['clickhouse://me:geheim@db.example/traffic', /^a password is not given on the command line: set the variable CLICKHOUSE_PASSWORD$/],
    ['clickhouse://db.example/a;DROP', /^the name of a database has letters, digits and underscores/],
    ['clickhouse://db.example/a/b', /^the name of a database/],
    ['clickhouse://db.example/a?readonly=0', /can be followed by \?secure and nothing else$/],
    ['clickhouse://%ff@db.example/a', /^the name of a user/],
  ] as const)
    expect(() => clickhousePlace(address), address).toThrow(line)
})

describe.skipIf(!HAS_CLICKHOUSE)('ClickHouse (skipped where npm run test:setup has not installed chdb)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-clickhouse-'))
  let server: ClickhouseServer

  beforeAll(async () => {
    writeFileSync(join(folder, 'other.sqlite'), await makeFilterDatabase())
    execFileSync(process.execPath, [
      CLI,
      'analyze',
      join(ROOT, 'fixtures/demo/input.pcapng'),
      '-o',
      join(folder, 'demo'),
      '-q',
      '--no-site',
    ])
    execFileSync(process.execPath, [CLI, 'export', join(folder, 'demo'), '--to', 'parquet', '-o', join(folder, 'lake'), '--sensor', SENSOR])
    server = await startClickhouse(join(folder, 'server'))
  })
  beforeEach(async () => {
    for (const table of [...TABLES, ...ROLL_UPS]) await server.run(`TRUNCATE TABLE ${table}`)
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  function rtnvis(...args: string[]) {
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, CLICKHOUSE_PASSWORD: PASSWORD }
      execFile(process.execPath, [CLI, ...args], { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
      )
    })
  }
  const exportTo = (report: string, ...options: string[]) =>
    rtnvis('export', report, '--to', server.address, '--sensor', SENSOR, ...options)
  const query = async (sql: string, place = server.address) => JSON.parse((await rtnvis('query', sql, place, '--json')).stdout)
  const sqlite = (sql: string, report = 'demo'): unknown[] =>
    JSON.parse(
      execFileSync('sqlite3', ['-json', join(folder, report, 'traffic.sqlite'), sql], { encoding: 'utf8', maxBuffer: 1 << 26 }) || '[]',
    )

  test('every column of every table is what the lake has, and an export that is repeated changes nothing', async () => {
    const first = await exportTo('demo')
    expect([first.status, first.stderr.split('\n')[0]]).toEqual([
      0,
      `rtnvis: clickhouse://127.0.0.1:${server.port}/traffic, flows: 1,243 records`,
    ])
    const contents = async (place: string) => {
      const rows: Record<string, unknown[]> = {}
      for (const table of TABLES) {
        const all = await query(`SELECT * ${place === server.address ? 'EXCEPT (report, version)' : ''} FROM ${table}`, place)
        rows[table] = all.map((row: object) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()
      }
      return rows
    }
    const sums = () =>
      query(
        ROLL_UPS.map(
          (table) => `SELECT sum(flows) AS flows, sum(client_bytes) AS bytes, sum(server_packets) AS packets FROM ${table}`,
        ).join(' UNION ALL '),
      )
    const wanted = await contents('lake')
    expect(await contents(server.address)).toEqual(wanted)
    const total = sqlite('SELECT count(*) AS flows, sum(client_bytes) AS bytes, sum(server_packets) AS packets FROM flows')
    expect(await sums()).toEqual(ROLL_UPS.flatMap(() => total))
    expect((await exportTo('demo', '-q')).status).toBe(0)
    expect(await contents(server.address)).toEqual(wanted)
    expect(await sums()).toEqual(ROLL_UPS.flatMap(() => total))
    // Another sensor's, and another report's, are theirs.
    await rtnvis('export', 'demo', '--to', server.address, '--sensor', 'two', '-q')
    await exportTo('other.sqlite', '-q')
    await exportTo('demo', '-q')
    expect(await query('SELECT sensor, uniqExact(report) AS reports, count() AS flows FROM flows GROUP BY sensor ORDER BY sensor')).toEqual(
      [
        { sensor: SENSOR, reports: 2, flows: 1243 + 8 },
        { sensor: 'two', reports: 1, flows: 1243 },
      ],
    )
    expect(await query('SELECT sum(flows) AS flows FROM traffic_5m')).toEqual([{ flows: 2 * 1243 + 8 }])
  })

  test('an export that failed half way, and its roll-ups, are replaced by the next one', async () => {
    await exportTo('demo', '-q')
    await server.run(`INSERT INTO flows SELECT * REPLACE (version + 1 AS version) FROM flows WHERE cityHash64(uid) % 3 = 0`)
    expect(await query('SELECT sum(flows) > 1243 AS more FROM traffic_1h')).toEqual([{ more: 1 }])
    await exportTo('demo', '-q')
    expect(await query('SELECT count() AS n, (SELECT sum(flows) FROM traffic_1h) AS rolled FROM flows')).toEqual([
      { n: 1243, rolled: 1243 },
    ])
  })

  test('roll-ups have the sums of minutes, countries and pairs of hosts', async () => {
    await exportTo('demo', '-q')
    expect(
      await query(`SELECT toUnixTimestamp(time) AS at, ifNull(transport, '') AS transport, application, server_country_code AS country, sum(flows) AS flows, sum(server_bytes) AS bytes
        FROM traffic_1m GROUP BY ALL ORDER BY ALL`),
    ).toEqual(
      sqlite(`SELECT f.first_us / 60000000 * 60 AS at, transport, coalesce(application, '') AS application, coalesce(p.country_code, '') AS country, count(*) AS flows, sum(server_bytes) AS bytes
        FROM flows f JOIN hosts s ON s.id = server_host_id LEFT JOIN places p ON p.id = s.place_id AND p.precision <> 'origin' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`),
    )
    expect(
      await query('SELECT client_ip AS c, server_ip AS s, sum(client_bytes) AS bytes FROM pairs_1h GROUP BY ALL ORDER BY ALL'),
    ).toEqual(
      sqlite(`SELECT c.ip AS c, s.ip AS s, sum(client_bytes) AS bytes FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id
        GROUP BY 1, 2 ORDER BY 1, 2`),
    )
  })

  test('a report of it is the report of the lake', async () => {
    await exportTo('demo', '-q')
    await rtnvis('export', 'demo', '--to', server.address, '--sensor', 'two', '-q')
    const choices = [
      ['--since', '2026-03-17', '--until', '2026-03-17'],
      ['--since', '2026-03-17T09:02', '--until', '2026-03-17T09:03'],
      ['--only', 'country:IS or from:192.168.10.24 or (host:*.example.com bytes>10k)'],
    ]
    for (const choice of choices) {
      for (const [place, out] of [
        [server.address, 'of-database'],
        ['lake', 'of-lake'],
      ]) {
        const made = await rtnvis(
          'report',
          '--from',
          place,
          '--sensor',
          SENSOR,
          ...choice,
          '-o',
          out,
          '--name',
          'a',
          '-q',
          '--no-site',
          '--force',
        )
        expect([made.status, made.stderr.split('\n').filter((line) => !/GeoLite2/.test(line))]).toEqual([0, ['']])
      }
      for (const table of ['flows', 'hosts', 'names', 'dns_queries', 'alerts', 'captures']) {
        const rows = sqlite(`SELECT * FROM ${table}`, 'of-database')
        expect(rows.length, table).toBeGreaterThan(0)
        const renamed = table === 'captures' ? "SELECT *, 'traffic' AS file FROM captures" : `SELECT * FROM ${table}`
        expect(rows, `${table} ${choice}`).toEqual(sqlite(renamed, 'of-lake'))
      }
    }
    const none = await rtnvis('report', '--from', server.address, '--since', '2027-01-01', '-o', 'none', '-q')
    expect([none.status, existsSync(join(folder, 'none'))]).toEqual([1, false])
    expect(none.stderr).toMatch(
      /there are no conversations that began since 2027-01-01; it has the days 2026-03-17 to 2026-03-17, of 2 sensors: Büro.+, two\n$/,
    )
  })

  test('answers are those of the lake: times in UTC, whole integers, texts without control characters', async () => {
    await exportTo('demo', '-q')
    const sql = `SELECT first, client_bytes, server_city, '=1+1' AS formula, 12345678901234567890 AS large, [1, 2] AS list, NULL AS nothing, 'a\x1b' AS escape
      FROM flows ORDER BY first, uid LIMIT 20`
    for (const option of ['--csv', '--json']) {
      const [one, other] = await Promise.all([server.address, 'lake'].map((place) => rtnvis('query', sql, place, option)))
      expect(one.stdout.split('\n').length).toBeGreaterThan(20)
      expect(one.stdout).toBe(other.stdout)
    }
    const many = await rtnvis('query', 'SELECT number FROM numbers(3000)', server.address)
    expect([many.stdout.split('\n').length, many.stderr]).toEqual([
      1003,
      'rtnvis: only the first 1,000 rows are shown: --csv and --json print all\n',
    ])
  })

  test('no statement writes, reads a file or a network, or changes a setting', async () => {
    await exportTo('demo', '-q')
    for (const sql of [
      "INSERT INTO flows (uid) VALUES ('a')",
      'DROP TABLE flows',
      'ALTER TABLE flows DELETE WHERE true',
      'CREATE TABLE t (a Int8) ENGINE = Memory',
      'CREATE TEMPORARY TABLE t (a Int8)',
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
      'SELECT 1 SETTINGS max_threads = 1',
      'SET readonly = 0',
      'SYSTEM SHUTDOWN',
    ]) {
      const { status, stderr } = await rtnvis('query', sql, server.address)
      expect([sql, status]).toEqual([sql, 2])
      expect(stderr).toMatch(
        /^rtnvis: (only SELECT is answered, without SETTINGS: a database is read and never changed|Syntax error: [^\n]+)\n$/,
      )
    }
    expect(await query('SELECT count() AS n FROM flows')).toEqual([{ n: 1243 }])
  })

  test('what is wrong is one line', async () => {
    const here = `clickhouse://default@127.0.0.1:${server.port}`
    const lines: [string[], number, RegExp][] = [
      [['query', 'SELEC 1', server.address], 2, /^rtnvis: Syntax error: [^\n]+\n$/],
      [['query', ' ', server.address], 2, /^rtnvis: the SQL is empty\n$/],
      [['query', 'SELECT nothing FROM flows', server.address], 2, /^rtnvis: Unknown expression identifier `nothing`[^\n]+\n$/],
      [['query', 'SELECT * FROM nowhere', server.address], 2, /^rtnvis: Unknown table expression identifier 'nowhere'[^\n]+\n$/],
      [['query', "SELECT throwIf(number = 5, 'late') FROM numbers(9)", server.address], 2, /^rtnvis: late: [^\n]+\n$/],
      [['query', 'SELECT 1', `${here}/nowhere`], 1, /\/nowhere: there is no database nowhere: CREATE DATABASE nowhere makes it\n$/],
      [
        ['query', 'SELECT 1', `${here}/system`],
        1,
        /\/system: its tables are not there: rtnvis export --to clickhouse-ddl prints [^\n]+\n$/,
      ],
      [
        ['query', 'SELECT 1', server.address.replace('default@', 'somebody@')],
        1,
        /: ClickHouse does not know the user somebody with this password \(CLICKHOUSE_PASSWORD is set\)\n$/,
      ],
      [
        ['query', 'SELECT 1', 'clickhouse://127.0.0.1:1/traffic'],
        1,
        /^rtnvis: clickhouse:\/\/127.0.0.1:1\/traffic: no server answers there \(ECONNREFUSED\)\n$/,
      ],
      [['query', 'SELECT 1', 'clickhouse://nowhere.invalid/traffic'], 1, /: no server answers there \([A-Z_]+\)\n$/],
      [['query', 'SELECT 1', `${server.address}?secure`], 1, /^rtnvis: clickhouse:[^\n]+\n$/],
      [['report', '--from', `${here}/nowhere`, '-o', 'none', '-q'], 1, /: there is no database nowhere: [^\n]+\n$/],
      [['export', 'demo', '--to', `${here}/system`], 1, /: its tables are not there: [^\n]+\n$/],
      [['export', 'demo', '--to', 'clickhouse://127.0.0.1:1/t'], 1, /: no server answers there \(ECONNREFUSED\)\n$/],
      [['export', 'demo', '--to', server.address, '-o', 'x'], 2, /^rtnvis: --out: --to clickhouse:\S+ writes no files\n$/],
      [['export', '--to', server.address], 2, /^rtnvis: name the reports to export[^\n]+\n$/],
      [['export', 'missing', '--to', server.address], 1, /^rtnvis: missing: no such file[^\n]+\n$/],
      [['export', 'demo', '--to', 'csv'], 2, /^rtnvis: -o, --out is missing: the folder to write to\n$/],
    ]
    for (const [args, status, line] of lines) {
      const made = await rtnvis(...args)
      expect([args, made.status]).toEqual([args, status])
      expect(made.stderr).toMatch(line)
      expect(made.stderr).not.toContain(PASSWORD)
    }
    expect(readdirSync(folder).filter((name) => ['none', 'x'].includes(name))).toEqual([])
  })

  test('--to clickhouse-ddl prints the statements that made these tables', async () => {
    const { status, stdout } = await rtnvis('export', '--to', 'clickhouse-ddl')
    const statements = stdout.split(';\n').filter((text) => text.trim() !== '')
    expect([status, statements.length]).toEqual([0, TABLES.length + 2 * ROLL_UPS.length])
    for (const statement of statements) await server.run(statement)
    expect(
      (await query("SELECT name FROM system.tables WHERE database = 'traffic' AND engine LIKE '%MergeTree' ORDER BY name")).map(
        ({ name }: { name: string }) => name,
      ),
    ).toEqual([...TABLES, ...ROLL_UPS].sort())
  })

  test('a server that goes away while rows are inserted: one line, and the next export replaces what is there', async () => {
    await exportTo('demo', '-q')
    await fetch(`http://127.0.0.1:${server.port}/go-away?after=3`)
    const failed = await exportTo('demo', '-q')
    await fetch(`http://127.0.0.1:${server.port}/go-away?after=Infinity`)
    expect([failed.status, failed.stderr]).toEqual([
      1,
      `rtnvis: clickhouse://127.0.0.1:${server.port}/traffic: the server closed the connection (ECONNRESET); a part of the rows is there: export again, which replaces them\n`,
    ])
    expect(await query('SELECT count() AS n FROM flows')).toEqual([{ n: 2 * 1243 }])
    expect((await exportTo('demo', '-q')).status).toBe(0)
    expect(await query('SELECT count() AS n, (SELECT sum(flows) FROM pairs_1h) AS rolled FROM flows')).toEqual([{ n: 1243, rolled: 1243 }])
  })

  test('an insert that is refused leaves the rows as they were', async () => {
    await exportTo('demo', '-q')
    await server.run('ALTER TABLE dns ADD CONSTRAINT never CHECK 0')
    const failed = await exportTo('demo', '-q')
    await server.run('ALTER TABLE dns DROP CONSTRAINT never')
    expect([failed.status, failed.stderr.split('\n').length]).toEqual([1, 2])
    expect(failed.stderr).toMatch(/^rtnvis: clickhouse:\S+: ClickHouse stopped: Constraint `never` .+ violated/)
    expect(
      await query('SELECT count() AS n, (SELECT sum(flows) FROM traffic_1m) AS rolled, (SELECT count() FROM dns) AS dns FROM flows'),
    ).toEqual([{ n: 1243, rolled: 1243, dns: 176 }])
  })
})
