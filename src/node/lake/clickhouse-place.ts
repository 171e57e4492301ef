// clickhouse://user@host:port/database -> how to connect, as clickhouse-client reads it; the password is not part of it.
import { UsageError } from '../../errors.ts'

export interface ClickhousePlace {
  /** Without a password: for messages. */
  name: string
  url: string
  user: string
  database: string
}

const SCHEME = 'clickhouse://'
const FORM = 'clickhouse://user@host:port/database'
const DATABASE = /^[A-Za-z_]\w{0,63}$/
/** Of ClickHouse's HTTP interface, without and with TLS. */
const PORTS = { http: '8123', https: '8443' }

export function isClickhouse(text: string): boolean {
  return text.startsWith(SCHEME)
}

/** @throws UsageError; its message has no password */
export function clickhousePlace(text: string): ClickhousePlace {
  const place = URL.canParse(text) ? new URL(text) : null
  if (place === null || place.hostname === '') throw new UsageError(`the address of a ClickHouse server has the form ${FORM}`)
  if (place.password !== '') throw new UsageError('a password is not given on the command line: set the variable CLICKHOUSE_PASSWORD')
  const database = place.pathname.slice(1) || 'default'
  if (!DATABASE.test(database)) throw new UsageError(`the name of a database has letters, digits and underscores: ${FORM}`)
  if (place.hash !== '' || !['', '?secure'].includes(place.search))
    throw new UsageError(`${FORM} can be followed by ?secure and nothing else`)
  const scheme = place.search === '' ? 'http' : 'https'
  const server = `${place.hostname}:${place.port || PORTS[scheme]}`
  const user = place.username === '' ? 'default' : userOf(place.username)
  return { name: `${SCHEME}${server}/${database}`, url: `${scheme}://${server}`, user, database }
}

function userOf(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new UsageError(`the name of a user has a character that is not written as %XX: ${FORM}`)
  }
}
