// A filter of the page -> which rows of a lake pass, some thousand at a time, by the same code as in a report. What a lake does not know is an error.
import { parseAddress } from '../../decode/address.ts'
import { UsageError } from '../../errors.ts'
import { addressKey } from '../../filter/address.ts'
import { matchFlows } from '../../filter/match.ts'
import { parseFilter } from '../../filter/parser.ts'
import type { FilterSource, Mask, TextColumn } from '../../filter/source.ts'
import { type Filter, FilterError } from '../../filter/syntax.ts'
import { communityId } from '../../flows/community-id.ts'
import { formatCountry } from '../../geo/country-name.ts'
import { LOCAL_SCOPES, type Scope } from '../../types.ts'
import { necessarySql } from './necessary-sql.ts'

/** Columns of `flows` that filters read, in this order in a row; times are microseconds since the epoch. */
export const FILTER_COLUMNS = [
  ...['client_port', 'server_port', 'client_bytes', 'server_bytes', 'client_packets', 'server_packets', 'first', 'last'],
  ...['application', 'transport', 'state', 'server_name', 'ja4', 'tunnel', 'community_id', 'protocol_number'],
  ...['ip', 'scope', 'host_name', 'country_code', 'city', 'asn', 'as_name'].flatMap((name) => [`client_${name}`, `server_${name}`]),
] as const

type Cell = string | number | null
/** [client, server] of each column of hosts; place by its texts. */
interface End {
  ip: string
  scope: string
  name: string | null
  countryCode: string | null
  city: string | null
  asn: number | null
  asName: string
}

export class LakeFilter {
  private readonly filter: Filter
  private readonly text: string

  /** @throws UsageError if the filter is wrong, or asks for what a lake does not know */
  constructor(text: string) {
    this.text = text
    try {
      this.filter = parseFilter(text)
    } catch (error) {
      if (error instanceof FilterError) throw new UsageError(`--only: ${error.message} (character ${error.start + 1} of "${text}")`)
      throw error
    }
    this.match([])
  }

  /** What rows that pass meet, on columns of `flows`; null: nothing is known. */
  get necessary(): string | null {
    return necessarySql(this.filter)
  }

  /** @param rows with FILTER_COLUMNS @returns one byte for each row: 1 passes */
  match(rows: readonly Cell[][]): Mask {
    return matchFlows(this.filter, this.sourceOf(rows))
  }

  private sourceOf(rows: readonly Cell[][]): FilterSource {
    const texts = (at: number) => textColumn(rows, at)
    const numbers = (at: number, none = 0) => rows.map((row) => Number(row[at] ?? none))
    const sums = (one: number, other: number) => rows.map((row) => Number(row[one]) + Number(row[other]))
    const unknown = (what: string, instead: string) => (): never => {
      throw new UsageError(`--only "${this.text}": a lake does not know ${what}: ${instead}`)
    }
    const ends = rows.flatMap((row) => [endOf(row, 0), endOf(row, 1)])
    // Of a server's names, the one that it is shown with, and the one of the conversation.
    const named = ends.flatMap(({ name }, host) => {
      const own = host % 2 === 0 ? null : rows[host >> 1][SERVER_NAME_AT]
      return [name, own === null ? null : String(own)].flatMap((text) => (text === null ? [] : [{ name: text, host }]))
    })
    const flows = {
      count: rows.length,
      get id() {
        return unknown('numbers of conversations', 'filter the report')()
      },
      clientHost: rows.map((_, row) => 2 * row),
      serverHost: rows.map((_, row) => 2 * row + 1),
      clientPort: numbers(0, -1),
      serverPort: numbers(1, -1),
      bytes: sums(2, 3),
      packets: sums(4, 5),
      firstUs: numbers(6),
      lastUs: numbers(7),
      application: texts(8),
      transport: texts(9),
      state: texts(10),
      serverName: texts(SERVER_NAME_AT),
      ja4: texts(12),
      tunnel: texts(13),
    }
    return {
      flows,
      hosts: {
        count: ends.length,
        key: ends.map(({ ip }) => addressKey(ip) ?? ''),
        ip: ends.map(({ ip }) => ip),
        scope: ends.map(({ scope }) => scope),
        place: ends.map((end, host) => (end.countryCode !== null || LOCAL_SCOPES.has(end.scope as Scope) ? host : -1)),
        asn: ends.map(({ asn }) => asn),
        asName: ends.map(({ asName }) => asName),
      },
      places: ends.map(placeOf),
      names: { texts: named.map(({ name }) => name), host: named.map(({ host }) => host) },
      communityIds: () => textColumn(rows.map(communityIdOf), 0),
      get firstUs() {
        return unknown('times since a first packet', 'use --since and --until')()
      },
      get alerts() {
        return unknown('the conversations of findings', 'filter the report')()
      },
      dns: unknown('the conversations of questions', 'filter the report'),
      frames: unknown('packets', 'filter a report of the capture'),
      tcp: unknown('TCP health', 'filter a report of the capture'),
      impossiblePlaces: unknown('round-trip times', 'filter a report of the capture'),
    }
  }
}

/** In FILTER_COLUMNS. */
const SERVER_NAME_AT = 11
/** First column of the hosts in FILTER_COLUMNS. */
const ENDS_AT = 16

function endOf(row: Cell[], side: 0 | 1): End {
  const cell = (column: number) => row[ENDS_AT + 2 * column + side]
  const text = (column: number) => (cell(column) === null ? null : String(cell(column)))
  const asn = cell(5)
  return {
    ip: String(cell(0)),
    scope: text(1) ?? '',
    name: text(2),
    countryCode: text(3),
    city: text(4),
    asn: asn === null ? null : Number(asn),
    asName: text(6) ?? '',
  }
}

const countries = new Map<string, string>()

function countryNamed(code: string): string {
  const known = countries.get(code) ?? formatCountry(code)
  countries.set(code, known)
  return known
}

/** A lake may be without them. Those of ICMP have its type and code, which are not in a lake. */
function communityIdOf(row: Cell[]): [Cell] {
  const [clientPort, serverPort] = row
  const client = parseAddress(endOf(row, 0).ip)
  const server = parseAddress(endOf(row, 1).ip)
  if (row[14] !== null || clientPort === null || serverPort === null || client === null || server === null) return [row[14]]
  return [communityId(Number(row[15]), { address: client, port: Number(clientPort) }, { address: server, port: Number(serverPort) })]
}

/** As the page calls it, but for regions, which a lake has not. */
function placeOf({ countryCode, city, scope }: End): FilterSource['places'][number] {
  const country = countryCode === null ? null : countryNamed(countryCode)
  const label = [city, country].filter((part, at, all) => part !== null && all.indexOf(part) === at).join(', ')
  return { label, countryCode, country, isOrigin: LOCAL_SCOPES.has(scope as Scope) }
}

function textColumn(rows: readonly Cell[][], at: number): TextColumn {
  const codes = new Map<string, number>()
  const code = rows.map((row) => {
    const text = row[at]
    if (text === null) return -1
    const known = codes.get(String(text)) ?? codes.size
    codes.set(String(text), known)
    return known
  })
  return { texts: [...codes.keys()], code }
}
