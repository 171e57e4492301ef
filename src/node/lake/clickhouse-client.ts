// A ClickHouse server by its official client, and its errors as one line for the user.
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { CaptureError, UsageError } from '../../errors.ts'
import { reasonOf } from '../input/input.ts'
import { type ClickhousePlace, clickhousePlace } from './clickhouse-place.ts'
import { optionalPackage } from './optional-package.ts'

/** Longest time until the first bytes of an answer, and between two of its packets: the user's statements may take long. */
const IDLE_MS = 3_600_000

/** Errors that no statement is the cause of, by ClickHouse's numbers. */
const OF_SERVER = new Set(['159', '160', '202', '209', '210', '236', '241', '243', '394', '439'])
const UNKNOWN_TABLE = '60'
const UNKNOWN_DATABASE = '81'
const READONLY = '164'
const NOT_ALLOWED = '497'
const WRONG_PASSWORD = new Set(['192', '193', '194', '516'])

export class Clickhouse {
  readonly place: ClickhousePlace
  readonly client: ClickHouseClient

  private constructor(place: ClickhousePlace, client: ClickHouseClient) {
    this.place = place
    this.client = client
  }

  /** Connects with the first request. @throws UsageError, CaptureError if the client is not installed */
  static async open(address: string, settings: ClickHouseSettings = {}): Promise<Clickhouse> {
    const place = clickhousePlace(address)
    const { createClient } = await optionalPackage(
      'ClickHouse is reached by its client',
      '@clickhouse/client',
      () => import('@clickhouse/client'),
    )
    const client = createClient({
      url: place.url,
      username: place.user,
      password: process.env.CLICKHOUSE_PASSWORD ?? '',
      database: place.database,
      application: 'rtnvis',
      request_timeout: IDLE_MS,
      clickhouse_settings: settings,
      // One line for the user says what is wrong.
      log: { level: 127 },
    })
    return new Clickhouse(place, client)
  }

  async close(): Promise<void> {
    await this.client.close()
  }

  /** A request of ours. @throws its errors as one line for the user */
  async request<Answer>(send: (client: ClickHouseClient) => Promise<Answer>): Promise<Answer> {
    try {
      return await send(this.client)
    } catch (error) {
      throw this.lineOf(error, true)
    }
  }

  /** @param isOurs the statement: then it is not what is wrong */
  lineOf(error: unknown, isOurs: boolean): Error {
    if (error instanceof UsageError || error instanceof CaptureError) return error
    const { code, message } = error as { code?: string; message: string }
    const { name, user, database } = this.place
    if (code === undefined || !/^\d+$/.test(code)) return new CaptureError(`${name}: ${describeConnection(code, error)}`)
    const line = message.split('\n')[0].trim()
    if (WRONG_PASSWORD.has(code)) {
      const has = process.env.CLICKHOUSE_PASSWORD === undefined ? 'is not set' : 'is set'
      return new CaptureError(`${name}: ClickHouse does not know the user ${user} with this password (CLICKHOUSE_PASSWORD ${has})`)
    }
    if (code === UNKNOWN_DATABASE)
      return new CaptureError(`${name}: there is no database ${database}: CREATE DATABASE ${database} makes it`)
    if (code === UNKNOWN_TABLE && isOurs)
      return new CaptureError(`${name}: its tables are not there: rtnvis export --to clickhouse-ddl prints the statements that make them`)
    if (code === READONLY && isOurs)
      return new CaptureError(`${name}: the profile of the user ${user} has readonly: use one without it, who may only SELECT`)
    if (code === READONLY) return new UsageError('only SELECT is answered, without SETTINGS: a database is read and never changed')
    if (code === NOT_ALLOWED) return new CaptureError(`${name}: ${line}`)
    return isOurs || OF_SERVER.has(code) ? new CaptureError(`${name}: ClickHouse stopped: ${line}`) : new UsageError(line)
  }
}

function describeConnection(code: string | undefined, error: unknown): string {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ETIMEDOUT':
      return `no server answers there (${code})`
    case 'ECONNRESET':
    case 'EPIPE':
      return `the server closed the connection (${code})`
    default:
      return reasonOf(error).split('\n')[0]
  }
}
