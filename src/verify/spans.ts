// Times: a capture includes the times of its conversations, a conversation those of its packets and questions, and the timeline is that of the captures.
import { formatCount } from '../report/figures.ts'
import { rowsOf } from '../sqlite/query.ts'
import { CHOSEN_KEYS } from '../store/meta-keys.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs } from './check.ts'
import { attempt, DATABASE, numberOf, rowOf } from './query.ts'
import { formatMicroseconds } from './time.ts'
import { metaNumber, none, packetsInFlows } from './totals.ts'

/** Keys of meta of options that leave packets out. */
const CHOSEN = CHOSEN_KEYS.map((key) => `'${key}'`).join(', ')

export function checkSpans(database: SqlDatabase): Check[] {
  return [
    attempt('times of captures', () => checkCaptures(database)),
    attempt('times of conversations', () => checkFlows(database)),
    attempt('timeline', () => checkTimeline(database)),
    attempt('ticks of activity', () => checkTicks(database)),
    attempt('packet rows', () => checkPacketRows(database)),
    attempt('times of DNS questions', () => checkQuestions(database)),
  ]
}

function checkCaptures(database: SqlDatabase): Check {
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM captures WHERE (packets = 0) <> (first_us IS NULL) OR (packets = 0) <> (last_us IS NULL) OR first_us > last_us`,
  )
  return none('times of captures', wrong, 'captures end before they begin, or have times without packets or packets without times')
}

function checkFlows(database: SqlDatabase): Check {
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM flows, (SELECT min(first_us) AS first, max(last_us) AS last FROM captures)
     WHERE first_us > last_us OR first IS NULL OR first_us < first OR last_us > last`,
  )
  return none('times of conversations', wrong, 'conversations end before they begin, or are outside the captures')
}

/**
 * meta.first_us is the first packet's time, or earlier by less than a tick (packets out of order move the start of the timeline by whole
 * ticks); the last tick includes the last packet.
 */
function checkTimeline(database: SqlDatabase): Check {
  const subject = 'timeline'
  const [first, last] = rowOf(database, 'SELECT min(first_us), max(last_us) FROM captures')
  const ticks = metaNumber(database, 'ticks')
  const isChosen = rowsOf(database, `SELECT 1 FROM meta WHERE key IN (${CHOSEN})`).length > 0
  if (first === null || (isChosen && ticks === 0)) {
    const isEmpty = ticks === 0 && rowsOf(database, "SELECT 1 FROM meta WHERE key IN ('first_us', 'last_us') AND value <> ''").length === 0
    return isEmpty
      ? agrees(DATABASE, subject, 'no packets, no ticks')
      : differs(DATABASE, subject, 'there are no packets, but times or ticks')
  }
  const from = metaNumber(database, 'first_us')
  const to = metaNumber(database, 'last_us')
  const tickUs = metaNumber(database, 'tick_us')
  if (isChosen) return checkChosenTimeline(database, { from, to, tickUs, ticks, first: Number(first), last: Number(last) })
  const wrong: string[] = []
  if (to !== last) wrong.push(`meta.last_us says ${formatMicroseconds(to)}, the captures say ${formatMicroseconds(Number(last))}`)
  if (!(from <= Number(first) && Number(first) - from < tickUs))
    wrong.push(`meta.first_us says ${formatMicroseconds(from)}, the captures say ${formatMicroseconds(Number(first))}`)
  const needed = Math.floor((Number(last) - from) / tickUs) + 1
  if (ticks !== needed) wrong.push(`meta.ticks says ${formatCount(ticks)}, the times need ${formatCount(needed)}`)
  return wrong.length === 0
    ? agrees(DATABASE, subject, `${formatCount(ticks)} ticks of ${formatCount(tickUs)} µs from the first packet to the last`)
    : differs(DATABASE, subject, wrong.join('; '))
}

/** Where options left packets out, the timeline lies within the captures and contains all conversations. */
function checkChosenTimeline(
  database: SqlDatabase,
  { from, to, tickUs, ticks, first, last }: { from: number; to: number; tickUs: number; ticks: number; first: number; last: number },
): Check {
  const [[outside]] = rowsOf(database, `SELECT count(*) FROM flows WHERE first_us < ${from} OR last_us > ${to}`)
  const isWithin = from > first - tickUs && to <= last && Number(outside) === 0
  const needed = Math.floor((to - from) / tickUs) + 1
  return isWithin && ticks === needed
    ? agrees(DATABASE, 'timeline', `${formatCount(ticks)} ticks of ${formatCount(tickUs)} µs, of the packets that were chosen`)
    : differs(
        DATABASE,
        'timeline',
        'it does not lie within the captures, or does not contain all conversations, or has another number of ticks',
      )
}

/** Every tick lies on the timeline and between the first and the last packet of its conversation. */
function checkTicks(database: SqlDatabase): Check {
  const from = metaNumber(database, 'first_us')
  const tickUs = metaNumber(database, 'tick_us')
  const ticks = metaNumber(database, 'ticks')
  if (ticks === 0) return none('ticks of activity', numberOf(database, 'SELECT count(*) FROM activity'), 'rows of activity, but no ticks')
  if (Number.isNaN(from + ticks) || !(tickUs > 0)) return differs(DATABASE, 'ticks of activity', 'meta has no length of a tick')
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM activity a JOIN flows f ON f.id = a.flow_id
     WHERE a.tick >= ${ticks} OR a.tick < (f.first_us - ${from}) / ${tickUs} OR a.tick > (f.last_us - ${from}) / ${tickUs}
       OR a.client_packets + a.server_packets = 0`,
  )
  return none('ticks of activity', wrong, 'rows of activity are empty, or off the timeline, or outside their conversation')
}

function checkPacketRows(database: SqlDatabase): Check {
  const subject = 'packet rows'
  const kept = numberOf(database, 'SELECT count(*) FROM packets')
  const all = packetsInFlows(database)
  const outside = numberOf(
    database,
    'SELECT count(*) FROM packets p JOIN flows f ON f.id = p.flow_id WHERE p.at_us < f.first_us OR p.at_us > f.last_us',
  )
  if (outside > 0) return none(subject, outside, 'packets are outside the times of their conversation')
  // If all packets are stored, their sums must equal the totals; otherwise the sums must not be larger.
  const operator = kept === all ? '<>' : '>'
  const wrong = numberOf(
    database,
    `SELECT count(*) FROM (SELECT flow_id, sum(from_client) AS cp, sum(1 - from_client) AS sp, sum(from_client * bytes) AS cb,
       sum((1 - from_client) * bytes) AS sb FROM packets GROUP BY flow_id) p JOIN flows f ON f.id = p.flow_id
     WHERE p.cp ${operator} f.client_packets OR p.sp ${operator} f.server_packets
       OR p.cb ${operator} f.client_bytes OR p.sb ${operator} f.server_bytes`,
  )
  if (wrong > 0) return none(subject, wrong, 'conversations whose packets do not fit their totals')
  if (kept > all) return differs(DATABASE, subject, `${formatCount(kept)} are kept, but only ${formatCount(all)} were counted`)
  return agrees(DATABASE, subject, `${formatCount(kept)} of ${formatCount(all)} kept, within the times and totals of their conversations`)
}

function checkQuestions(database: SqlDatabase): Check {
  const wrong = numberOf(
    database,
    'SELECT count(*) FROM dns_queries q JOIN flows f ON f.id = q.flow_id WHERE q.at_us < f.first_us OR q.at_us + coalesce(q.answer_us, 0) > f.last_us OR q.answer_us < 0',
  )
  return none('times of DNS questions', wrong, 'questions are outside the times of their conversation')
}
