// Sums: every packet of a conversation is counted once in flows, once in activity, and once each for its sender and receiver in hosts.
import { linkProtocolOf } from '../decode/skip-reasons.ts'
import { formatCount } from '../report/figures.ts'
import { rowsOf } from '../sqlite/query.ts'
import type { MetaKey } from '../store/meta-keys.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs } from './check.ts'
import { attempt, DATABASE, numberOf } from './query.ts'

export function checkTotals(database: SqlDatabase): Check[] {
  return [
    attempt('packets in conversations', () => checkPackets(database)),
    attempt('bytes in conversations', () => checkBytes(database)),
    attempt('timeline of each conversation', () => checkEachFlow(database)),
    attempt('retransmissions by tick', () => checkRetransmissions(database)),
    attempt('totals of each host', () => checkEachHost(database)),
    attempt('packets skipped', () => checkSkipped(database)),
    attempt('packets without IP', () => checkLinks(database)),
    attempt('totals in meta', () => checkMeta(database)),
  ]
}

/** A number in meta; NaN for other text, so that it is equal to nothing. */
export function metaNumber(database: SqlDatabase, key: MetaKey): number {
  const value = rowsOf(database, 'SELECT value FROM meta WHERE key = ?', [key])[0]?.[0]
  return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : Number.NaN
}

function checkPackets(database: SqlDatabase): Check {
  const both = 'coalesce(sum(client_packets + server_packets), 0)'
  return compareSums('packets in conversations', [
    ['captures', packetsInFlows(database)],
    ['flows', numberOf(database, `SELECT ${both} FROM flows`)],
    ['activity', numberOf(database, `SELECT ${both} FROM activity`)],
    ['hosts (sent)', numberOf(database, 'SELECT coalesce(sum(sent_packets), 0) FROM hosts')],
    ['hosts (received)', numberOf(database, 'SELECT coalesce(sum(received_packets), 0) FROM hosts')],
  ])
}

/** Number of packets in flows, from captures: one for each frame, but several for an aggregated 802.11 frame. */
export function packetsInFlows(database: SqlDatabase): number {
  const subframes = numberOf(database, "SELECT coalesce((SELECT value FROM meta WHERE key = 'subframes'), 0) + 0")
  return numberOf(database, 'SELECT coalesce(sum(ip_packets), 0) FROM captures') + subframes
}

/** Captures include the bytes of skipped packets, so they can be compared only if nothing was skipped. */
function checkBytes(database: SqlDatabase): Check {
  const subject = 'bytes in conversations'
  const both = 'coalesce(sum(client_bytes + server_bytes), 0)'
  const flows = numberOf(database, `SELECT ${both} FROM flows`)
  const sums: [string, number][] = [
    ['flows', flows],
    ['activity', numberOf(database, `SELECT ${both} FROM activity`)],
    ['hosts (sent)', numberOf(database, 'SELECT coalesce(sum(sent_bytes), 0) FROM hosts')],
    ['hosts (received)', numberOf(database, 'SELECT coalesce(sum(received_bytes), 0) FROM hosts')],
  ]
  const captures = numberOf(database, 'SELECT coalesce(sum(bytes), 0) FROM captures')
  if (numberOf(database, 'SELECT coalesce(sum(packets), 0) FROM skipped') === 0) sums.unshift(['captures', captures])
  else if (flows > captures)
    return differs(DATABASE, subject, `flows say ${formatCount(flows)}, more than the ${formatCount(captures)} of all packets`)
  return compareSums(subject, sums)
}

function compareSums(subject: string, sums: [string, number][]): Check {
  const [, first] = sums[0]
  if (sums.every(([, sum]) => sum === first)) return agrees(DATABASE, subject, `${formatCount(first)}: ${names(sums)} alike`)
  return differs(DATABASE, subject, sums.map(([name, sum]) => `${name} ${formatCount(sum)}`).join(', '))
}

function names(sums: [string, number][]): string {
  return sums.map(([name]) => name).join(', ')
}

function checkEachFlow(database: SqlDatabase): Check {
  const columns = ['client_packets', 'server_packets', 'client_bytes', 'server_bytes']
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM flows f LEFT JOIN (SELECT flow_id, ${columns.map((c) => `sum(${c}) AS ${c}`)} FROM activity GROUP BY flow_id) a
     ON a.flow_id = f.id WHERE ${columns.map((c) => `f.${c} <> coalesce(a.${c}, 0)`).join(' OR ')}`,
  )
  return none('timeline of each conversation', wrong, 'conversations whose rows of activity do not add up to their totals')
}

/** Of conversations that have rows: reports of earlier versions have none. */
function checkRetransmissions(database: SqlDatabase): Check {
  const columns = ['client_retransmissions', 'server_retransmissions']
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM (SELECT flow_id, ${columns.map((c) => `sum(${c}) AS ${c}`)} FROM retransmissions GROUP BY flow_id) r
     LEFT JOIN tcp t ON t.flow_id = r.flow_id WHERE ${columns.map((c) => `t.${c} IS NOT r.${c}`).join(' OR ')}`,
  )
  const apart = numberOf(
    database,
    `SELECT count(*) FROM retransmissions r LEFT JOIN activity a ON a.tick = r.tick AND a.flow_id = r.flow_id
     WHERE a.tick IS NULL OR r.client_retransmissions > a.client_packets OR r.server_retransmissions > a.server_packets`,
  )
  return none('retransmissions by tick', wrong + apart, 'rows are not those of tcp and activity')
}

