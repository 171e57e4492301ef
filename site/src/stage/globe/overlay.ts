// What lies on the ground: countries shaded by their traffic, and heat where places are many and busy. Drawn once per filter, not once per
// frame, into the globe's second texture and onto the map's ground alike.
import { type GeoProjection, geoCircle, geoPath } from 'd3-geo'
import type { ArcSlices } from '../../model/arc-slices.ts'
import type { Report } from '../../model/report.ts'
import { rgbOf, SURFACES, type Theme } from '../../ui/palette.ts'
import type { Layers } from '../layers.ts'
import { COUNTRIES } from './earth.ts'
import { drawHeat, heatField } from './heat.ts'

/** How strong a country's shade is, 0 to 1, and what stands behind it. */
export interface Shade {
  code: string
  value: number
  share: number
}

/** Countries with traffic, most first, by bytes or by hosts. The origin is left out: nobody located it. */
export function shadeCountries({ places }: Report, slices: ArcSlices, by: 'bytes' | 'hosts'): Shade[] {
  const values = new Map<string, number>()
  places.forEach(({ countryCode, precision }, place) => {
    const value = (by === 'bytes' ? slices.placeBytes[place] : slices.placeHosts[place]) ?? 0
    if (countryCode && precision !== 'origin' && value > 0) values.set(countryCode, (values.get(countryCode) ?? 0) + value)
  })
  const largest = Math.max(...values.values(), 1)
  // Logarithmic, over as many powers of ten as there are, at least two: else one large country leaves all others blank.
  const smallest = Math.min(...values.values(), largest)
  const range = Math.max(2, Math.log10(largest) - Math.log10(smallest))
  return [...values]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([code, value]) => ({ code, value, share: 0.12 + 0.88 * Math.max(0, 1 - (Math.log10(largest) - Math.log10(value)) / range) }))
}

/** What lies on the ground, and how it is coloured. */
export interface Ground {
  report: Report
  slices: ArcSlices
  layers: Layers
  theme: Theme
}

/** Draws what `layers` ask for as `projection` sees it. */
export function drawOverlay(canvas: HTMLCanvasElement, projection: GeoProjection, { report, slices, layers, theme }: Ground): void {
  const context = canvas.getContext('2d')!
  if (layers.countries !== 'off') drawCountries(context, projection, report, shadeCountries(report, slices, layers.countries), theme)
  if (layers.heat) drawHeat(context, projection, heatField(report.places, slices.placeBytes))
}

function drawCountries(context: CanvasRenderingContext2D, projection: GeoProjection, { places }: Report, shades: Shade[], theme: Theme) {
  const path = geoPath(projection, context)
  const [red, green, blue] = rgbOf(SURFACES[theme].shade).map((part) => Math.round(part * 255))
  for (const { code, share } of shades) {
    const shape = COUNTRIES.get(code)
    context.beginPath()
    if (shape) path(shape)
    // Too small for a shape: a disc where its places are.
    else
      for (const { countryCode, latitudeDeg, longitudeDeg } of places)
        if (countryCode === code) path(geoCircle().center([longitudeDeg, latitudeDeg]).radius(1.2)())
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${0.82 * share})`
    context.fill()
  }
}
