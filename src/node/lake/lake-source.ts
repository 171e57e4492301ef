// The conversations of a span of time in a lake or a database, with names and DNS questions -> a source of an analysis, like a flow log (capture/flow-records/lake.ts).
import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { DNS_LINE, FLOW_LINE, LINK_LINE, lakeHead, NAME_LINE } from '../../capture/flow-records/lake.ts'
import { Protocol } from '../../decode/codes.ts'
import { CaptureError, UsageError } from '../../errors.ts'
import { type Range, readValue } from '../../filter/values.ts'
import { isoTime } from '../../iso-time.ts'
import { formatPlural } from '../../number-format.ts'
import type { CaptureSource } from '../../types.ts'
import type { Dialect, FlowStore } from './flow-store.ts'
import { FILTER_COLUMNS, LakeFilter } from './lake-filter.ts'
import { openStore } from './open-store.ts'

export interface LakeChoice {
  since?: string | undefined
  until?: string | undefined
  only?: string | undefined
  sensor?: string | undefined
}

/** Columns of time; in lines they are numbers. */
const TIMES = new Set(['first', 'last', 'at'])
/** Sensors named in an error. */
const MAX_NAMED = 5
const DAY_LETTERS = 'YYYY-MM-DD'.length

/** @param interrupt the source then ends with an error @throws UsageError, CaptureError: one line for the user */
export async function openLakeSource(path: string, choice: LakeChoice, interrupt: AbortSignal): Promise<CaptureSource> {
  const [fromUs, toUs] = [readTime('--since', choice.since)?.from ?? null, readTime('--until', choice.until)?.to ?? null]
  if (fromUs !== null && toUs !== null && fromUs > toUs) throw new UsageError('--since is later than --until')
  const filter = choice.only === undefined ? null : new LakeFilter(choice.only)
  const [fromDay, toDay] = [fromUs, toUs].map((us) => (us === null ? null : isoTime(us).slice(0, DAY_LETTERS)))
  const store = await openStore(path, interrupt, { fromDay, toDay, sensor: choice.sensor ?? null })
  const { table, time } = store.dialect
  const within = (column: string) =>
    [fromUs === null ? '' : ` AND ${column} >= ${time(fromUs)}`, toUs === null ? '' : ` AND ${column} <= ${time(toUs)}`].join('')
  const digest = createHash('sha256')
  let bytes = 0
  let isComplete = false
  const encoder = new TextEncoder()
  const counted = (chunk: Uint8Array): Uint8Array => {
    if (interrupt.aborted) throw new CaptureError(`${path}: interrupted`)
    digest.update(chunk)
    bytes += chunk.length
    return chunk
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield counted(encoder.encode(lakeHead(describe(choice))))
    const headBytes = bytes
    const facts = filter === null ? '' : `, ${listOf(store.dialect, FILTER_COLUMNS)} AS facts`
    const necessary = filter?.necessary ?? 'true'
    const flows = `SELECT ${listOf(store.dialect, FLOW_LINE, 'flow', ICMP_IDS)} AS line${facts} FROM ${table('flows')} WHERE ${necessary}${within('first')} ORDER BY first, line`
    for await (const lines of filter === null ? store.readLines(flows) : matchingLines(store.read(flows), filter)) yield counted(lines)
    const ends = ['client_ip', 'server_ip'].map((ip) => `SELECT ${ip} FROM ${table('flows')} WHERE ${necessary}${within('first')}`)
    const names = `SELECT ${listOf(store.dialect, NAME_LINE, 'name', SUMMED)} AS line FROM ${table('names')}
      WHERE ip IN (${ends.join(' UNION ALL ')})${within('first')} GROUP BY ip, name, source`
    const questions = `SELECT ${listOf(store.dialect, DNS_LINE, 'dns', new Map(DNS_LINE.map((name) => [name, isOfFlow(name) ? `f.${name}` : `d.${name}`])))} AS line
      FROM ${table('dns')} d JOIN ${table('flows')} f ON f.uid = d.uid AND f.sensor = d.sensor WHERE true${within('d.at')}`
    // A filter is about conversations.
    const summed = new Map([...SUMMED, ['source_addresses', store.dialect.distinct('source_addresses')]])
    const links = `SELECT ${listOf(store.dialect, LINK_LINE, 'link', summed)} AS line FROM ${table('link_traffic')} WHERE true${within('first')}
      GROUP BY source_mac, destination_mac, protocol`
    for (const sql of filter === null ? [links, names, questions] : [names, questions]) {
      if (sql !== links && bytes === headBytes) throw new CaptureError(await describeNothing(path, store, choice))
      for await (const lines of store.readLines(`${sql} ORDER BY line`)) yield counted(lines)
    }
    isComplete = true
  }

  return {
    file: basename(resolve(path)),
    totalBytes: null,
    compression: '',
    chunks: chunks(),
    bytesRead: () => bytes,
    finish: async () => ({ sha256: isComplete ? digest.copy().digest('hex') : null, problem: '' }),
    close: () => store.close(),
  }
}

