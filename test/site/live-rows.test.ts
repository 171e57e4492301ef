// A running capture's columns after many changes, held against the same database read from the beginning.
import initSqlJs from 'sql.js'
import { describe, expect, test } from 'vitest'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { readRetransmissions } from '../../site/src/worker/data/retransmission-rows.ts'
import { applyChanges } from '../../site/src/worker/live/apply.ts'
import { growReport, isGrowing } from '../../site/src/worker/live/grow.ts'
import type { LiveFlow, LiveHost, LiveRetransmissions } from '../../src/contract/live-feed.ts'
import type { LiveChange } from '../../src/contract/live-message.ts'
import { DURATION_US, FIRST_US, makeSampleDatabase } from '../support/sample-database.ts'

const LAST_US = FIRST_US + DURATION_US

/** A sequence of numbers in [0, 1), the same each time. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const PLACES: [string, string, number, number][] = [
  ['Sydney', 'Australia', -33.87, 151.21],
  ['Lagos', 'Nigeria', 6.45, 3.39],
  ['Quito', 'Ecuador', -0.18, -78.47],
]

/** Changes as a capture makes them: old conversations grow, learn their application and end; new ones come, with hosts out of order. */
class Script {
  readonly #random: () => number
  readonly #flows = new Map<number, LiveFlow>()
  /** By flow, as sent last. */
  readonly #repeated = new Map<number, LiveRetransmissions>()
  #hosts = 7
  #nextFlow = 8
  #sequence = 0
  #atUs = LAST_US

  constructor(seed: number) {
    this.#random = generator(seed)
  }

  #pick(most: number): number {
    return Math.floor(this.#random() * most)
  }

  #newHosts(): LiveHost[] {
    const hosts: LiveHost[] = []
    for (let count = this.#pick(4); count > 0; count--) {
      const id = ++this.#hosts
      const [city, country, latitudeDeg, longitudeDeg] = PLACES[this.#pick(PLACES.length)]
      const place = { city, country, countryCode: country.slice(0, 2).toUpperCase(), latitudeDeg, longitudeDeg, precision: 'city' }
      const isLocated = this.#random() < 0.8
      hosts.push({
        id,
        ip: `203.0.113.${id}`,
        scope: 'public',
        asn: id,
        asName: `AS ${id}`,
        name: null,
        nameSource: null,
        place: isLocated ? place : null,
      })
    }
    return hosts.reverse()
  }

