// The worker's answer about scans and beacons, against SQL over the same database: one spark per second, host and port tried, one beat per contact.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import initSqlJs, { type Database } from 'sql.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Effects, MOST_MARKS } from '../../site/src/model/effects.ts'
import type { Questions } from '../../site/src/protocol/messages.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { findEffects } from '../../site/src/worker/answers/effects.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { FIRST_US, makeDatabase } from '../support/sample-database.ts'
import { spreadOverTheEarth } from '../support/spread-places.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const ALL: Questions['effects']['question'] = { filterText: '', span: null, isWhole: false }

let database: Database
let demo: Effects

const effectsOf = (of: Database, question: Partial<typeof ALL> = {}) =>
  atOnce(findEffects(openReport(of, null), { ...ALL, ...question }) as Generator<void, Effects>)

const numbers = (of: Database, sql: string) => (of.exec(sql)[0]?.values ?? []).map((row) => row.map(Number))

/** Marks of one kind by second. */
function bySecond({ marks }: Effects, isSpark: boolean): number[][] {
  const counts = new Map<number, number>()
  marks.seconds.forEach((seconds, mark) => {
    if (marks.port[mark] >= 0 === isSpark) counts.set(Math.floor(seconds), (counts.get(Math.floor(seconds)) ?? 0) + 1)
  })
  return [...counts].sort(([a], [b]) => a - b)
}

beforeAll(async () => {
  const { Database } = await initSqlJs()
  database = new Database((await analyzeBytes(await readFile(CAPTURE), undefined, {}, spreadOverTheEarth)).export())
  demo = effectsOf(database)
})

afterAll(() => database.close())

describe('in the demo capture', () => {
  it('a scan has as many sparks in each second as SQL counts', () => {
    const counted = numbers(
      database,
      `SELECT (f.first_us - (SELECT value FROM meta WHERE key = 'first_us')) / 1000000 AS second, count(DISTINCT server_host_id * 65536 + server_port)
         FROM alerts a JOIN alert_flows ON alert_id = a.id JOIN flows f ON f.id = flow_id WHERE rule = 'port-scan' GROUP BY 1 ORDER BY 1`,
    )
    expect(counted.length).toBeGreaterThan(20)
    expect(bySecond(demo, true)).toEqual(counted)
    expect(demo.findings.find(({ kind }) => kind === 'scan')).toMatchObject({
      ports: 760,
      hosts: 1,
      source: '171.231.85.118',
      target: '192.168.10.10',
    })
  })

  it('a beacon has a beat when each of its conversations began, and their median time as its period', () => {
    const starts = numbers(
      database,
      `SELECT f.first_us - (SELECT value FROM meta WHERE key = 'first_us') FROM alerts a JOIN alert_flows ON alert_id = a.id JOIN flows f ON f.id = flow_id
         WHERE rule = 'beacon' AND severity <> 'info' ORDER BY 1`,
    ).flat()
    const beats = [...demo.marks.seconds].filter((_, mark) => demo.marks.port[mark] < 0)
    expect(beats.map((seconds) => Math.round(seconds * 1e6))).toEqual(starts)
    const gaps = starts.slice(1).map((us, index) => us - starts[index])
    expect(demo.findings.find(({ kind }) => kind === 'beacon')?.periodSeconds).toBeCloseTo(
      gaps.sort((a, b) => a - b)[gaps.length >> 1] / 1e6,
      6,
    )
  })

  it('the filter takes marks away, not the knowledge that there are some', () => {
    const filtered = effectsOf(database, { filterText: 'port:443' })
    expect(filtered.has).toEqual({ scan: true, beacon: true })
    expect([...filtered.marks.port].filter((port) => port >= 0)).toEqual([443])
    expect(effectsOf(database, { filterText: 'app:nothing' }).marks.count).toBe(0)
  })

  it('a span has the marks of its time, and a whole picture one ring a beacon', () => {
    const span = { fromUs: 210e6, toUs: 220e6 }
    const inSpan = effectsOf(database, { span, isWhole: true })
    expect(inSpan.marks.count).toBeGreaterThan(50)
    expect(inSpan.marks.seconds.every((seconds) => seconds >= 210 && seconds <= 220)).toBe(true)
    const whole = effectsOf(database, { isWhole: true })
    expect([...whole.marks.port].filter((port) => port < 0)).toHaveLength(1)
    expect(whole.findings.find(({ kind }) => kind === 'beacon')?.total).toBe(16)
  })
})

