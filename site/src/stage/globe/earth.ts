// Land, borders and countries drawn on a canvas: the globe's texture and the map's ground. From Natural Earth (public domain) by
// world-atlas, no image file.
import { type GeoProjection, geoCircle, geoEquirectangular, geoGraticule10, geoPath } from 'd3-geo'
import type { MultiPolygon, Polygon } from 'geojson'
import codes from 'i18n-iso-countries/codes.json' with { type: 'json' }
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import atlas from 'world-atlas/countries-110m.json' with { type: 'json' }
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import type { Surface, Theme } from '../../ui/palette.ts'
import type { DrawnBy } from '../webgl.ts'

const topology = atlas as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>
const land = feature(topology, topology.objects.land) as unknown as Polygon | MultiPolygon
const borders = mesh(topology, topology.objects.countries, (a, b) => a !== b)

const alpha2 = new Map((codes as string[][]).map(([two, , numeric]) => [numeric, two]))

/** Shape of each country by its ISO 3166-1 alpha-2 code. The smallest (Singapore, Malta, ...) have none at this scale. */
export const COUNTRIES = new Map(
  feature(topology, topology.objects.countries).features.flatMap((country) => {
    const code = alpha2.get(String(country.id))
    return code ? [[code, country] as const] : []
  }),
)

/** Draws the earth into `context` as `projection` sees it, with a stop after each of its parts; line widths in canvas pixels. */
export function* drawEarth(
  context: CanvasRenderingContext2D,
  projection: GeoProjection,
  surface: Surface,
  line: number,
): Generator<void, void> {
  const path = geoPath(projection, context)
  const stroke = (colour: string, width: number, shape: Parameters<typeof path>[0]) => {
    context.beginPath()
    path(shape)
    context.strokeStyle = colour
    context.lineWidth = width
    context.stroke()
  }
  context.beginPath()
  path({ type: 'Sphere' })
  context.fillStyle = surface.ocean
  context.fill()
  stroke(surface.graticule, line, geoGraticule10())
  yield
  context.beginPath()
  path(land)
  context.fillStyle = surface.land
  context.fill()
  yield
  stroke(surface.border, line * 1.1, borders)
  yield
  stroke(surface.border, line * 1.4, land)
}

/** Where the sun is so many degrees below the horizon, and lower. */
export function nightCircle({ latitudeDeg, longitudeDeg }: SitePoint, below: number): Polygon {
  return geoCircle()
    .center([longitudeDeg + 180, -latitudeDeg])
    .radius(90 - below)()
}

/** The night side: from sunset to the end of civil and of nautical twilight, each darker. `sun`: where it stands overhead. */
export function drawNight(context: CanvasRenderingContext2D, projection: GeoProjection, sun: SitePoint, theme: Theme): void {
  const path = geoPath(projection, context)
  context.fillStyle = theme === 'dark' ? 'rgb(0 2 10 / 0.16)' : 'rgb(20 32 64 / 0.05)'
  for (const below of [0, 6, 12]) {
    context.beginPath()
    path(nightCircle(sun, below))
    context.fill()
  }
}

/** An equirectangular picture's projection, `width` x `width / 2` pixels, longitude -180 at its left edge. */
export function flatProjection(width: number): GeoProjection {
  return geoEquirectangular()
    .scale(width / (2 * Math.PI))
    .translate([width / 2, width / 4])
}

/** A picture of the whole earth. `by`: what draws the globe; where that is software, it is made where it is wanted, in the page's own memory. */
export function* drawEarthTexture(width: number, surface: Surface, by: DrawnBy): Generator<void, HTMLCanvasElement> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = width / 2
  const context = canvas.getContext('2d', { willReadFrequently: by === 'software' })!
  yield* drawEarth(context, flatProjection(width), surface, width / 2048)
  return canvas
}