  #newFlow(): LiveFlow {
    const id = this.#nextFlow++
    const firstUs = this.#atUs - this.#pick(400_000)
    const transport = ['tcp', 'udp', 'icmp'][this.#pick(3)]
    const flow: LiveFlow = {
      ...{ id, transport, protocolNumber: 6, clientHostId: 1, serverHostId: 1 + this.#pick(this.#hosts), firstUs, lastUs: firstUs },
      ...{ clientPort: transport === 'icmp' ? null : 50_000 + id, serverPort: transport === 'icmp' ? null : 443 },
      ...{ clientPackets: 0, serverPackets: 0, clientBytes: 0, serverBytes: 0, clientTcpFlags: 2, serverTcpFlags: 18 },
      ...{ state: 'S0', application: null, serverName: null },
    }
    this.#flows.set(id, flow)
    return flow
  }

  /** Repeated segments of all conversations so far. */
  get segmentsRepeated(): number {
    return [...this.#repeated.values()].reduce((sum, { client, server }) => sum + client + server, 0)
  }

  next(): LiveChange {
    this.#atUs += 50_000 + this.#pick(900_000)
    const hosts = this.#newHosts()
    const changed = new Set<LiveFlow>()
    for (let count = this.#pick(6); count > 0; count--) changed.add(this.#newFlow())
    const old = [...this.#flows.values()]
    for (let count = this.#pick(8); count > 0 && old.length > 0; count--) changed.add(old[this.#pick(old.length)])
    for (const flow of changed) {
      flow.clientPackets += 1 + this.#pick(5)
      flow.serverPackets += this.#pick(5)
      flow.clientBytes += 100 + this.#pick(5000)
      flow.serverBytes += this.#pick(5000)
      flow.lastUs = Math.max(flow.lastUs, this.#atUs - this.#pick(3_000_000))
      if (this.#random() < 0.3) flow.application = ['tls', 'dns', 'gopher'][this.#pick(3)]
      if (this.#random() < 0.2) flow.serverName = `name-${this.#pick(5)}.example`
      if (this.#random() < 0.2) flow.state = ['SF', 'RSTO'][this.#pick(2)]
    }
    const flows = [...changed].map((flow) => ({ ...flow }))
    const retransmissions = flows
      .filter(() => this.#random() < 0.4)
      .map(({ id }) => {
        const counts = this.#repeated.get(id) ?? { flowId: id, client: 0, server: 0 }
        this.#repeated.set(id, { flowId: id, client: counts.client + this.#pick(3), server: counts.server + this.#pick(2) })
        return this.#repeated.get(id)!
      })
    const all = old.length + 7
    const totals = {
      packets: 30 + all,
      ipPackets: 30 + all,
      bytes: 10_000,
      flows: all,
      hosts: this.#hosts,
      packetsPerSecond: 0,
      bytesPerSecond: 0,
    }
    return {
      ...{ type: 'change', after: this.#sequence, sequence: ++this.#sequence, flows, retransmissions, tcp: [], hosts, nowUs: this.#atUs },
      totals: { ...totals, firstUs: FIRST_US, lastUs: this.#atUs },
      drops: { kernel: 0, queue: 0, isEstimate: false },
    }
  }
}

/** All that a report says, in an order of its own: row numbers are nobody's business. */
function describeReport({ database, rows, report, routeOfFlow }: OpenReport) {
  const { flows, details, hosts, activity, places, applications, transports } = rows
  const placeOf = (index: number) => (index < 0 ? null : `${places[index].city} ${places[index].country}`)
  const text = ({ texts, code }: { texts: readonly string[]; code: ArrayLike<number> }, row: number) => texts[code[row]] ?? null
  const routeText = (route: number) =>
    route < 0
      ? null
      : [
          ...[placeOf(report.routes.source[route]), placeOf(report.routes.target[route]), applications[report.routes.application[route]]],
          ...[transports[report.routes.transport[route]], report.routes.severity[route], report.routes.bytes[route]],
        ].join(' | ')
  const rowsOfActivity: unknown[] = []
  for (let tick = 0; tick + 1 < activity.tickStart.length; tick++)
    for (let row = activity.tickStart[tick]; row < activity.tickStart[tick + 1]; row++) {
      const sums = [activity.bytes[row], activity.packets[row], activity.clientBytes[row], activity.clientPackets[row]]
      rowsOfActivity.push([tick, flows.id[activity.flow[row]], ...sums].join(' '))
    }
  const repeated = new Map<string, number>()
  const { tick, flow, segments } = readRetransmissions({ database, rows })
  for (let row = 0; row < tick.length; row++) {
    const key = `${tick[row]} ${flows.id[flow[row]]}`
    repeated.set(key, (repeated.get(key) ?? 0) + segments[row])
  }
  return {
    repeated: [...repeated].sort(),
    meta: rows.meta,
    places,
    hosts: hosts.ip
      .map((ip, host) => [ip, hosts.id[host], hosts.key[host], hosts.name[host], hosts.asn[host], placeOf(hosts.place[host])].join(' '))
      .sort(),
    flows: Array.from(flows.id, (id, row) =>
      [
        ...[id, hosts.ip[flows.clientHost[row]], hosts.ip[flows.serverHost[row]], placeOf(flows.sourcePlace[row])],
        ...[placeOf(flows.targetPlace[row]), applications[flows.application[row]], transports[flows.transport[row]]],
        ...[flows.bytes[row], flows.packets[row], details.clientPort[row], details.serverPort[row], details.clientBytes[row]],
        ...[details.firstUs[row], details.lastUs[row], text(details.state, row), text(details.serverName, row)],
        ...[text(details.ja4, row), text(details.tunnel, row), routeText(routeOfFlow[row])],
      ].join(' '),
    ).sort(),
    activity: rowsOfActivity.sort(),
    routes: [...new Set(Array.from(routeOfFlow, routeText))].sort(),
    timeline: { ...report.timeline, binBytes: null },
    binSums: applications.map((name, index) => {
      const bins = report.timeline.binBytes.filter((_, at) => at % applications.length === index)
      return `${name} ${[...bins].join(' ')}`
    }),
    alerts: report.alerts.map(({ id, rule, routes }) => [id, rule, routes.map((route) => routeText(route)).join('; ')].join(' ')),
    names: rows.names.texts,
  }
}

const ALERT = {
  name: 'alerts',
  columns: [
    'id',
    'rule',
    'rule_version',
    'severity',
    'severity_reason',
    'title',
    'next_step',
    'first_us',
    'last_us',
    'flows',
    'story_id',
    'evidence',
  ],
  key: ['id'],
  rows: [[1, 'port-scan', 1, 'high', 'It is wide.', 'Somebody tried all doors.', 'Ask.', LAST_US, LAST_US, 2, 1, '{}']],
  gone: [],
}
const ALERT_FLOWS = { name: 'alert_flows', columns: ['alert_id', 'flow_id'], key: ['alert_id', 'flow_id'], rows: [[1, 2]], gone: [] }
const NAMES = {
  name: 'names',
  columns: ['host_id', 'name', 'source', 'first_us', 'count'],
  key: ['host_id', 'name', 'source'],
  rows: [[2, 'learned-later.example', 'tls', LAST_US, 9]],
  gone: [],
}

/** Told in part: what a page cannot know of its own rows. */
const HOST_NAMES = {
  name: 'hosts',
  columns: ['id', 'name', 'name_source'],
  key: ['id'],
  rows: [[2, 'learned-later.example', 'tls']],
  gone: [],
  isUpdate: true,
}

describe('columns that follow the changes of a running capture are those of the database they make', () => {
  test.each([1, 2, 3])('seed %d', async (seed) => {
    const { Database } = await initSqlJs()
    const script = new Script(seed)
    const bytes = await makeSampleDatabase()
    const grown = openReport(new Database(bytes), bytes, { nowUs: 0, before: null })
    for (let update = 0; update < 40; update++) {
      const changes = Array.from({ length: 1 + (update % 3) }, () => script.next())
      const tables = update === 20 ? [NAMES, HOST_NAMES, ALERT, ALERT_FLOWS] : []
      const nowUs = changes.at(-1)!.nowUs!
      const before = { ...grown, rows: { ...grown.rows } }
      growReport(grown, { changes, tables, nowUs })
      const again = openReport(grown.database, null, { nowUs, before })
      expect(describeReport(grown)).toEqual(describeReport(again))
    }
    expect(isGrowing(grown)).toBe(true)
    expect(readRetransmissions(grown).segments.reduce((sum, count) => sum + count, 0)).toBe(script.segmentsRepeated)
    expect(script.segmentsRepeated).toBeGreaterThan(20)
    expect(grown.rows.hosts.name[1]).toBe('learned-later.example')
    expect(grown.report.alerts[0].routes).toHaveLength(1)
    expect(grown.rows.flows.count).toBeGreaterThan(50)
  })

  test('all packets are in their ticks when ticks become longer', async () => {
    const { Database } = await initSqlJs()
    const database = new Database(await makeSampleDatabase())
    // As in the first seconds of a capture: short ticks, and all of it is its main part.
    database.run("UPDATE meta SET value = '10000' WHERE key = 'tick_us'")
    database.run('UPDATE activity SET tick = tick * 100')
    for (const [key, us] of Object.entries({ main_first_us: FIRST_US, main_last_us: LAST_US }))
      database.run('INSERT INTO meta VALUES (?, ?)', [key, String(us)])
    const grown = openReport(database, null, { nowUs: LAST_US, before: null })
    const script = new Script(5)
    const changes = Array.from({ length: 20 }, () => script.next())
    growReport(grown, { changes, tables: [], nowUs: changes.at(-1)!.nowUs! })
    const { activity, meta } = grown.rows
    expect(meta.tick_us).toBe('250000')
    const packets = Array.from(activity.tickStart.subarray(1), (end, tick) =>
      activity.packets.subarray(activity.tickStart[tick], end).reduce((sum, count) => sum + count, 0),
    )
    const [{ values }] = database.exec('SELECT tick, sum(client_packets + server_packets) FROM activity GROUP BY tick')
    expect(packets.flatMap((count, tick) => (count > 0 ? [[tick, count]] : []))).toEqual(values)
    expect(values.at(-1)![0]).toBeGreaterThan((LAST_US - FIRST_US) / 250_000)
  })

  test('a change that is sent twice counts once', async () => {
    const { Database } = await initSqlJs()
    const bytes = await makeSampleDatabase()
    const database = new Database(bytes)
    const change = new Script(4).next()
    const first = applyChanges(database, [change])
    const again = applyChanges(database, [change])
    expect(first.activity).toHaveLength(change.flows.length)
    expect(again.activity).toEqual([])
    expect(again.places).toEqual([])
  })
})
