// Places on the flat map: dots, the glowing origin, and on the ground circles of accuracy.
import { type GeoProjection, geoCircle, geoPath } from 'd3-geo'
import { EARTH_KM } from '../../model/great-circle.ts'
import { ALERT, SURFACES } from '../../ui/palette.ts'
import type { Ground } from '../globe/overlay.ts'
import type { MapScene } from './map-arcs.ts'

/** Half the width of a cross, CSS pixels. */
const CROSS = 8

/** Circles drawn at most. */
const CIRCLES = 300

/** Circles of accuracy on the ground, those of the busiest places; `ratio`: device pixels per CSS pixel. */
export function drawCircles(context: CanvasRenderingContext2D, projection: GeoProjection, ratio: number, ground: Ground): void {
  const path = geoPath(projection, context)
  const { places } = ground.report
  const bytes = ground.slices.placeBytes
  const busiest = places
    .map((_, place) => place)
    .filter((place) => places[place].accuracyKm !== null && places[place].precision !== 'origin' && bytes[place] > 0)
    .sort((a, b) => bytes[b] - bytes[a])
  context.strokeStyle = context.fillStyle = SURFACES[ground.theme].place
  context.lineWidth = ratio
  for (const place of busiest.slice(0, CIRCLES)) {
    const { latitudeDeg, longitudeDeg, accuracyKm, precision } = places[place]
    context.setLineDash(precision === 'country' ? [4 * ratio, 4 * ratio] : [])
    context.beginPath()
    path(
      geoCircle()
        .center([longitudeDeg, latitudeDeg])
        .radius((accuracyKm! / EARTH_KM) * (180 / Math.PI))(),
    )
    context.globalAlpha = 0.07
    context.fill()
    context.globalAlpha = 0.75
    context.stroke()
  }
  context.globalAlpha = 1
  context.setLineDash([])
}

/** Dots by bytes; a place known only by its country or region is drawn as such. */
export function drawPlaces(context: CanvasRenderingContext2D, { report: { places }, weights, theme, onScreen }: MapScene): void {
  const surface = SURFACES[theme]
  context.fillStyle = context.strokeStyle = surface.place
  context.lineWidth = 1.2
  places.forEach(({ precision }, place) => {
    const weight = weights[place] ?? -1
    if (weight < 0 || precision === 'origin') return
    const [x, y] = onScreen(place)
    const size = 2 + 6 * weight ** 2
    context.beginPath()
    if (precision === 'country') {
      context.moveTo(x, y - size - 2)
      context.lineTo(x + size + 2, y)
      context.lineTo(x, y + size + 2)
      context.lineTo(x - size - 2, y)
      context.closePath()
    } else context.arc(x, y, size + (precision === 'region' ? 2 : 0), 0, 2 * Math.PI)
    context.globalAlpha = precision === 'city' ? 0.62 : 0.2
    context.fill()
    context.globalAlpha = 0.9
    if (precision !== 'city') context.stroke()
    if (precision === 'region') {
      context.beginPath()
      context.arc(x, y, size * 0.4, 0, 2 * Math.PI)
      context.fill()
    }
  })
  context.globalAlpha = 1
}

/** A cross over each place where a host cannot be; over the arcs, whose rings would hide it. */
export function strikeOut(context: CanvasRenderingContext2D, { report: { places }, weights, theme, onScreen }: MapScene): void {
  context.strokeStyle = ALERT[theme]
  context.lineWidth = 2
  context.beginPath()
  places.forEach(({ reachKm }, place) => {
    if (reachKm === undefined || (weights[place] ?? -1) < 0) return
    const at = onScreen(place)
    for (const slope of [-1, 1]) {
      context.moveTo(at[0] - CROSS, at[1] - slope * CROSS)
      context.lineTo(at[0] + CROSS, at[1] + slope * CROSS)
    }
  })
  context.stroke()
}

export function drawOrigin(
  context: CanvasRenderingContext2D,
  { report: { origin, isOriginDrawn }, theme, moment, onScreen }: MapScene,
): void {
  if (!isOriginDrawn) return
  const surface = SURFACES[theme]
  const [x, y] = onScreen(origin)
  const glow = context.createRadialGradient(x, y, 0, x, y, 26)
  const rim = surface.rim.map((part) => Math.round(part * 255)).join(' ')
  glow.addColorStop(0, `rgb(${rim} / 0.9)`)
  glow.addColorStop(1, `rgb(${rim} / 0)`)
  context.globalAlpha = 0.75 + 0.25 * Math.sin(moment.cycle * 2 * Math.PI)
  context.fillStyle = glow
  context.fillRect(x - 26, y - 26, 52, 52)
  context.globalAlpha = 1
  context.fillStyle = surface.origin
  context.beginPath()
  context.arc(x, y, 4, 0, 2 * Math.PI)
  context.fill()
}
