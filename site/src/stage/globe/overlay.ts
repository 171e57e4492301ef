// What lies on the ground: countries shaded by their traffic, and heat where places are many and busy. Drawn once per filter, not once per
// frame, into the globe's second texture and onto the map's ground alike.
import { type GeoProjection, geoCircle, geoPath } from 'd3-geo'
import type { ArcSlices } from '../../model/arc-slices.ts'
import type { Report } from '../../model/report.ts'
import { weightOf } from '../../model/weight.ts'
import { rgbOf, SURFACES, type Theme } from '../../ui/palette.ts'
import type { Layers } from '../layers.ts'
import { COUNTRIES } from './earth.ts'

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

/** Draws what `layers` ask for as `projection` sees it. `pixels` per radian: how large the ground is drawn. */
export function drawOverlay(
  canvas: HTMLCanvasElement,
  projection: GeoProjection,
  pixels: number,
  { report, slices, layers, theme }: Ground,
): void {
  const context = canvas.getContext('2d')!
  if (layers.countries !== 'off') drawCountries(context, projection, report, shadeCountries(report, slices, layers.countries), theme)
  if (layers.heat) drawHeat(context, canvas.width, canvas.height, projection, pixels, report, slices)
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

/** Angular radius of the heat around one place. */
const HEAT_DEG = 6

/** Stops of the heat's colours: density 0 to 1 -> red, green, blue, alpha (0 to 255). Lightness grows with density, also without colour. */
const HEAT: [number, number, number, number, number][] = [
  [0, 60, 10, 110, 0],
  [0.15, 90, 20, 130, 110],
  [0.4, 200, 50, 90, 165],
  [0.7, 250, 140, 40, 200],
  [1, 255, 240, 140, 230],
]

function drawHeat(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  projection: GeoProjection,
  pixels: number,
  { places }: Report,
  slices: ArcSlices,
): void {
  const field = document.createElement('canvas')
  field.width = Math.ceil(width / 2)
  field.height = Math.ceil(height / 2)
  const density = field.getContext('2d', { willReadFrequently: true })!
  density.globalCompositeOperation = 'lighter'
  places.forEach(({ latitudeDeg, longitudeDeg, precision }, place) => {
    const bytes = slices.placeBytes[place] ?? 0
    if (bytes <= 0 || precision === 'origin') return
    const at = projection([longitudeDeg, latitudeDeg])
    if (!at) return
    const radius = (((HEAT_DEG * Math.PI) / 180) * pixels) / 2
    const eastward = projection([longitudeDeg + (longitudeDeg > 0 ? -0.5 : 0.5), latitudeDeg])
    const stretch = eastward ? Math.min(6, Math.max(0.5, Math.abs(eastward[0] - at[0]) / ((0.5 * Math.PI) / 180) / pixels)) : 1
    // A degree of longitude is narrower away from the equator: the kernel keeps its size on the ground.
    const wide = stretch / Math.max(0.17, Math.cos((latitudeDeg * Math.PI) / 180))
    density.save()
    density.translate(at[0] / 2, at[1] / 2)
    density.scale(wide, 1)
    const glow = density.createRadialGradient(0, 0, 0, 0, 0, radius)
    glow.addColorStop(0, `rgb(255 255 255 / ${0.05 + 0.16 * weightOf(bytes)})`)
    glow.addColorStop(1, 'rgb(255 255 255 / 0)')
    density.fillStyle = glow
    density.fillRect(-radius, -radius, 2 * radius, 2 * radius)
    density.restore()
  })
  const image = density.getImageData(0, 0, field.width, field.height)
  const colours = heatColours()
  const from = image.data
  let densest = 1
  for (let at = 3; at < from.length; at += 4) densest = Math.max(densest, from[at])
  for (let at = 0; at < from.length; at += 4) {
    const value = Math.round((from[at + 3] / densest) ** 0.75 * 255)
    if (value > 0) from.set(colours.subarray(value * 4, value * 4 + 4), at)
  }
  density.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = true
  context.drawImage(field, 0, 0, width, height)
}

function heatColours(): Uint8ClampedArray {
  const colours = new Uint8ClampedArray(256 * 4)
  for (let value = 0; value < 256; value++) {
    const at = value / 255
    const next = Math.max(
      1,
      HEAT.findIndex(([stop]) => stop >= at),
    )
    const [low, ...from] = HEAT[next - 1]
    const [high, ...to] = HEAT[next]
    const part = (at - low) / (high - low)
    colours.set(
      from.map((value_, channel) => value_ + (to[channel] - value_) * part),
      value * 4,
    )
  }
  return colours
}
