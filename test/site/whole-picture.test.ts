// One picture of the whole: whatever is grouped or filtered, its arcs and what is not on it have together every byte and flow of the database.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { describe, expect, it } from 'vitest'
import { ENTRY } from '../../site/src/model/arc-slices.ts'
import { buildArcSlices } from '../../site/src/model/build-arc-slices.ts'
import { placeName } from '../../site/src/model/report.ts'
import type { TimeSpan } from '../../site/src/model/selection.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { fitPoints } from '../../site/src/stage/globe/fit.ts'
import { listFlows } from '../../site/src/worker/answers/flow-list.ts'
import { buildWholePicture } from '../../site/src/worker/answers/whole-picture.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { makeCrowdedDatabase } from '../support/crowded-database.ts'
import { FIXTURES } from '../support/fixtures.ts'
import { makeSampleDatabase } from '../support/sample-database.ts'
import { spreadOverTheEarth } from '../support/spread-places.ts'
import { sqlite3 } from '../support/sqlite3.ts'

async function open(bytes: Uint8Array) {
  const { Database } = await initSqlJs()
  const folder = await mkdtemp(join(tmpdir(), 'rtnvis-whole-'))
  const file = join(folder, 'traffic.sqlite')
  await writeFile(file, bytes)
  return {
    report: openReport(new Database(bytes), null),
    ask: (sql: string) => sqlite3(file, sql).trim().split('|').map(Number),
    close: () => rm(folder, { recursive: true }),
  }
}

/** Arcs at most, as the page asks for them: from afar, nearer, at the places; and so few that all must be joined. */
const LEVELS = [160, 640, 2500, 50, 10]

function sumsOf(report: OpenReport, filterText = '', span: TimeSpan | null = null, mostArcs = 320) {
  const { grouping, whole, unlocated, leftOut } = atOnce(buildWholePicture(report, { filterText, span, mostArcs, by: 'bytes' }))
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((all, value) => all + value, 0)
  return {
    grouping,
    arcs: whole!.bytes.length,
    bytes: sum(whole!.bytes) + unlocated.bytes,
    packets: sum(whole!.packets),
    flows: sum(whole!.flows) + unlocated.flows,
    leftOut: sum(leftOut),
  }
}

describe('the picture of the whole', () => {
  it('has all bytes and flows: of the capture, of a filter, of a span', async () => {
    const { report, ask, close } = await open(await makeSampleDatabase())
    const all = ask('SELECT sum(client_bytes + server_bytes), count(*) FROM flows')
    expect(sumsOf(report)).toMatchObject({ grouping: 'route', bytes: all[0], flows: all[1], leftOut: 0 })
    const tls = ask("SELECT sum(client_bytes + server_bytes), count(*) FROM flows WHERE application = 'tls'")
    expect(sumsOf(report, 'app:tls')).toMatchObject({ bytes: tls[0], flows: tls[1] })
    const span = ask('SELECT sum(client_bytes + server_bytes), count(DISTINCT flow_id) FROM activity WHERE tick >= 20 AND tick < 50')
    expect(sumsOf(report, '', { fromUs: 20e6, toUs: 50e6 })).toMatchObject({ bytes: span[0], flows: span[1] })
    await close()
  })

  it('groups 50,000 arcs to a few, without leaving one out; a group opens as the flows it stands for', async () => {
    const { report, ask, close } = await open(await makeCrowdedDatabase())
    const all = ask('SELECT sum(client_bytes + server_bytes), count(*) FROM flows')
    const sums = sumsOf(report)
    expect(sums).toMatchObject({ grouping: 'countries', bytes: all[0], flows: all[1], leftOut: 0 })
    expect(sums.arcs).toBeLessThanOrEqual(320)
    const list = atOnce(listFlows(report, { subject: { kind: 'route', route: 0, grouping: 'countries' }, span: null, filterText: '' }))
    expect([list.bytes, list.total]).toEqual(all)
    await close()
  })
})