function checkEachHost(database: SqlDatabase): Check {
  const ends = (end: string, other: string) =>
    `SELECT ${end}_host_id AS id, first_us, last_us, ${end}_packets AS sp, ${end}_bytes AS sb, ${other}_packets AS rp, ${other}_bytes AS rb FROM flows`
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM hosts h LEFT JOIN (
       SELECT id, min(first_us) AS first_us, max(last_us) AS last_us, sum(sp) AS sp, sum(sb) AS sb, sum(rp) AS rp, sum(rb) AS rb
       FROM (${ends('client', 'server')} UNION ALL ${ends('server', 'client')}) GROUP BY id) f ON f.id = h.id
     WHERE f.id IS NULL OR h.first_us <> f.first_us OR h.last_us <> f.last_us
       OR h.sent_packets <> f.sp OR h.sent_bytes <> f.sb OR h.received_packets <> f.rp OR h.received_bytes <> f.rb`,
  )
  return none('totals of each host', wrong, 'hosts whose totals or times are not those of their conversations')
}

function checkSkipped(database: SqlDatabase): Check {
  const subject = 'packets skipped'
  const rows = rowsOf(
    database,
    `SELECT c.id, c.packets, c.ip_packets, (SELECT coalesce(sum(s.packets), 0) FROM skipped s WHERE s.capture_id = c.id) FROM captures c`,
  )
  if (rows.length === 0) return differs(DATABASE, subject, 'the database names no capture')
  const wrong = rows.find(([, packets, ipPackets, skipped]) => Number(ipPackets) + Number(skipped) !== Number(packets))
  if (wrong !== undefined) {
    const [id, packets, ipPackets, skipped] = wrong.map(Number) as [number, number, number, number]
    const sum = `${formatCount(ipPackets)} in conversations and ${formatCount(skipped)} skipped`
    return differs(DATABASE, subject, `capture ${id} has ${formatCount(packets)} packets, but ${sum}`)
  }
  const total = rows.reduce((sum, row) => sum + Number(row[3]), 0)
  return agrees(DATABASE, subject, `${formatCount(total)}; with those in conversations they make all packets`)
}

/** Every packet that carries no IP, or nothing that can be read, is in a row of link_traffic or counted as unlisted. */
function checkLinks(database: SqlDatabase): Check {
  const subject = 'packets without IP'
  if (rowsOf(database, "SELECT 1 FROM meta WHERE key = 'link_packets_unlisted'").length === 0)
    return agrees(DATABASE, subject, 'made by a version without link_traffic')
  const skipped = rowsOf(database, 'SELECT reason, sum(packets) FROM skipped GROUP BY reason')
  const byProtocol = new Map<string, number>()
  for (const [reason, packets] of skipped) {
    const protocol = linkProtocolOf(String(reason))
    if (protocol !== null) byProtocol.set(protocol, Number(packets))
  }
  for (const [protocol, packets] of rowsOf(database, 'SELECT protocol, sum(packets) FROM link_traffic GROUP BY protocol')) {
    const most = byProtocol.get(String(protocol)) ?? 0
    if (Number(packets) > most)
      return differs(DATABASE, subject, `link_traffic has ${formatCount(Number(packets))} of ${protocol}, skipped has ${formatCount(most)}`)
  }
  const total = [...byProtocol.values()].reduce((sum, packets) => sum + packets, 0)
  const listed = numberOf(database, 'SELECT coalesce(sum(packets), 0) FROM link_traffic')
  const unlisted = metaNumber(database, 'link_packets_unlisted')
  return listed + unlisted === total
    ? agrees(DATABASE, subject, `${formatCount(total)}: ${formatCount(listed)} in link_traffic, ${formatCount(unlisted)} unlisted`)
    : differs(
        DATABASE,
        subject,
        `link_traffic has ${formatCount(listed)} and ${formatCount(unlisted)} are unlisted, but ${formatCount(total)} were skipped`,
      )
}

function checkMeta(database: SqlDatabase): Check {
  const expected: [MetaKey, string][] = [
    ['packets', 'SELECT coalesce(sum(packets), 0) FROM captures'],
    ['bytes', 'SELECT coalesce(sum(bytes), 0) FROM captures'],
    ['ip_packets', 'SELECT coalesce(sum(ip_packets), 0) FROM captures'],
    ['flows', 'SELECT count(*) FROM flows'],
    ['hosts', 'SELECT count(*) FROM hosts'],
    ['public_hosts', "SELECT count(*) FROM hosts WHERE scope = 'public'"],
    ['located_hosts', "SELECT count(*) FROM hosts WHERE scope = 'public' AND place_id IS NOT NULL"],
    ['packets_kept', 'SELECT count(*) FROM packets'],
  ]
  const wrong: string[] = []
  for (const [key, sql] of expected) {
    const said = metaNumber(database, key)
    const counted = numberOf(database, sql)
    if (said !== counted)
      wrong.push(`${key} says ${Number.isNaN(said) ? 'no number' : formatCount(said)}, counted are ${formatCount(counted)}`)
  }
  return wrong.length === 0
    ? agrees(DATABASE, 'totals in meta', expected.map(([key]) => key).join(', '))
    : differs(DATABASE, 'totals in meta', wrong.join('; '))
}

/** A check that passes if the count of wrong items is 0. */
export function none(subject: string, wrong: number, what: string): Check {
  return wrong === 0 ? agrees(DATABASE, subject) : differs(DATABASE, subject, `${formatCount(wrong)} ${what}`)
}
