// The worker's answer about scans and beacons, against SQL over the same database: one spark per second, host and port tried, one beat per contact.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import initSqlJs, { type Database } from 'sql.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Effects, MOST_MARKS } from '../../site/src/model/effects.ts'
import type { Questions } from '../../site/src/protocol/messages.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { effectEntries } from '../../site/src/stage/effects/effect-texts.ts'
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
    expect(filtered.has).toEqual({ scan: true, ping: false, beacon: true })
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

it('a sweep of pings has a spark for each host, at the angle of its place in the order of addresses', async () => {
  const { Database } = await initSqlJs()
  const hosts = 40
  const sweep = new Database(
    await makeDatabase((insert) => {
      insert('hosts', [1, '192.168.1.2', 'private', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      // Pinged from the highest address down: 10.0.0.40 first, 10.0.0.1 last.
      for (let host = 1; host <= hosts; host++)
        insert('hosts', [host + 1, `10.0.0.${hosts + 1 - host}`, 'private', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      for (let flow = 1; flow <= hosts; flow++)
        insert('flows', [flow, 'icmp', 1, 1, null, flow + 1, null, FIRST_US + flow * 1e6, FIRST_US + flow * 1e6, 1, 0, 84, 0, 42, 0, 'OTH'])
      const times = [FIRST_US + 1e6, FIRST_US + hosts * 1e6]
      insert('alerts', [1, 'sweep', 2, 'medium', '', 'sweep', '', ...times, 1, null, 'T1018', hosts, 1, '{}'])
      for (let flow = 1; flow <= hosts; flow++) insert('alert_flows', [1, flow])
      const meta = { first_us: FIRST_US, last_us: FIRST_US + 60e6, tick_us: 1_000_000, ticks: 61, packets: hosts }
      for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
    }),
  )
  const { marks, findings, has } = effectsOf(sweep)
  expect(has).toEqual({ scan: false, ping: true, beacon: false })
  expect([...marks.seconds]).toEqual(Array.from({ length: hosts }, (_, flow) => flow + 1))
  expect([...marks.port].every((port) => port === -1)).toBe(true)
  const turns = Array.from(marks.angle, (angle) => Math.round((angle / (2 * Math.PI)) * hosts))
  expect(turns).toEqual(Array.from({ length: hosts }, (_, flow) => hosts - 1 - flow))
  expect(findings).toMatchObject([
    { kind: 'ping', hosts, total: hosts, drawn: hosts, source: '192.168.1.2', range: ['10.0.0.1', '10.0.0.40'] },
  ])
  sweep.close()
})

/** A beacon with 3,000 conversations by name, every ten seconds, of which the report keeps 1,000 with the finding; `more` others of the same name. */
async function makeLongBeacon(more: number): Promise<Database> {
  const { Database } = await initSqlJs()
  const beats = 3000
  const evidence = JSON.stringify({ observed: [{ name: 'contacts', value: beats, unit: '' }], picture: null })
  return new Database(
    await makeDatabase((insert) => {
      insert('hosts', [1, '192.168.1.2', 'private', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      insert('hosts', [2, '198.51.100.7', 'public', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      insert('hosts', [3, '198.51.100.8', 'public', null, null, null, FIRST_US, FIRST_US, 0, 0, 0, 0])
      const add = (id: number, server: number, us: number) =>
        insert('flows', [id, 'tcp', 6, 1, 40_000, server, 443, us, us, 4, 4, 400, 400, 300, 300, 'SF'])
      // Two servers take turns.
      for (let beat = 0; beat < beats; beat++) add(beat + 1, 2 + (beat % 2), FIRST_US + beat * 10e6)
      for (let other = 1; other <= more; other++) add(beats + other, 2, FIRST_US + beats * 10e6 + other * 1e6)
      const times = [FIRST_US, FIRST_US + (beats - 1) * 10e6]
      insert('alerts', [1, 'beacon', 2, 'medium', '', 'beacon', '', ...times, 1, 2, 'T1071', beats, 1, evidence])
      for (let flow = 1; flow <= 1000; flow++) insert('alert_flows', [1, flow])
      const meta = { first_us: FIRST_US, last_us: FIRST_US + beats * 10e6, tick_us: 100_000_000, ticks: 301, packets: beats * 8 }
      for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
    }),
  )
}

describe('a beacon with more conversations than the report keeps with the finding', () => {
  it('has all its beats, where it is clear which they are', async () => {
    const beacon = await makeLongBeacon(0)
    beacon.run("UPDATE flows SET server_name = 'beacon.test'")
    const { marks, findings } = effectsOf(beacon)
    expect([...marks.seconds]).toEqual(Array.from({ length: 3000 }, (_, beat) => beat * 10))
    expect(findings).toMatchObject([{ total: 3000, known: 3000, counted: 3000, periodSeconds: 10 }])
    expect(effectEntries(effectsOf(beacon), 0)[0].shows).toContain('a beat every 10 s, 3,000 beats')
    beacon.close()
  })

  it('has those that are kept, and says of how many, where it is not', async () => {
    const beacon = await makeLongBeacon(5)
    beacon.run("UPDATE flows SET server_name = 'beacon.test'")
    const effects = effectsOf(beacon)
    expect(effects.marks.count).toBe(1000)
    expect(effectEntries(effects, 0)[0].shows).toContain('a beat every 10 s, the first 1,000 of 3,000 beats')
    beacon.close()
  })
})