describe('the groups of the picture', () => {
  it('open as the flows they stand for, on every level', async () => {
    const demo = FIXTURES.find(({ name }) => name === 'demo') ?? FIXTURES[0]
    const { Database } = await initSqlJs()
    const database = await analyzeBytes(demo.bytes, undefined, {}, spreadOverTheEarth)
    const report = openReport(new Database(database.export()), null)
    database.close()
    for (const mostArcs of LEVELS) {
      const { grouping, entries, whole } = atOnce(buildWholePicture(report, { filterText: '', span: null, mostArcs, by: 'flows' }))
      for (const entry of whole!.labelled) {
        const route = entries[entry * ENTRY]
        const list = atOnce(listFlows(report, { subject: { kind: 'route', route, grouping }, span: null, filterText: '' }))
        expect([list.bytes, list.total]).toEqual([whole!.bytes[entry], whole!.flows[entry]])
      }
    }
  })

  it('are joined by region before they are by country; the filter of such an arc is of all its places', async () => {
    const demo = FIXTURES.find(({ name }) => name === 'demo')!
    const { Database } = await initSqlJs()
    const database = await analyzeBytes(demo.bytes, undefined, {}, spreadOverTheEarth)
    const report = openReport(new Database(database.export()), null)
    database.close()
    const pictureOf = (mostArcs: number) => atOnce(buildWholePicture(report, { filterText: '', span: null, mostArcs, by: 'bytes' }))
    const pictures = Array.from({ length: 100 }, (_, more) => pictureOf(100 - more))
    const groupings = [...new Set(pictures.map(({ grouping }) => grouping))]
    expect(groupings.filter((grouping) => ['places', 'regions', 'countries'].includes(grouping))).toEqual([
      'places',
      'regions',
      'countries',
    ])
    const { entries, whole } = pictures.find(({ grouping }) => grouping === 'regions')!
    const { routes, places } = report.report
    const regionOf = (place: number) =>
      places[place].precision === 'origin' ? 'origin' : `${places[place].countryCode} ${places[place].region}`
    let joined = 0
    for (const entry of whole!.labelled) {
      const route = entries[entry * ENTRY]
      const list = atOnce(listFlows(report, { subject: { kind: 'route', route, grouping: 'regions' }, span: null, filterText: '' }))
      expect([list.bytes, list.total]).toEqual([whole!.bytes[entry], whole!.flows[entry]])
      const filtered = atOnce(listFlows(report, { subject: { kind: 'all' }, span: null, filterText: list.terms }))
      expect(filtered.total).toBeGreaterThanOrEqual(list.total)
      const regions = new Set([routes.source[route], routes.target[route]].map(regionOf))
      const member = new Set(places.flatMap((_, place) => (regions.has(regionOf(place)) ? [placeName(places[place])] : [])))
      for (const [, name] of list.terms.matchAll(/place:"?([^"]+?)"?(?= or|\)| place|$)/g)) expect(member).toContain(name)
      if (list.terms.includes(' or ')) joined++
    }
    expect(joined).toBeGreaterThan(0)
  })

  it('of a moment with too many arcs are joined, none is left out', async () => {
    const { report, close } = await open(await makeCrowdedDatabase())
    const slices = atOnce(buildArcSlices(report.drawnSource, null, { trailSeconds: 5, mostArcs: 1200 }))
    expect(slices.grouping).not.toBe('route')
    expect(slices.most).toBeLessThanOrEqual(1200)
    expect(slices.leftOut.every((left) => left === 0)).toBe(true)
    await close()
  })
})

describe('the camera of the globe', () => {
  const lens = { focal: 800, x: 590, y: 360 }
  const free = { left: 350, top: 120, width: 500, height: 450 }
  const NAIROBI = { latitudeDeg: -1.29, longitudeDeg: 36.82 }

  it.each([
    ['Berlin', { latitudeDeg: 52.5, longitudeDeg: 13.4 }],
    ['Mumbai', { latitudeDeg: 19.1, longitudeDeg: 72.9 }],
    ['Cape Town', { latitudeDeg: -33.9, longitudeDeg: 18.4 }],
    ['Ashburn', { latitudeDeg: 39, longitudeDeg: -77.5 }],
    ['West Wendover', { latitudeDeg: 40.7, longitudeDeg: -114.1 }],
  ])('puts both ends of Nairobi - %s into the part that no panel covers', (_, other) => {
    const pose = fitPoints([NAIROBI, other], undefined, 2.2, lens, free)
    for (const point of [NAIROBI, other]) {
      const [x, y] = onScreen(point, pose)
      expect(x).toBeGreaterThan(free.left)
      expect(x).toBeLessThan(free.left + free.width)
      expect(y).toBeGreaterThan(free.top)
      expect(y).toBeLessThan(free.top + free.height)
    }
  })

  /** By the textbook: rotate the earth so that the camera's place is in front, then divide by the distance. */
  function onScreen({ latitudeDeg, longitudeDeg }: typeof NAIROBI, pose: { lat: number; lng: number; altitude: number }): [number, number] {
    const rad = Math.PI / 180
    const [phi, lambda] = [latitudeDeg * rad, (longitudeDeg - pose.lng) * rad]
    const tilt = pose.lat * rad
    const near = Math.sin(phi) * Math.sin(tilt) + Math.cos(phi) * Math.cos(tilt) * Math.cos(lambda)
    expect(near).toBeGreaterThan(1 / (1 + pose.altitude)) // before the horizon
    const scale = lens.focal / (1 + pose.altitude - near)
    const up = Math.sin(phi) * Math.cos(tilt) - Math.cos(phi) * Math.sin(tilt) * Math.cos(lambda)
    return [lens.x + Math.cos(phi) * Math.sin(lambda) * scale, lens.y - up * scale]
  }
})