/** A scan of `ports` ports of one host within 100 seconds, of which the report keeps 1,000 conversations. */
async function makeScan(ports: number): Promise<Database> {
  const { Database } = await initSqlJs()
  return new Database(
    await makeDatabase((insert) => {
      insert('hosts', [1, '198.51.100.7', 'public', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      insert('hosts', [2, '192.168.1.2', 'private', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      insert('hosts', [3, '192.168.1.3', 'private', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      const step = Math.floor(100e6 / ports)
      const add = (id: number, server: number, port: number, us: number, state: string) =>
        insert('flows', [id, 'tcp', 6, 1, 40_000, server, port, us, us, 1, 0, 60, 0, 2, 0, state])
      for (let port = 1; port <= ports; port++) add(port, 2, port, FIRST_US + port * step, 'S0')
      // Neither of these belongs to it: another state, another host, another time.
      add(ports + 1, 2, 65_001, FIRST_US + 50e6, 'SF')
      add(ports + 2, 3, 65_002, FIRST_US + 50e6, 'S0')
      add(ports + 3, 2, 65_003, FIRST_US + 500e6, 'S0')
      const times = [FIRST_US + step, FIRST_US + ports * step]
      insert('alerts', [1, 'port-scan', 2, 'high', '', 'scan', '', ...times, 1, 2, 'T1046', ports, 1, '{}'])
      for (let flow = 1; flow <= 1000; flow++) insert('alert_flows', [1, flow])
      const meta = { first_us: FIRST_US, last_us: FIRST_US + 600e6, tick_us: 1_000_000, ticks: 601, packets: ports + 3 }
      for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
    }),
  )
}

describe('a scan with more conversations than the report keeps with the finding', () => {
  it('has them all', async () => {
    const scan = await makeScan(5000)
    const effects = effectsOf(scan)
    expect([...effects.marks.port]).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
    expect(effects.findings[0]).toMatchObject({ ports: 5000, total: 5000, drawn: 5000 })
    scan.close()
  })

  it('is drawn in part, evenly, where it has too many', async () => {
    const scan = await makeScan(50_000)
    const { marks, findings } = effectsOf(scan)
    expect(marks.count).toBe(MOST_MARKS)
    expect(findings[0]).toMatchObject({ ports: 50_000, total: 50_000, drawn: MOST_MARKS })
    const gaps = Array.from(marks.port.subarray(1), (port, index) => port - marks.port[index])
    expect(Math.max(...gaps)).toBe(3)
    scan.close()
  })
})

it('beats within a connection kept open are those of its packets after a silence', async () => {
  const { Database } = await initSqlJs()
  const evidence = JSON.stringify({ observed: [{ name: 'contacts', value: 20, unit: '' }], picture: null })
  const beacon = new Database(
    await makeDatabase((insert) => {
      insert('hosts', [1, '192.168.1.2', 'private', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      insert('hosts', [2, '198.51.100.7', 'public', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      const lastUs = FIRST_US + 190e6 + 50_000
      insert('flows', [1, 'tcp', 6, 1, 40_000, 2, 443, FIRST_US, lastUs, 40, 0, 2400, 0, 2, 0, 'S1'])
      // A question every ten seconds, its answer 50 ms later.
      for (let beat = 0; beat < 20; beat++)
        for (const answer of [0, 1])
          insert('packets', [beat * 2 + answer + 1, 1, FIRST_US + beat * 10e6 + answer * 50_000, 1 - answer, 60, 24, null, null])
      insert('alerts', [1, 'beacon', 2, 'medium', '', 'beacon', '', FIRST_US, FIRST_US + 190e6, 1, 2, null, 1, 1, evidence])
      insert('alert_flows', [1, 1])
      const meta = { first_us: FIRST_US, last_us: lastUs, tick_us: 1_000_000, ticks: 191, packets: 40 }
      for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
    }),
  )
  const { marks, findings } = effectsOf(beacon)
  expect([...marks.seconds]).toEqual(Array.from({ length: 20 }, (_, beat) => beat * 10))
  expect(findings[0]).toMatchObject({ kind: 'beacon', total: 20, periodSeconds: 10 })
  beacon.close()
})
