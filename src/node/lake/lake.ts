// A lake -> DuckDB with a view for each of its tables, locked so that SQL reaches the lake's files and nothing else: no other file, no network, no setting.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBValue } from '@duckdb/node-api'
import { CaptureError, UsageError } from '../../errors.ts'
import { type Kind, LAKE_TABLES } from '../../export/lake-tables.ts'
import { partitionValue, sensorName } from '../../export/parquet.ts'
import { isoTime } from '../../iso-time.ts'
import type { Value } from './answers.ts'
import { COMMUNITY_ID_MACROS } from './community-id-sql.ts'
import { type Answer, type Contents, type Dialect, EVERYTHING, type FlowStore, type StoreChoice } from './flow-store.ts'
import { type LakeFile, type LakeFiles, lakeFiles } from './lake-files.ts'
import { optionalPackage } from './optional-package.ts'
import { checkReadsOnly } from './select-check.ts'
import { joinTexts, loadBindings } from './text-column.ts'

const SQL_TYPES: Record<Kind, string> = {
  text: 'VARCHAR',
  word: 'VARCHAR',
  time: 'TIMESTAMP',
  int: 'INTEGER',
  long: 'BIGINT',
  double: 'DOUBLE',
}

/** Errors of DuckDB that the statement is the cause of; others are those of files. */
const OF_STATEMENT = /^(Parser|Binder|Catalog|Permission|Conversion|Out of Range|Not implemented)\b/

/** Tables whose older files lack a column, which is null then. Their files are all opened for each question, which those of conversations are not. */
const GROWN_TABLES: ReadonlySet<string> = new Set(['link_traffic'])

/** The view of `flows` for our own statements, in a schema that SHOW TABLES does not list, without what a lake that leaves Community IDs out must compute for each row. */
const STORED_FLOWS = 'stored.flows'

const DIALECT: Dialect = {
  table: (name) => (name === 'flows' ? STORED_FLOWS : name),
  list: (values) => `json_array(${values.join()})`,
  distinct: (column) => `string_agg(DISTINCT ${column}, ', ' ORDER BY ${column})`,
  micros: (column) => `epoch_us(${column})`,
  time: (us) => `make_timestamp(${us})`,
}

export class Lake implements FlowStore {
  readonly dialect = DIALECT
  private readonly files: LakeFiles
  private readonly name: string
  private readonly instance: DuckDBInstance
  private readonly connection: DuckDBConnection
  private readonly spill: string

  private constructor(name: string, files: LakeFiles, instance: DuckDBInstance, connection: DuckDBConnection, spill: string) {
    this.name = name
    this.files = files
    this.instance = instance
    this.connection = connection
    this.spill = spill
  }

