// The API over finished reports; what is expected stands in test/support/sample-database.ts or comes from the sqlite3 command.
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiRoutes } from '../../../src/node/serve/api.ts'
import { FIRST_US } from '../../support/sample-database.ts'
import { sqlite3 } from '../../support/sqlite3.ts'
import { type Served, serveSample } from './served.ts'

let one: Served
let two: Served
beforeAll(async () => {
  one = await serveSample([''])
  two = await serveSample(['a', 'b c'])
})
afterAll(async () => {
  await one.close()
  await two.close()
})

const json = async (path: string, served = one) => JSON.parse((await served.ask(path)).body) as never

interface Page {
  total: number
  next: number | null
  items: Record<string, unknown>[]
}

describe('/api/traffic', () => {
  test('answers what the first RTNVIS answered: the same eight fields, newest first', async () => {
    const rows = (await json('/api/traffic')) as Record<string, unknown>[]
    expect(Object.keys(rows[0])).toEqual(['src_ip', 'dst_ip', 'src_lat', 'src_lon', 'dst_lat', 'dst_lon', 'protocol', 'timestamp'])
    // No packets were kept, so conversations answer with their last packets: 6, 4, 3, 1, 2 go to public located hosts, by their ends.
    expect(rows.map((row) => [row.src_ip, row.dst_ip, row.protocol, row.timestamp])).toEqual([
      ['203.0.114.5', '198.41.0.4', 'HTTP', '2026-03-02T10:00:50.000000Z'],
      ['192.168.1.10', '203.0.114.5', 'HTTPS', '2026-03-02T10:00:30.000000Z'],
      ['192.168.1.10', '198.41.0.4', 'DNS', '2026-03-02T10:00:10.000000Z'],
    ])
    expect(rows[1]).toMatchObject({ src_lat: -1.286389, src_lon: 36.817223, dst_lat: 52.52, dst_lon: 13.405 })
  })

  test('is cut by number, time and protocol', async () => {
    expect(await json('/api/traffic?limit=1')).toHaveLength(1)
    expect(await json('/api/traffic?since=2026-03-02T10:00:30Z')).toHaveLength(1)
    expect(await json(`/api/traffic?since=${FIRST_US + 9_999_999}`)).toHaveLength(3)
    expect(await json('/api/traffic?protocol=dns')).toHaveLength(1)
    const all = (await json('/api/traffic?all=true')) as { dst_ip: string; dst_lat: number | null }[]
    expect(all).toHaveLength(7)
    expect(all.find((row) => row.dst_ip === '5.5.5.5')!.dst_lat).toBeNull()
  })
})

describe('lists', () => {
  test.each([
    ['', 'SELECT id FROM flows ORDER BY id'],
    ['order=bytes', 'SELECT id FROM flows ORDER BY client_bytes + server_bytes DESC, id'],
    ['order=recent', 'SELECT id FROM flows ORDER BY last_us DESC, id'],
    ['transport=UDP', "SELECT id FROM flows WHERE transport = 'udp'"],
    ['application=ssh', "SELECT id FROM flows WHERE application = 'ssh'"],
    ['state=rej', "SELECT id FROM flows WHERE state = 'REJ'"],
    ['host=192.168.1.10', 'SELECT id FROM flows WHERE 1 IN (client_host_id, server_host_id)'],
    ['country=br', 'SELECT id FROM flows WHERE 5 IN (client_host_id, server_host_id)'],
    ['port=443', 'SELECT id FROM flows WHERE 443 IN (client_port, server_port)'],
    [
      'since=2026-03-02T10:00:45Z&until=2026-03-02T12:00:50%2B02:00',
      `SELECT id FROM flows WHERE last_us >= ${FIRST_US + 45e6} AND first_us <= ${FIRST_US + 50e6}`,
    ],
  ])('flows?%s', async (query, sql) => {
    const page = (await json(`/api/flows?${query}`)) as Page
    const expected = sqlite3(join(one.folder, 'traffic.sqlite'), sql).trim().split('\n').map(Number)
    expect(expected.length).toBeGreaterThan(0)
    expect(page.items.map(({ id }) => id)).toEqual(expected)
    expect([page.total, page.next]).toEqual([expected.length, null])
  })

  test('come in pages', async () => {
    const first = (await json('/api/flows?limit=3')) as Page
    expect([first.total, first.next, first.items.length]).toEqual([7, 3, 3])
    const last = (await json('/api/flows?limit=3&offset=6')) as Page
    expect([last.total, last.next, last.items.map(({ id }) => id)]).toEqual([7, null, [7]])
  })

  test('of hosts have places and names, of alerts nothing where there is none', async () => {
    const page = (await json('/api/hosts?name=WWW.example')) as Page
    expect(page.items).toHaveLength(1)
    expect(page.items[0]).toMatchObject({
      ip: '203.0.114.5',
      city: 'Berlin',
      country_code: 'DE',
      precision: 'city',
      name: 'www.example.org',
    })
    expect(((await json('/api/hosts?located=false')) as Page).items.map(({ ip }) => ip)).toEqual(['5.5.5.5', '224.0.0.251'])
    expect(await json('/api/alerts')).toEqual({ total: 0, next: null, items: [] })
  })
})

