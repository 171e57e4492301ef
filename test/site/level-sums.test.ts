// Whatever level the picture and the matrix show, each arc and each cell adds up, to the byte, packet and flow, to what the sqlite3 command
// counts in the database: for every fixture, and for public captures where they are.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ENTRY } from '../../site/src/model/arc-slices.ts'
import type { Grouping } from '../../site/src/model/route-groups.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { buildMatrix, matrixCsv } from '../../site/src/worker/answers/matrix.ts'
import { buildWholePicture } from '../../site/src/worker/answers/whole-picture.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { FIXTURES } from '../support/fixtures.ts'
import { spreadOverTheEarth } from '../support/spread-places.ts'
import { sqlite3 } from '../support/sqlite3.ts'

/** "from to" -> bytes, packets, flows. */
type Sums = Map<string, [number, number, number]>

/** Arcs at most: so many that none is joined, and so few that they are joined on every level. */
const LEVELS = [1e9, 40, 20, 12, 8, 5, 3, 1]

/** The area that an end belongs to, in SQL, for the place `p` of a host `h`. */
const PLACE = "'place ' || p.id"
const AREAS: Record<Grouping, string> = {
  route: PLACE,
  places: PLACE,
  regions: `CASE WHEN p.precision = 'origin' OR p.country_code IS NULL OR p.region IS NULL THEN ${PLACE} ELSE p.country_code || ' ' || p.region END`,
  countries: `CASE WHEN p.precision = 'origin' OR p.country_code IS NULL THEN ${PLACE} ELSE p.country_code END`,
  source: `CASE WHEN p.precision = 'origin' OR p.country_code IS NULL THEN ${PLACE} ELSE p.country_code END`,
}
const ENDS = {
  country: "CASE WHEN p.id IS NULL THEN 'unlocated' WHEN p.precision = 'origin' THEN 'origin' ELSE ifnull(p.country_code, '') END",
  network: "ifnull('AS' || h.asn, 'no-as')",
  host: 'h.ip',
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-sums-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Sums of flows by what both ends are; ends that are null are left out. */
function ask(file: string, end: string, isSource = false): Sums {
  const sql = `WITH ends AS (SELECT h.id, ${end} AS name FROM hosts h LEFT JOIN places p ON p.id = h.place_id)
    SELECT c.name, ${isSource ? "''" : 's.name'}, sum(client_bytes + server_bytes), sum(client_packets + server_packets), count(*)
    FROM flows JOIN ends c ON c.id = client_host_id JOIN ends s ON s.id = server_host_id WHERE c.name IS NOT NULL AND s.name IS NOT NULL GROUP BY 1, 2`
  const rows = sqlite3(file, sql).split('\n').filter(Boolean)
  return new Map(
    rows.map((row) => {
      const [from, to, ...sums] = row.split('|')
      return [`${from} > ${to}`, sums.map(Number) as [number, number, number]]
    }),
  )
}

function addTo(sums: Sums, key: string, values: number[]): void {
  const sum = sums.get(key) ?? [0, 0, 0]
  sums.set(key, sum)
  for (const [index, value] of values.entries()) sum[index] += value
}

/** What the arcs of a picture stand for. */
function arcsOf({ report, rows }: OpenReport, { grouping, entries, whole }: ReturnType<typeof pictureOf>): Sums {
  const areaOf = (index: number): string => {
    const { precision, countryCode, region } = report.places[index]
    const isAlone = grouping === 'route' || grouping === 'places' || precision === 'origin' || countryCode === null
    if (isAlone || (grouping === 'regions' && region === null)) return `place ${rows.placeIds[index]}`
    return grouping === 'regions' ? `${countryCode} ${region}` : countryCode
  }
  const sums: Sums = new Map()
  whole!.bytes.forEach((bytes, entry) => {
    const route = entries[entry * ENTRY]
    const to = grouping === 'source' ? '' : areaOf(report.routes.target[route])
    addTo(sums, `${areaOf(report.routes.source[route])} > ${to}`, [bytes, whole!.packets[entry], whole!.flows[entry]])
  })
  return sums
}

const pictureOf = (report: OpenReport, mostArcs: number) =>
  atOnce(buildWholePicture(report, { filterText: '', span: null, mostArcs, by: 'bytes' }))

function cellsOf(report: OpenReport, of: 'country' | 'network'): Sums {
  const { rows, columns, bytes, packets, flows } = atOnce(buildMatrix(report, { of, by: 'bytes', most: 1e9, filterText: '', span: null }))
  const sums: Sums = new Map()
  rows.forEach((from, row) => {
    columns.forEach((to, column) => {
      const at = row * columns.length + column
      if (flows[at] > 0) addTo(sums, `${from.value} > ${to.value}`, [bytes[at], packets[at], flows[at]])
    })
  })
  return sums
}

async function hostPairsOf(report: OpenReport): Promise<Sums> {
  const csv = await atOnce(matrixCsv(report, { of: 'host', filterText: '', span: null })).text()
  return new Map(
    csv
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => {
        const [from, to, ...sums] = line.split(',')
        return [`${from} > ${to}`, sums.map(Number) as [number, number, number]]
      }),
  )
}

