// What must be true of the rows of every capture, however spoilt. Written apart from src/verify, which is held against SQLite beside it.
import type { SqlValue } from '../../src/types.ts'
import type { Table, Tables } from './tables.ts'

/** Below zero by their nature. */
const SIGNED = new Set(['latitude_deg', 'longitude_deg'])
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
/** A surrogate without its other half. */
const HALF = /\p{Cs}/u
const MAX_TEXT = 10_000

class Unsound extends Error {
  override name = 'Unsound'
}

/** @throws with what is wrong */
export function expectSound(all: Tables): void {
  for (const [name, table] of all.tables) expectValues(name, table)
  const meta = new Map([...all.rows('meta')].map(({ key, value }) => [key, String(value)]))
  for (const [key, value] of meta) if (/NaN|Infinity|undefined/.test(value)) fail(`meta.${key} is ${value}`)
  expectTotals(all, meta)
  expectFlows(all, meta)
  expectHosts(all)
}

function expectValues(name: string, { columns, values }: Table): void {
  for (const [index, value] of values.entries()) {
    const column = `${name}.${columns[index % columns.length]}`
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) fail(`${column} is ${value}`)
      if (value < 0 && !SIGNED.has(column.slice(name.length + 1))) fail(`${column} is below zero: ${value}`)
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER) fail(`${column} is not exact: ${value}`)
    } else if (typeof value === 'string') {
      if (CONTROL.test(value)) fail(`${column} has control characters: ${JSON.stringify(value).slice(0, 200)}`)
      if (value.length > MAX_TEXT) fail(`${column} has ${value.length} characters`)
      if (HALF.test(value)) fail(`${column} has half a character: ${JSON.stringify(value).slice(0, 200)}`)
    } else if (value === undefined) fail(`${column} is undefined`)
  }
}

function expectTotals(all: Tables, meta: Map<SqlValue | undefined, string>): void {
  const captures = [...all.rows('captures')]
  const skipped = sum(all, 'skipped', 'packets')
  const ipPackets = sum(all, 'captures', 'ip_packets')
  equal('packets = in conversations + skipped', sum(all, 'captures', 'packets'), ipPackets + skipped)
  const packets = sum(all, 'flows', 'client_packets', 'server_packets')
  const bytes = sum(all, 'flows', 'client_bytes', 'server_bytes')
  equal('packets of flows and captures', packets, ipPackets + Number(meta.get('subframes') ?? 0))
  equal('packets of activity and flows', sum(all, 'activity', 'client_packets', 'server_packets'), packets)
  equal('bytes of activity and flows', sum(all, 'activity', 'client_bytes', 'server_bytes'), bytes)
  for (const way of ['sent', 'received']) {
    equal(`${way} packets of hosts and flows`, sum(all, 'hosts', `${way}_packets`), packets)
    equal(`${way} bytes of hosts and flows`, sum(all, 'hosts', `${way}_bytes`), bytes)
  }
  if (skipped === 0) equal('bytes of captures and flows', sum(all, 'captures', 'bytes'), bytes)
  equal('meta.flows', Number(meta.get('flows')), count(all, 'flows'))
  equal('meta.hosts', Number(meta.get('hosts')), count(all, 'hosts'))
  equal('meta.packets_kept', Number(meta.get('packets_kept')), count(all, 'packets'))
  for (const { first_us, last_us, packets } of captures) {
    if ((packets === 0) !== (first_us === null) || (packets === 0) !== (last_us === null))
      fail('a capture has times without packets, or none')
    if (Number(first_us) > Number(last_us)) fail('a capture ends before it begins')
  }
}

/** Per flow: activity adds up to the totals and stays on the timeline; packet rows and questions stay in its span. */
function expectFlows(all: Tables, meta: Map<SqlValue | undefined, string>): void {
  const kept = new Map<SqlValue, number>()
  for (const { flow_id, tick, client_packets, server_packets } of all.rows('activity')) {
    kept.set(flow_id!, (kept.get(flow_id!) ?? 0) + Number(client_packets) + Number(server_packets))
    if (!(Number(tick) < Number(meta.get('ticks')))) fail(`tick ${tick} of ${meta.get('ticks')}`)
  }
  const spans = new Map<SqlValue, [number, number]>()
  for (const flow of all.rows('flows')) {
    equal(`packets of flow ${flow.id} in activity`, kept.get(flow.id!) ?? 0, Number(flow.client_packets) + Number(flow.server_packets))
    if (Number(flow.first_us) > Number(flow.last_us)) fail(`flow ${flow.id} ends before it begins`)
    spans.set(flow.id!, [Number(flow.first_us), Number(flow.last_us)])
  }
  for (const table of ['packets', 'dns_queries']) {
    for (const { flow_id, at_us } of all.rows(table)) {
      const span = spans.get(flow_id!) ?? fail(`${table} names flow ${flow_id}, which there is not`)
      if (Number(at_us) < span[0] || Number(at_us) > span[1]) fail(`${table}: ${at_us} is outside flow ${flow_id}`)
    }
  }
}

function expectHosts(all: Tables): void {
  const ids = new Set<SqlValue>()
  const ips = new Set<SqlValue>()
  for (const { id, ip, sent_packets, received_packets } of all.rows('hosts')) {
    if (ips.has(ip!)) fail(`host ${ip} is there twice`)
    ids.add(id!)
    ips.add(ip!)
    if (Number(sent_packets) + Number(received_packets) === 0) fail(`host ${ip} has no packet`)
  }
  for (const { host_id } of all.rows('names')) if (!ids.has(host_id!)) fail(`a name of host ${host_id}, which there is not`)
}

function sum(all: Tables, name: string, ...wanted: string[]): number {
  const table = all.tables.get(name)
  if (table === undefined) return 0
  const { columns, values } = table
  let total = 0
  for (const column of wanted) for (let at = columns.indexOf(column); at < values.length; at += columns.length) total += Number(values[at])
  return total
}

function count(all: Tables, name: string): number {
  const table = all.tables.get(name)
  return table === undefined ? 0 : table.values.length / table.columns.length
}

function equal(what: string, actual: number, wanted: number): void {
  if (actual !== wanted) fail(`${what}: ${actual} and ${wanted}`)
}

function fail(what: string): never {
  throw new Unsound(what)
}
