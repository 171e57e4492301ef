// A small report made by hand, for tests of everything that reads one: few rows, round numbers, sums one can do in the head.
import initSqlJs, { type Database } from 'sql.js'
import type { SiteSummary } from '../../src/contract/manifest.ts'
import { PRAGMAS, TABLES } from '../../src/store/schema.ts'
import { PLACES_META } from './database.ts'

/** 2026-03-02 10:00:00 UTC. */
export const FIRST_US = 1_772_445_600_000_000
/** The capture lasts a minute, in ticks of a second. */
export const DURATION_US = 60_000_000

/** Names as a hostile network would give them. */
export const HOSTILE = {
  markup: '<img src=x onerror="window.hacked=1">',
  formula: '=cmd|calc!A0',
  direction: 'gepj\u202e.exe',
  quotes: 'a"b,c\r\nd',
}

type Value = string | number | null

/** Places: 1 Nairobi (origin), 2 Berlin, 3 Tokyo, 4 the middle of Brazil. */
const PLACES: Value[][] = [
  [1, -1.286389, 36.817223, null, 'Nairobi', null, 'KE', 'Kenya', 'AF', 'Africa/Nairobi', 'origin'],
  [2, 52.52, 13.405, 20, 'Berlin', 'Land Berlin', 'DE', 'Germany', 'EU', 'Europe/Berlin', 'city'],
  [3, 35.68, 139.69, 20, 'Tokyo', null, 'JP', 'Japan', 'AS', 'Asia/Tokyo', 'city'],
  [4, -10, -55, 1000, null, null, 'BR', 'Brazil', 'SA', null, 'country'],
]

/** id, ip, scope, place. */
const HOSTS: Value[][] = [
  [1, '192.168.1.10', 'private', 1],
  [2, '192.168.1.20', 'private', 1],
  [3, '203.0.114.5', 'public', 2],
  [4, '198.41.0.4', 'public', 3],
  [5, '200.160.2.3', 'public', 4],
  [6, '5.5.5.5', 'public', null],
  [7, '224.0.0.251', 'multicast', null],
]

/**
 * id, transport, protocol, client, port, server, port, first second, last second, client packets, server packets, client bytes,
 * server bytes, state, application, server name. Total: 30 packets, 10,000 bytes.
 */
const FLOWS: Value[][] = [
  [1, 'tcp', 6, 1, 50000, 3, 443, 0, 30, 5, 5, 1000, 4000, 'SF', 'tls', 'www.example.org'],
  [2, 'udp', 17, 1, 50001, 4, 53, 10, 10, 1, 1, 100, 300, 'SF', 'dns', HOSTILE.markup],
  [3, 'tcp', 6, 5, 40000, 2, 22, 20, 40, 4, 2, 600, 400, 'REJ', 'ssh', HOSTILE.formula],
  [4, 'tcp', 6, 3, 40001, 4, 80, 30, 50, 2, 2, 500, 500, 'SF', 'http', HOSTILE.direction],
  [5, 'udp', 17, 1, 50002, 6, 9999, 45, 45, 2, 0, 600, 0, 'S0', null, HOSTILE.quotes],
  [6, 'tcp', 6, 1, 50003, 2, 445, 50, 59, 2, 2, 800, 800, 'SF', 'smb', null],
  [7, 'udp', 17, 2, 5353, 7, 5353, 59, 59, 2, 0, 400, 0, 'S0', 'mdns', null],
]

/** flow, second, client packets, server packets, client bytes, server bytes: sums to the flows above. */
const ACTIVITY: number[][] = [
  [1, 0, 2, 2, 500, 1500],
  [1, 15, 2, 2, 300, 1500],
  [1, 30, 1, 1, 200, 1000],
  [2, 10, 1, 1, 100, 300],
  [3, 20, 2, 1, 300, 200],
  [3, 40, 2, 1, 300, 200],
  [4, 30, 1, 1, 250, 250],
  [4, 50, 1, 1, 250, 250],
  [5, 45, 2, 0, 600, 0],
  [6, 50, 1, 1, 400, 400],
  [6, 59, 1, 1, 400, 400],
  [7, 59, 2, 0, 400, 0],
]

const NAMES: Value[][] = [
  [3, 'www.example.org', 'tls', 0, 2],
  [4, HOSTILE.markup, 'dns', 10, 1],
  [6, HOSTILE.formula, 'dns', 45, 1],
]

