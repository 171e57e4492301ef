// The lights of cities, as NASA saw them from space: drawn on the night side alone.
import { type GeoProjection, geoPath } from 'd3-geo'
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import address from './city-lights.webp?inline'
import { nightCircle } from './earth.ts'

/** RGB, and how much of the ground the strongest cover. On light ground they would be specks: they are for the dark theme alone. */
export const LAMP: [number, number, number] = [255, 209, 140]
export const LAMP_ALPHA = 0.75

/** Rows of the map between two stops. */
const ROWS = 60

let decoded: Promise<HTMLImageElement> | null = null

/** Their strength is the picture's alpha; longitude -180 at its left edge. Decoded when they are first asked for. */
export function cityLights(): Promise<HTMLImageElement> {
  decoded ??= (async () => {
    const image = new Image()
    image.src = address
    await image.decode()
    return image
  })()
  return decoded
}

/** On the flat map, row by row: along a parallel, all of the map is the picture at one scale. */
export function* drawCityLights(
  context: CanvasRenderingContext2D,
  projection: GeoProjection,
  sun: SitePoint,
  picture: HTMLImageElement,
): Generator<void, void> {
  const { width, height } = context.canvas
  const layer = document.createElement('canvas')
  layer.width = width
  layer.height = height
  const lights = layer.getContext('2d')!
  const [middle] = projection.translate()
  for (let y = 0; y < height; y++) {
    const [, top] = projection.invert!([middle, y])!
    const [, bottom] = projection.invert!([middle, y + 1])!
    if (!(top <= 90 && bottom >= -90)) continue
    const [left] = projection([-180, top])!
    const from = ((90 - top) / 180) * picture.height
    lights.drawImage(picture, 0, from, picture.width, ((top - bottom) / 180) * picture.height, left, y, 2 * (middle - left), 1)
    if (y % ROWS === 0) yield
  }
  lights.globalCompositeOperation = 'source-in'
  lights.fillStyle = `rgb(${LAMP.join(' ')})`
  lights.fillRect(0, 0, width, height)
  yield
  // Lit by and by, from sunset to the end of nautical twilight.
  for (const below of [0, 6, 12]) {
    context.save()
    context.beginPath()
    geoPath(projection, context)(nightCircle(sun, below))
    context.clip()
    context.globalAlpha = 1 - (1 - LAMP_ALPHA) ** (1 / 3)
    context.drawImage(layer, 0, 0)
    context.restore()
  }
}