  /**
   * @param choice which files the views have
   * @throws CaptureError if DuckDB is not installed, or the folder is no lake
   */
  static async open(path: string, interrupt: AbortSignal, choice: StoreChoice = EVERYTHING): Promise<Lake> {
    const { DuckDBInstance } = await optionalPackage('lakes are read by DuckDB', '@duckdb/node-api', () => import('@duckdb/node-api'))
    const files = await lakeFiles(path)
    const spill = await mkdtemp(join(tmpdir(), 'rtnvis-lake-'))
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      // What has no room in memory.
      temp_directory: spill,
    })
    const lake = new Lake(path, files, instance, await instance.connect(), spill)
    interrupt.addEventListener('abort', () => lake.connection.interrupt())
    try {
      await lake.makeViews(chosenBy(choice))
    } catch (error) {
      await lake.close()
      throw lake.lineOf(error)
    }
    return lake
  }

  /** The answer to a statement of somebody else. @throws UsageError, CaptureError: one line for the user */
  async ask(sql: string): Promise<Answer> {
    try {
      const reader = await this.connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql])
      checkReadsOnly(String(reader.getRows()[0][0]))
      const result = await this.connection.stream(sql)
      return { names: result.deduplicatedColumnNames(), chunks: this.rowsOf(result, plainValue) }
    } catch (error) {
      throw this.lineOf(error)
    }
  }

  async *read(sql: string): AsyncGenerator<(string | null)[][]> {
    try {
      yield* this.rowsOf(await this.connection.stream(sql), (value) => (value === null ? null : String(value)))
    } catch (error) {
      throw this.lineOf(error)
    }
  }

  async *readLines(sql: string): AsyncGenerator<Uint8Array> {
    const bindings = loadBindings()
    try {
      const result = await this.connection.stream(`SELECT concat(line, chr(10)) FROM (${sql})`)
      for await (const chunk of result) yield joinTexts(bindings, chunk)
    } catch (error) {
      throw this.lineOf(error)
    }
  }

  async contents(): Promise<Contents> {
    const files = this.files.get('flows') ?? []
    if (files.length === 0) return null
    const sensors = [...new Set(files.map(({ sensor }) => sensor))].sort()
    return { firstDay: files[0].day, lastDay: files[files.length - 1].day, sensors }
  }

  async close(): Promise<void> {
    this.connection.closeSync()
    this.instance.closeSync()
    await rm(this.spill, { recursive: true, force: true })
  }

  private async *rowsOf<To>(result: DuckDBResult, plain: (value: DuckDBValue) => To): AsyncGenerator<To[][]> {
    try {
      for await (const rows of result.yieldRows()) yield rows.map((row) => row.map(plain))
    } catch (error) {
      throw this.lineOf(error)
    }
  }

  private async makeViews(isWanted: (file: LakeFile) => boolean): Promise<void> {
    const { connection, files } = this
    const paths = [...files.values()].flatMap((ofTable) => ofTable.map(({ path }) => quoted(path)))
    await connection.run(`SET allowed_paths = [${paths.join()}]; SET enable_external_access = false; SET lock_configuration = true`)
    await connection.run('CREATE SCHEMA stored')
    for (const { name: table, columns } of LAKE_TABLES) {
      const wanted = (files.get(table) ?? []).filter(isWanted)
      const list = wanted.map(({ path }) => quoted(path)).join()
      const none = `SELECT ${columns.map(({ name, kind }) => `NULL::${SQL_TYPES[kind]} AS ${name}`).join()}, NULL::DATE AS day, NULL::VARCHAR AS sensor WHERE false`
      const options = `hive_partitioning = true, hive_types = {'day': DATE, 'sensor': VARCHAR}`
      const isGrown = GROWN_TABLES.has(table)
      const stored = `FROM read_parquet([${list}], ${options}, union_by_name = ${isGrown})`
      const rows = wanted.length === 0 ? none : isGrown ? `${none} UNION ALL BY NAME ${stored}` : stored
      await connection.run(`CREATE VIEW ${table === 'flows' ? STORED_FLOWS : table} AS ${rows}`)
    }
    for (const macro of COMMUNITY_ID_MACROS) await connection.run(macro)
    const id = 'coalesce(community_id, community_id(protocol_number, client_ip, client_port, server_ip, server_port))'
    await connection.run(`CREATE VIEW flows AS SELECT * REPLACE (${id} AS community_id) FROM ${STORED_FLOWS}`)
  }

  /** DuckDB's message without the statement and the place in it, which are on lines of their own. */
  private lineOf(error: unknown): Error {
    if (error instanceof UsageError || error instanceof CaptureError) return error
    const message = String((error as Error).message).split(/\n\nLINE \d+:/)[0]
    const line = message.split(/\s*\n\s*/).join(' ')
    return OF_STATEMENT.test(line) ? new UsageError(line) : new CaptureError(`${this.name}: DuckDB stopped: ${line}`)
  }
}

function chosenBy({ fromDay, toDay, sensor }: StoreChoice): (file: LakeFile) => boolean {
  const folder = sensor === null ? null : partitionValue(sensorName(sensor))
  return (file) =>
    (fromDay === null || file.day >= fromDay) && (toDay === null || file.day <= toDay) && (folder === null || file.sensor === folder)
}

/** Times are those of the lake: UTC. */
function plainValue(value: DuckDBValue): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if ('items' in value) return value.items.map(plainValue)
  if ('micros' in value && 'isFinite' in value && value.isFinite) return isoTime(Number(value.micros))
  if ('toDouble' in value) return value.toDouble()
  return String(value)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
