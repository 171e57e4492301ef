// A change of a running capture -> rows of the database in this page, so that every view and every query sees it.
import type { Database } from 'sql.js'
import type { LiveFlow, LiveHost } from '../../../../src/contract/live-feed.ts'
import type { LiveChange } from '../../../../src/contract/live-message.ts'
import { camelCase, LIVE_COLUMNS } from '../../../../src/store/flow-columns.ts'
import { TCP_COLUMNS } from '../../../../src/store/tcp-columns.ts'
import { forEachRow, numberOf } from '../data/database.ts'

type Value = string | number | null

/** Shortest tick: changes do not arrive more often. */
const FINEST_TICK_US = 200_000
/** Most ticks; when there are more, each tick becomes WIDENING times as long. */
const MOST_TICKS = 4_000
const WIDENING = 5

const HOST = `INSERT INTO hosts (id, ip, scope, place_id, asn, as_name, name, name_source, first_us, last_us, sent_packets, received_packets,
  sent_bytes, received_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0) ON CONFLICT DO NOTHING`
const PLACE = `INSERT INTO places (id, latitude_deg, longitude_deg, city, country_code, country, precision) VALUES (?, ?, ?, ?, ?, ?, ?)`
const FLOW_NAMES = ['id', ...LIVE_COLUMNS.map(({ name }) => name)]
const FLOW_KEYS = ['id', ...LIVE_COLUMNS.map(({ name }) => camelCase(name))] as const
/** Columns that a change does not have (fingerprint, tunnel) keep their value. */
const FLOW = `INSERT INTO flows (${FLOW_NAMES.join()}) VALUES (${FLOW_NAMES.map(() => '?').join()})
  ON CONFLICT (id) DO UPDATE SET ${FLOW_NAMES.slice(1)
    .map((name) => `${name} = excluded.${name}`)
    .join()}`
const ACTIVITY = `INSERT INTO activity (tick, flow_id, client_packets, server_packets, client_bytes, server_bytes) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (tick, flow_id) DO UPDATE SET client_packets = client_packets + excluded.client_packets,
  server_packets = server_packets + excluded.server_packets, client_bytes = client_bytes + excluded.client_bytes,
  server_bytes = server_bytes + excluded.server_bytes`
const REPEATED = `INSERT INTO retransmissions (tick, flow_id, client_retransmissions, server_retransmissions) VALUES (?, ?, ?, ?)
  ON CONFLICT (tick, flow_id) DO UPDATE SET client_retransmissions = client_retransmissions + excluded.client_retransmissions,
  server_retransmissions = server_retransmissions + excluded.server_retransmissions`
const TCP_NAMES = ['flow_id', ...TCP_COLUMNS.map(({ name }) => name)]
const TCP = `INSERT OR REPLACE INTO tcp (${TCP_NAMES.join()}) VALUES (${TCP_NAMES.map(() => '?').join()})`
const HOST_TRAFFIC = `UPDATE hosts SET sent_packets = sent_packets + ?2, received_packets = received_packets + ?3, sent_bytes = sent_bytes + ?4,
  received_bytes = received_bytes + ?5, first_us = min(first_us, ?6), last_us = max(last_us, ?7) WHERE id = ?1`

/** A new row of `activity`, or what is added to one: tick, flow id, packets of client and server, bytes of client and server. */
export type ActivityGrowth = [tick: number, flowId: number, number, number, number, number]

/** The same of `retransmissions`: tick, flow id, segments of client and server. */
type RepeatedGrowth = [tick: number, flowId: number, number, number]

/** What the changes did to the tables, so that the columns read from them can be updated. */
export interface Applied {
  /** New rows of `places` with their ids. */
  places: { id: number; place: LivePlace }[]
  /** Rows of `hosts`, new or known. */
  hosts: { host: LiveHost; placeId: number | null }[]
  /** Rows of `flows` with their current values, in the order in which they were written. */
  flows: LiveFlow[]
  activity: ActivityGrowth[]
  retransmissions: RepeatedGrowth[]
  /** True when ticks became longer: all rows of `activity` and `retransmissions` have changed. */
  isWidened: boolean
}

type LivePlace = NonNullable<LiveHost['place']>