export const SAMPLE_SUMMARY: SiteSummary = {
  name: 'sample',
  firstUs: FIRST_US,
  lastUs: FIRST_US + DURATION_US,
  packets: 30,
  bytes: 10_000,
  flows: 7,
  hosts: 7,
  publicHosts: 4,
  locatedHosts: 3,
  histogram: [2000, 0, 400, 2300, 500, 1500, 1300, 500, 600, 1400],
}

export const EMPTY_SUMMARY: SiteSummary = {
  ...{ name: 'empty', firstUs: null, lastUs: null, packets: 0, bytes: 0, flows: 0, hosts: 0, publicHosts: 0, locatedHosts: 0 },
  histogram: [],
}

const META: Record<string, string> = {
  program: 'rtnvis',
  program_version: '0.1.0',
  report_name: 'sample',
  first_us: String(FIRST_US),
  last_us: String(FIRST_US + DURATION_US),
  tick_us: '1000000',
  ticks: '61',
  packets: '30',
  packets_kept: '0',
  ip_packets: '30',
  bytes: '10000',
  flows: '7',
  hosts: '7',
  public_hosts: '4',
  located_hosts: '3',
  ...PLACES_META,
}

/** The sample as database bytes. @param change more to be done to it */
export async function makeSampleDatabase(change?: (database: Database) => void): Promise<Uint8Array> {
  return makeDatabase((insert) => {
    for (const place of PLACES) insert('places', place)
    for (const host of HOSTS) {
      const [, name = null, source = null] = NAMES.find(([id]) => id === host[0]) ?? []
      insert('hosts', [...host, null, null, FIRST_US, FIRST_US + DURATION_US, 0, 0, 0, 0, name, source])
    }
    for (const [id, transport, protocol, client, clientPort, server, serverPort, first, last, ...rest] of FLOWS) {
      const [clientPackets, serverPackets, clientBytes, serverBytes, state, application, name] = rest
      const times = [FIRST_US + Number(first) * 1e6, FIRST_US + Number(last) * 1e6]
      const counts = [
        clientPackets!,
        serverPackets!,
        clientBytes!,
        serverBytes!,
        0,
        0,
        state!,
        application!,
        application === null ? null : 'port',
      ]
      const flow = [id!, transport!, protocol!, client!, clientPort!, server!, serverPort!, ...times, ...counts]
      insert('flows', [...flow, name!, name === null ? null : 'tls', null, null])
    }
    for (const [flow, second, ...counts] of ACTIVITY) insert('activity', [second, flow, ...counts])
    for (const [host, name, source, second, count] of NAMES)
      insert('names', [host!, name!, source!, FIRST_US + Number(second) * 1e6, count!])
    for (const [key, value] of Object.entries(META)) insert('meta', [key, value])
  }, change)
}

/** A capture without packets, as database bytes. */
export async function makeEmptyDatabase(): Promise<Uint8Array> {
  const counts = ['packets', 'packets_kept', 'ip_packets', 'bytes', 'flows', 'hosts', 'public_hosts', 'located_hosts', 'ticks']
  return makeDatabase((insert) => {
    for (const [key, value] of Object.entries(META)) {
      const isTime = key === 'first_us' || key === 'last_us'
      insert('meta', [key, counts.includes(key) ? '0' : isTime ? '' : value])
    }
  })
}

/** A database with this project's tables; `fill` inserts rows, columns in order; those left out at the end are null. */
export async function makeDatabase(
  fill: (insert: (table: string, values: Value[]) => void) => void,
  change?: (database: Database) => void,
): Promise<Uint8Array> {
  const { Database } = await initSqlJs()
  const database = new Database()
  database.run(PRAGMAS)
  database.run(TABLES)
  database.run('BEGIN')
  const statements = new Map<string, ReturnType<typeof database.prepare>>()
  fill((table, values) => {
    let statement = statements.get(table)
    if (!statement) {
      const [{ values: names }] = database.exec(`SELECT name FROM pragma_table_info('${table}') ORDER BY cid LIMIT ${values.length}`)
      statement = database.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.map(() => '?').join(', ')})`)
      statements.set(table, statement)
    }
    statement.run(values)
  })
  for (const statement of statements.values()) statement.free()
  database.run('COMMIT')
  change?.(database)
  const bytes = database.export()
  database.close()
  return bytes
}