/** @param rows each has a line, and the facts for the filter */
async function* matchingLines(rows: AsyncIterable<(string | null)[][]>, filter: LakeFilter): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const some of rows) {
    const mask = filter.match(some.map(([, facts]) => JSON.parse(String(facts))))
    const lines = some.filter((_, row) => mask[row] === 1)
    yield encoder.encode(lines.map(([line]) => `${line}\n`).join(''))
  }
}

/** Of a question, the columns of its conversation. */
const isOfFlow = (name: string) => name === 'protocol_number' || name === 'application' || name.endsWith('_ip') || name.endsWith('_port')

/** Those of other protocols are computed again from the ends. */
const ICMP_IDS = new Map([['community_id', `CASE WHEN protocol_number IN (${Protocol.icmp}, ${Protocol.icmpv6}) THEN community_id END`]])

const SUMMED = new Map([
  ['packets', 'CAST(sum(packets) AS BIGINT)'],
  ['bytes', 'CAST(sum(bytes) AS BIGINT)'],
  ['count', 'CAST(sum(count) AS BIGINT)'],
  ['first', 'min(first)'],
  ['last', 'max(last)'],
])

/** Columns as a list of JSON. @param word before them @param columns SQL of each; default: its name */
function listOf({ list, micros }: Dialect, names: readonly string[], word?: string, columns?: ReadonlyMap<string, string>): string {
  const values = names.map((name) => {
    const column = columns?.get(name) ?? name
    return TIMES.has(name) ? micros(column) : column
  })
  return list([...(word === undefined ? [] : [`'${word}'`]), ...values])
}

function readTime(option: string, text: string | undefined): Range | null {
  if (text === undefined) return null
  const value = text.includes('..') ? '' : readValue('time', ':', text, false)
  if (typeof value === 'string' || value.kind !== 'time' || value.isRelative)
    throw new UsageError(`${option} must be a time in UTC: 2026-03-02 or 2026-03-02T10:00`)
  return value.range
}

function describe({ since, until, only, sensor }: LakeChoice): string {
  const parts = [
    sensor === undefined ? '' : `of sensor ${sensor}`,
    since === undefined ? '' : `that began since ${since}`,
    until === undefined ? '' : `that began until the end of ${until}`,
    only === undefined ? '' : `that match ${only}`,
  ].filter((part) => part !== '')
  return `${parts.length === 0 ? 'all ' : ''}conversations${parts.length === 0 ? '' : ` ${parts.join(', ')}`}`
}

async function describeNothing(path: string, store: FlowStore, choice: LakeChoice): Promise<string> {
  const contents = await store.contents()
  if (contents === null) return `${path} has no conversations`
  const { firstDay, lastDay, sensors } = contents
  const shown = `${sensors.slice(0, MAX_NAMED).join(', ')}${sensors.length > MAX_NAMED ? ', ...' : ''}`
  return `${path}: there are no ${describe(choice)}; it has the days ${firstDay} to ${lastDay}, of ${formatPlural(sensors.length, 'sensor')}: ${shown}`
}