/** Applies changes in their order, in one transaction. Growth of a conversation since its last change counts in the tick of its last packet. */
export function applyChanges(database: Database, changes: readonly LiveChange[]): Applied {
  const applied: Applied = { places: [], hosts: [], flows: [], activity: [], retransmissions: [], isWidened: false }
  const last = changes.at(-1)
  if (!last) return applied
  database.run('BEGIN')
  try {
    for (const { hosts } of changes) if (hosts.length > 0) addHosts(database, hosts, applied)
    const clock = keepTime(database, last, applied)
    for (const { flows } of changes) if (flows.length > 0) addFlows(database, flows, clock, applied)
    for (const change of changes) if (change.retransmissions.length > 0) addRetransmissions(database, change, clock, applied)
    for (const { tcp } of changes) if (tcp.length > 0) runEach(database, TCP, tcp)
    keepTotals(database, last, applied)
    database.run('COMMIT')
    return applied
  } catch (error) {
    database.run('ROLLBACK')
    REPEATED_SUMS.delete(database)
    throw error
  }
}

function addHosts(database: Database, hosts: LiveHost[], applied: Applied): void {
  const places = new Map<string, number>()
  let lastId = 0
  forEachRow(database, 'SELECT id, latitude_deg, longitude_deg, city, country_code, country, precision FROM places', (row) => {
    const [id, ...rest] = row.get()
    places.set(JSON.stringify(rest), Number(id))
    lastId = Math.max(lastId, Number(id))
  })
  runEach(
    database,
    HOST,
    hosts.map((host) => {
      const { id, ip, scope, place, asn, asName, name, nameSource } = host
      let placeId: number | null = null
      if (place) {
        const values: Value[] = [place.latitudeDeg, place.longitudeDeg, place.city, place.countryCode, place.country, place.precision]
        const key = JSON.stringify(values)
        placeId = places.get(key) ?? null
        if (placeId === null) {
          placeId = ++lastId
          places.set(key, placeId)
          database.run(PLACE, [placeId, ...values])
          applied.places.push({ id: placeId, place })
        }
      }
      applied.hosts.push({ host, placeId })
      // HOST_TRAFFIC sets first_us; until then it is larger than any time.
      return [id, ip, scope, placeId, asn, asName, name, nameSource, Number.MAX_SAFE_INTEGER, 0]
    }),
  )
}

interface TickClock {
  firstUs: number
  tickUs: number
}

/** Updates the length of the timeline and, if needed, of its ticks. */
function keepTime(database: Database, { totals }: LiveChange, applied: Applied): TickClock {
  const firstUs = Number(metaOf(database, 'first_us')) || totals.firstUs || 0
  const lastUs = totals.lastUs ?? firstUs
  const before = Number(metaOf(database, 'tick_us')) || FINEST_TICK_US
  let tickUs = before
  while (tickUs < FINEST_TICK_US || (lastUs - firstUs) / tickUs >= MOST_TICKS) tickUs *= WIDENING
  applied.isWidened = tickUs !== before
  if (applied.isWidened) widen(database, tickUs / before)
  setMeta(database, {
    first_us: firstUs,
    last_us: lastUs,
    tick_us: tickUs,
    ticks: Math.floor((lastUs - firstUs) / tickUs) + 1,
  })
  return { firstUs, tickUs }
}

function widen(database: Database, times: number): void {
  widenTable(database, times, 'activity', ['client_packets', 'server_packets', 'client_bytes', 'server_bytes'])
  widenTable(database, times, 'retransmissions', ['client_retransmissions', 'server_retransmissions'])
}

function widenTable(database: Database, times: number, table: string, counts: string[]): void {
  const sums = counts.map((column) => `sum(${column})`).join()
  database.run(`CREATE TEMP TABLE wide AS SELECT tick / ${times} AS tick, flow_id, ${sums} FROM ${table} GROUP BY 1, 2`)
  database.run(`DELETE FROM ${table}`)
  database.run(`INSERT INTO ${table} SELECT * FROM wide ORDER BY tick, flow_id`)
  database.run('DROP TABLE wide')
}

