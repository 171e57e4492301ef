// The tooltip of an arc at a moment: the rate that its width stands for, against sums of the sample's activity done by hand.
import initSqlJs from 'sql.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ArcSlices } from '../../site/src/model/arc-slices.ts'
import { buildArcSlices } from '../../site/src/model/build-arc-slices.ts'
import type { Report } from '../../site/src/model/report.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { describePicked, titleOf } from '../../site/src/stage/titles.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import { makeSampleDatabase } from '../support/sample-database.ts'

const TLS = 'Nairobi, Kenya → Berlin, Germany · tls'

let report: Report
let slices: ArcSlices

beforeAll(async () => {
  const { Database } = await initSqlJs()
  const open = openReport(new Database(await makeSampleDatabase()), null)
  report = open.report
  slices = atOnce(buildArcSlices(open.drawnSource, null, { trailSeconds: 2, mostArcs: 1200 }))
})

function tooltipAt(name: string, seconds: number): string {
  for (let route = 0; route < report.routes.count; route++)
    if (titleOf(report, { kind: 'route', route }) === name) return describePicked(report, { kind: 'route', route }, slices, seconds)
  throw new Error(`no arc is called ${name}`)
}

describe('the tooltip of an arc', () => {
  it.each([
    [0.5, 2000], // 500 B from the client and 1,500 B from the server in this second
    [15.5, 1800],
    [30.5, 1200],
  ])('has the rate of the second at %s s: %s B', (seconds, expected) => {
    const [, number, all] = /^about ([\d.]+) kB\/s now, (.*)$/.exec(tooltipAt(TLS, seconds).slice(`${TLS} · `.length))!
    // A width is one of 127 steps of 11 %: half a step to either side, and half of the last digit.
    expect(Math.abs(1000 * Number(number) - expected)).toBeLessThanOrEqual(0.06 * expected + 50)
    expect(all).toBe('5 kB in all')
  })

  it.each([10, 16.5])('says that nothing passes at %s s, between its traffic and in its trail', (seconds) => {
    expect(tooltipAt(TLS, seconds)).toBe(`${TLS} · nothing now, 5 kB in all`)
  })
})
