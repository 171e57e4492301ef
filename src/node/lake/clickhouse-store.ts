// The tables that `rtnvis export --to clickhouse://...` fills -> answers; no statement changes anything (readonly=1).
import type { ClickHouseSettings } from '@clickhouse/client'
import { UsageError } from '../../errors.ts'
import { sensorName } from '../../export/parquet.ts'
import type { Value } from './answers.ts'
import { Clickhouse } from './clickhouse-client.ts'
import type { Answer, Contents, Dialect, FlowStore, StoreChoice } from './flow-store.ts'

const SETTINGS: ClickHouseSettings = {
  readonly: '1',
  // A question that nobody waits for any more ends.
  cancel_http_readonly_queries_on_client_close: 1,
  date_time_output_format: 'iso',
  output_format_json_quote_denormals: 0,
  output_format_json_escape_forward_slashes: 0,
  output_format_json_named_tuples_as_objects: 0,
}

const WIDE_INTEGER = /\bU?Int(64|128|256)\b/
const INTEGER = /^-?\d+$/

export class ClickhouseStore implements FlowStore {
  readonly dialect: Dialect
  private readonly clickhouse: Clickhouse
  private readonly interrupt: AbortSignal
  private readonly sensor: string | null

  private constructor(clickhouse: Clickhouse, interrupt: AbortSignal, { fromDay, toDay, sensor }: StoreChoice) {
    this.clickhouse = clickhouse
    this.interrupt = interrupt
    this.sensor = sensor === null ? null : sensorName(sensor)
    const conditions = [
      fromDay === null ? '' : `day >= toDate32('${fromDay}')`,
      toDay === null ? '' : `day <= toDate32('${toDay}')`,
      sensor === null ? '' : 'sensor = {sensor:String}',
    ].filter((condition) => condition !== '')
    this.dialect = {
      table: (name) => (conditions.length === 0 ? name : `(SELECT * FROM ${name} WHERE ${conditions.join(' AND ')})`),
      list: (values) => `toJSONString(tuple(${values.join()}))`,
      distinct: (column) => `arrayStringConcat(arraySort(groupUniqArray(${column})), ', ')`,
      micros: (column) => `toUnixTimestamp64Micro(${column})`,
      time: (us) => `fromUnixTimestamp64Micro(toInt64(${us}), 'UTC')`,
    }
  }

  /** @throws UsageError, CaptureError if the client is not installed, or the server cannot be asked */
  static async open(address: string, interrupt: AbortSignal, choice: StoreChoice): Promise<ClickhouseStore> {
    const store = new ClickhouseStore(await Clickhouse.open(address, SETTINGS), interrupt, choice)
    try {
      for await (const _ of store.read('SELECT 1 FROM flows LIMIT 0'));
      return store
    } catch (error) {
      await store.close()
      throw error
    }
  }

  async *read(sql: string): AsyncGenerator<(string | null)[][]> {
    yield* this.rowsOf<(string | null)[]>(sql, 'JSONCompactEachRow', true)
  }

  async *readLines(sql: string): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder()
    for await (const rows of this.read(sql)) yield encoder.encode(rows.map(([line]) => `${line}\n`).join(''))
  }

  async ask(sql: string): Promise<Answer> {
    if (sql.trim() === '') throw new UsageError('the SQL is empty')
    const chunks = this.rowsOf<unknown[]>(sql, 'JSONCompactEachRowWithNamesAndTypes', false)
    const head: unknown[][] = []
    while (head.length < 2) {
      const { value, done } = await chunks.next()
      if (done === true) break
      head.push(...value)
    }
    const [names = [], types = [], ...first] = head
    const isWide = types.map((type) => WIDE_INTEGER.test(String(type)))
    const plain = (row: unknown[]) => row.map((value, i) => plainValue(value, isWide[i]))
    async function* rest() {
      yield first.map(plain)
      for await (const rows of chunks) yield rows.map(plain)
    }
    return { names: distinct(names.map(String)), chunks: rest() }
  }

  async contents(): Promise<Contents> {
    const sql =
      'SELECT toString(min(day)), toString(max(day)), toJSONString(arraySort(groupUniqArray(sensor))) FROM flows HAVING count() > 0'
    for await (const rows of this.read(sql))
      for (const [firstDay, lastDay, sensors] of rows)
        return { firstDay: String(firstDay), lastDay: String(lastDay), sensors: JSON.parse(String(sensors)) }
    return null
  }

  async close(): Promise<void> {
    await this.clickhouse.close()
  }

  private async *rowsOf<Row>(
    query: string,
    format: 'JSONCompactEachRow' | 'JSONCompactEachRowWithNamesAndTypes',
    isOurs: boolean,
  ): AsyncGenerator<Row[]> {
    try {
      const result = await this.clickhouse.client.query({
        query,
        format,
        abort_signal: this.interrupt,
        query_params: this.sensor === null ? {} : { sensor: this.sensor },
        // In a list that is made by SQL, numbers are numbers; in an answer, those beyond 2^53 have to arrive whole.
        clickhouse_settings: { output_format_json_quote_64bit_integers: isOurs ? 0 : 1 },
      })
      for await (const rows of result.stream()) yield rows.map((row) => row.json() as Row)
    } catch (error) {
      throw this.clickhouse.lineOf(error, isOurs)
    }
  }
}

/** @param isWide integers of 64 bits and more arrive as texts */
function plainValue(value: unknown, isWide: boolean): Value {
  if (Array.isArray(value)) return value.map((one) => plainValue(one, isWide))
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  if (isWide && typeof value === 'string' && INTEGER.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  return value as Value
}

/** Names of columns as keys of an object, in DuckDB's way. */
function distinct(names: string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const times = seen.get(name) ?? 0
    seen.set(name, times + 1)
    return times === 0 ? name : `${name}:${times}`
  })
}