/** Compares all levels with SQL; returns those of the picture that were seen. */
async function expectSums(name: string, capture: Uint8Array): Promise<Set<Grouping>> {
  const { Database } = await initSqlJs()
  const database = await analyzeBytes(capture, undefined, {}, spreadOverTheEarth)
  const bytes = database.export()
  database.close()
  const file = join(folder, 'traffic.sqlite')
  await writeFile(file, bytes)
  const report = openReport(new Database(bytes), null)
  const seen = new Set<Grouping>()
  for (const most of LEVELS) {
    const picture = pictureOf(report, most)
    const { grouping } = picture
    if (seen.has(grouping)) continue
    seen.add(grouping)
    expect({ name, grouping, sums: arcsOf(report, picture) }).toEqual({
      name,
      grouping,
      sums: ask(file, AREAS[grouping], grouping === 'source'),
    })
    // What no arc can show, so that nothing is missing.
    const [hidden] = sqlite3(
      file,
      `SELECT total(client_bytes + server_bytes), count(*) FROM flows JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id
       WHERE c.place_id IS NULL OR s.place_id IS NULL`,
    ).split('\n')
    expect([name, picture.unlocated.bytes, picture.unlocated.flows]).toEqual([name, ...hidden.split('|').map(Number)])
  }
  for (const of of ['country', 'network'] as const)
    expect({ name, of, sums: cellsOf(report, of) }).toEqual({ name, of, sums: ask(file, ENDS[of]) })
  expect({ name, sums: await hostPairsOf(report) }).toEqual({ name, sums: ask(file, ENDS.host) })
  report.database.close()
  return seen
}

const ALL: Grouping[] = ['countries', 'places', 'regions', 'route', 'source']

it('adds up on every level, for every fixture', async () => {
  const seen = new Set<Grouping>()
  for (const { name, bytes, hand } of FIXTURES)
    if (hand.error === undefined) for (const grouping of await expectSums(name, bytes)) seen.add(grouping)
  expect([...seen].sort()).toEqual(ALL)
})

/** As `npm run captures` fetches them. */
const CAPTURES = process.env.RTNVIS_CAPTURES ?? fileURLToPath(new URL('../../../shared/captures', import.meta.url))
const hasCaptures = existsSync(join(CAPTURES, 'ndpi'))

it.skipIf(!hasCaptures)(
  'adds up on every level, for 50 public captures (skipped where RTNVIS_CAPTURES names no folder of them)',
  async () => {
    const names = readdirSync(join(CAPTURES, 'ndpi'))
      .filter((name) => name.includes('cap'))
      .sort()
    const each = Math.floor(names.length / 50)
    const seen = new Set<Grouping>()
    for (let index = 0; index < 50; index++) {
      const name = names[index * each]
      for (const grouping of await expectSums(name, readFileSync(join(CAPTURES, 'ndpi', name)))) seen.add(grouping)
    }
    expect([...seen].sort()).toEqual(ALL)
  },
)