test('the summary is what analyze --json prints', async () => {
  expect(await json('/api/summary')).toMatchObject({
    reportName: 'sample',
    packets: 30,
    bytes: 10_000,
    flows: 7,
    publicHosts: 4,
    locatedHosts: 3,
  })
})

describe('an invalid query gets a message that says what is wrong', () => {
  test.each([
    ['/api/flows?limit=0', '"limit" must be a whole number from 1 to 1000.'],
    ['/api/flows?limit=1e9', '"limit" must be'],
    ['/api/flows?colour=red', 'There is no parameter "colour" here. Known: limit,'],
    ['/api/flows?port=1&port=2', '"port" is given twice.'],
    ['/api/flows?order=id;DROP TABLE flows'.replaceAll(' ', '%20'), '"order" must be one of first, recent, bytes.'],
    ['/api/traffic?since=2026-02-30', '"since" must be a time as 2026-03-02T10:00:00Z'],
    ['/api/traffic?since=yesterday', '"since" must be a time as 2026-03-02T10:00:00Z'],
    ['/api/hosts?located=perhaps', '"located" must be true or false.'],
    ['/api/flows?host=', '"host" must have 1 to 60 characters.'],
  ])('%s', async (path, message) => {
    const { status, body } = await one.ask(path)
    expect(status).toBe(400)
    expect((JSON.parse(body) as { error: string }).error).toContain(message)
  })

  test('where several reports are served, which one', async () => {
    expect(await json('/api/reports', two)).toEqual({ items: ['a', 'b c'] })
    expect(await json('/api/flows', two)).toEqual({ error: '"report" must be one of a, b c.' })
    expect(await json('/api/flows?report=../a', two)).toEqual({ error: '"report" is not the name of a report that is served here.' })
    expect(await json('/api/flows?report=b%20c&limit=1', two)).toMatchObject({ total: 7 })
  })

  test('a client that selects no report gets the traffic of the latest one', async () => {
    const database = (name: string) => join(two.folder, name, 'traffic.sqlite')
    const { Database } = await initSqlJs()
    const empty = new Database(readFileSync(database('b c')))
    empty.run('DELETE FROM packets; DELETE FROM flows')
    writeFileSync(database('b c'), empty.export())
    utimesSync(database('a'), 2000, 2000)
    utimesSync(database('b c'), 1000, 1000)
    expect(await json('/api/traffic', two)).toHaveLength(3)
    utimesSync(database('b c'), 3000, 3000)
    expect(await json('/api/traffic', two)).toEqual([])
    expect(await json('/api/traffic?report=a', two)).toHaveLength(3)
  })
})

test('/openapi.json describes every address and parameter that answers', async () => {
  const description = (await json('/openapi.json')) as {
    openapi: string
    paths: Record<string, { get: { parameters?: { name: string }[] } }>
  }
  expect(description.openapi).toBe('3.1.0')
  const source = { names: async () => [''], query: () => Promise.reject(new Error('not asked')), metrics: () => '' }
  for (const { path, parameters } of apiRoutes(source))
    expect(description.paths[path].get.parameters!.map(({ name }) => name)).toEqual(parameters.map(({ name }) => name))
  for (const path of Object.keys(description.paths)) expect((await one.ask(path)).status, path).toBe(200)
})

test('/metrics is Prometheus text: every sample has a type', async () => {
  const { body, headers } = await one.ask('/metrics')
  expect(headers['content-type']).toContain('text/plain; version=0.0.4')
  const types = [...body.matchAll(/^# TYPE (\w+) (?:counter|gauge)$/gm)].map((match) => match[1])
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(samples.length).toBeGreaterThan(2)
  for (const sample of samples) {
    expect(sample).toMatch(/^\w+(?:\{\w+="[^"]*"\})? \d+$/)
    expect(types).toContain(/^\w+/.exec(sample)![0])
  }
})