function addFlows(database: Database, flows: LiveFlow[], clock: TickClock, applied: Applied): void {
  const known = database.prepare('SELECT client_packets, server_packets, client_bytes, server_bytes FROM flows WHERE id = ?')
  const activity: ActivityGrowth[] = []
  const traffic = new Map<number, number[]>()
  for (const flow of flows) {
    const counts = [flow.clientPackets, flow.serverPackets, flow.clientBytes, flow.serverBytes]
    known.bind([flow.id])
    const before = known.step() ? (known.get() as number[]) : [0, 0, 0, 0]
    known.reset()
    const more = counts.map((count, index) => count - before[index]) as [number, number, number, number]
    if (more.some((count) => count > 0)) activity.push([tickOf(flow.lastUs, clock), flow.id, ...more])
    const [clientPackets, serverPackets, clientBytes, serverBytes] = more
    count(traffic, flow, flow.clientHostId, [clientPackets, serverPackets, clientBytes, serverBytes])
    count(traffic, flow, flow.serverHostId, [serverPackets, clientPackets, serverBytes, clientBytes])
  }
  known.free()
  runEach(
    database,
    FLOW,
    flows.map((flow) => FLOW_KEYS.map((key) => flow[key])),
  )
  runEach(database, ACTIVITY, activity)
  applied.flows.push(...flows)
  applied.activity.push(...activity)
  runEach(
    database,
    HOST_TRAFFIC,
    [...traffic].map(([id, values]) => [id, ...values]),
  )
}

/** By database, then by flow id: the sums of `retransmissions`, which has no index by flow. */
const REPEATED_SUMS = new WeakMap<Database, Map<number, readonly [client: number, server: number]>>()

/** Segments repeated since the last change count in the tick of the conversation's last packet. */
function addRetransmissions(database: Database, { flows, retransmissions }: LiveChange, clock: TickClock, applied: Applied): void {
  const sums = REPEATED_SUMS.get(database) ?? readRepeatedSums(database)
  REPEATED_SUMS.set(database, sums)
  const lastUs = new Map(flows.map((flow) => [flow.id, flow.lastUs]))
  const growth: RepeatedGrowth[] = []
  for (const { flowId, client, server } of retransmissions) {
    const [clientBefore, serverBefore] = sums.get(flowId) ?? [0, 0]
    const atUs = lastUs.get(flowId)
    const more = client + server - clientBefore - serverBefore
    if (atUs === undefined || !(more > 0)) continue
    // Who is the client may turn out later; the sum of both ends is right at any time.
    const clientMore = Math.min(more, Math.max(0, client - clientBefore))
    sums.set(flowId, [clientBefore + clientMore, serverBefore + more - clientMore])
    growth.push([tickOf(atUs, clock), flowId, clientMore, more - clientMore])
  }
  runEach(database, REPEATED, growth)
  applied.retransmissions.push(...growth)
}

function readRepeatedSums(database: Database): Map<number, readonly [number, number]> {
  const sums = new Map<number, readonly [number, number]>()
  forEachRow(
    database,
    'SELECT flow_id, sum(client_retransmissions), sum(server_retransmissions) FROM retransmissions GROUP BY flow_id',
    (row) => {
      const [flow, client, server] = row.get() as number[]
      sums.set(flow, [client, server])
    },
  )
  return sums
}

const tickOf = (atUs: number, { firstUs, tickUs }: TickClock): number => Math.max(0, Math.floor((atUs - firstUs) / tickUs))

/** Adds to the packets and bytes of a host, and extends its first and last time. */
function count(traffic: Map<number, number[]>, { firstUs, lastUs }: LiveFlow, host: number, counts: number[]): void {
  const values = traffic.get(host) ?? [0, 0, 0, 0, firstUs, lastUs]
  counts.forEach((value, index) => {
    values[index] += value
  })
  values[4] = Math.min(values[4], firstUs)
  values[5] = Math.max(values[5], lastUs)
  traffic.set(host, values)
}

function keepTotals(database: Database, { totals }: LiveChange, { hosts }: Applied): void {
  const { packets, ipPackets, bytes, flows } = totals
  setMeta(database, { packets, ip_packets: ipPackets, bytes, flows, hosts: totals.hosts })
  if (hosts.length === 0) return
  const publicHosts = numberOf(database, "SELECT count(*) FROM hosts WHERE scope = 'public'")
  const located = numberOf(database, "SELECT count(*) FROM hosts WHERE scope = 'public' AND place_id IS NOT NULL")
  setMeta(database, { public_hosts: publicHosts, located_hosts: located })
}

function metaOf(database: Database, key: string): string {
  let value = ''
  forEachRow(database, 'SELECT value FROM meta WHERE key = ?', (row) => (value = String(row.get()[0])), [key])
  return value
}

function setMeta(database: Database, values: Record<string, number>): void {
  runEach(
    database,
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    Object.entries(values).map(([key, value]) => [key, String(value)]),
  )
}

function runEach(database: Database, sql: string, rows: Value[][]): void {
  const statement = database.prepare(sql)
  try {
    for (const row of rows) statement.run(row)
  } finally {
    statement.free()
  }
}
