// The map of the printed report: land and places where the page's own projection puts them.
import { geoNaturalEarth1, geoPath } from 'd3-geo'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { describe, expect, it } from 'vitest'
import atlas from 'world-atlas/land-110m.json' with { type: 'json' }
import { LAND, SPHERE } from '../../src/report/land.ts'
import { MAP_SIZE, project, worldMapOf } from '../../src/report/world-map.ts'

const projection = geoNaturalEarth1().fitWidth(MAP_SIZE.width, { type: 'Sphere' })

/** A path in whole units, each point from the one before, without points that stand still. */
function compact(path: string): string {
  return path
    .split(/(?=M)/)
    .map((ring) => {
      const points = ring.replace(/[MZ]/g, '').split('L')
      const whole = points.map((point) => point.split(',').map((number) => Math.round(Number(number))))
      const kept = whole.filter(([x, y], at) => at === 0 || x !== whole[at - 1][0] || y !== whole[at - 1][1])
      if (kept.length < 3) return ''
      const steps = kept.slice(1).map(([x, y], at) => `${x - kept[at][0]},${y - kept[at][1]}`)
      return `M${kept[0]}l${steps.join(' ').replace(/[ ,]-/g, '-')}z`
    })
    .join('')
}

describe('the map of the report', () => {
  it('has the land of Natural Earth', () => {
    const topology = atlas as unknown as Topology<{ land: GeometryCollection }>
    expect(compact(geoPath(projection)(feature(topology, topology.objects.land))!)).toBe(LAND)
    expect(compact(geoPath(projection)({ type: 'Sphere' })!)).toBe(SPHERE)
  })

  it.each([
    [-1.29, 36.82],
    [52.5, 13.4],
    [-33.9, 151.2],
    [89, -179],
    [-80, 170],
  ])('puts %d, %d where d3 does', (latitude, longitude) => {
    const [x, y] = projection([longitude, latitude])!
    expect(project(latitude, longitude)[0]).toBeCloseTo(x, 6)
    expect(project(latitude, longitude)[1]).toBeCloseTo(y, 6)
  })

  it('draws areas by bytes, and nothing where only the origin has a place', () => {
    const at = (bytes: number, precision: string) => ({ latitudeDeg: 0, longitudeDeg: 0, city: 'A', country: 'B', precision, bytes })
    expect(worldMapOf([at(5, 'origin')])).toBeNull()
    expect(worldMapOf([])).toBeNull()
    const { circles } = worldMapOf([at(100, 'origin'), at(100, 'city'), at(400, 'city')])!
    expect(circles.map(({ radius, isOrigin }) => [radius, isOrigin])).toEqual([
      [15, false],
      [7.5, false],
      [4, true],
    ])
  })
})
