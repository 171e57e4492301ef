// Bytes of each place -> how much traffic is near each point of the earth, and its picture.
import type { GeoProjection } from 'd3-geo'
import type { ReportPlace } from '../../model/report.ts'

/** Angle at which a place counts no more, degrees: 667 km. */
const HEAT_DEG = 6

/** Powers of ten between the palest and the brightest colour. */
const DECADES = 3

const COLUMNS = 360
const ROWS = 181

/** Stops of the heat's colours: share 0 to 1 -> red, green, blue, alpha (0 to 255). Lightness grows with the share, also without colour. */
export const HEAT_COLOURS: readonly (readonly [number, number, number, number, number])[] = [
  [0, 60, 10, 110, 0],
  [0.1, 90, 20, 130, 110],
  [0.4, 200, 50, 90, 165],
  [0.7, 250, 140, 40, 200],
  [1, 255, 240, 140, 230],
]

/** The ground and its scale ask for the same one. */
const fields = new WeakMap<ArrayLike<number>, HeatField>()

type Point = Pick<ReportPlace, 'latitudeDeg' | 'longitudeDeg' | 'precision'>

export interface HeatField {
  /** Bytes near each whole degree, row by row from the north pole, each from 180° west: 181 x 360. */
  bytes: Float64Array
  /** Bytes that the brightest and the palest colour stand for; both 0 where there are none. */
  most: number
  least: number
}

/**
 * Sums the bytes around each point. A place counts whole where it lies and less with distance, (1 - (d / 6°)²)², down to nothing at 6°, so that
 * a place that stands alone peaks at its own bytes. The origin is left out: nobody located it.
 */
export function heatField(places: readonly Point[], placeBytes: ArrayLike<number>): HeatField {
  const known = fields.get(placeBytes)
  if (known) return known
  const bytes = new Float64Array(COLUMNS * ROWS)
  places.forEach((place, index) => {
    if (placeBytes[index] > 0 && place.precision !== 'origin') addPlace(bytes, place, placeBytes[index])
  })
  const most = bytes.reduce((largest, value) => Math.max(largest, value), 0)
  const field = { bytes, most, least: most / 10 ** DECADES }
  fields.set(placeBytes, field)
  return field
}

function addPlace(field: Float64Array, { latitudeDeg, longitudeDeg }: Point, bytes: number): void {
  const radians = Math.PI / 180
  const [sine, cosine] = [Math.sin(latitudeDeg * radians), Math.cos(latitudeDeg * radians)]
  const first = Math.max(0, Math.ceil(90 - latitudeDeg - HEAT_DEG))
  const last = Math.min(ROWS - 1, Math.floor(90 - latitudeDeg + HEAT_DEG))
  // Degrees of longitude that the circle spans; all of them where a pole lies in it.
  const reach = Math.sin(HEAT_DEG * radians) / cosine
  const half = reach < 1 && Math.abs(latitudeDeg) + HEAT_DEG < 90 ? Math.ceil(Math.asin(reach) / radians) + 1 : COLUMNS / 2
  const here = Math.round(longitudeDeg + 180)
  for (let row = first; row <= last; row++) {
    const latitude = (90 - row) * radians
    for (let step = 1 - half; step <= half; step++) {
      const column = (here + step + COLUMNS) % COLUMNS
      const across = Math.cos((column - 180 - longitudeDeg) * radians)
      const cos = sine * Math.sin(latitude) + cosine * Math.cos(latitude) * across
      // The nearest whole degree stands for the place itself: else a lone place would peak below its bytes.
      const isHere = step === 0 && Math.round(90 - latitudeDeg) === row
      const distance = isHere ? 0 : Math.acos(Math.min(1, cos)) / radians / HEAT_DEG
      if (distance < 1) field[row * COLUMNS + column] += bytes * (1 - distance ** 2) ** 2
    }
  }
}

/** 0 (nothing, or less than the palest colour) to 1 (most): logarithmic. */
export function heatShare(bytes: number, { most, least }: HeatField): number {
  return bytes > least ? Math.min(1, 1 - Math.log10(most / bytes) / DECADES) : 0
}

/** Height of a strip of the picture, canvas pixels. */
const STRIP = 2

/** Draws the field over the whole earth. In `projection` a parallel has to be level, and its degrees of one width, as on both of our maps. */
export function drawHeat(context: CanvasRenderingContext2D, projection: GeoProjection, field: HeatField): void {
  if (field.most === 0) return
  const [, north] = projection([0, 90])!
  const [, south] = projection([0, -90])!
  const top = Math.max(0, Math.floor(north))
  const strips = Math.ceil((Math.min(context.canvas.height, south) - top) / STRIP)
  if (strips <= 0) return
  const middle = projection([0, 0])![0]
  const latitudes = Array.from({ length: strips }, (_, strip) => projection.invert!([middle, top + (strip + 0.5) * STRIP])![1])
  const picture = Object.assign(document.createElement('canvas'), { width: COLUMNS + 2, height: strips })
  const pixels = picture.getContext('2d')!
  const image = pixels.createImageData(COLUMNS + 2, strips)
  const colours = heatColours()
  latitudes.forEach((latitude, strip) => {
    const at = Math.min(ROWS - 1, Math.max(0, 90 - latitude))
    const row = Math.min(ROWS - 2, Math.floor(at))
    for (let x = 0; x < COLUMNS + 2; x++) {
      // One more column at either side, so that both edges of the map are drawn from whole degrees.
      const cell = row * COLUMNS + ((x + COLUMNS - 1) % COLUMNS)
      const bytes = field.bytes[cell] * (row + 1 - at) + field.bytes[cell + COLUMNS] * (at - row)
      const colour = Math.round(heatShare(bytes, field) * 255) * 4
      image.data.set(colours.subarray(colour, colour + 4), (strip * (COLUMNS + 2) + x) * 4)
    }
  })
  pixels.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = true
  latitudes.forEach((latitude, strip) => {
    const left = projection([-179.999, latitude])![0]
    const right = projection([179.999, latitude])![0]
    // The middle of a pixel is a whole degree: from 180° west on, half a pixel past the column before it.
    context.drawImage(picture, 1.5, strip, COLUMNS, 1, left, top + strip * STRIP, right - left, STRIP)
  })
}

function heatColours(): Uint8ClampedArray {
  const colours = new Uint8ClampedArray(256 * 4)
  for (let value = 0; value < 256; value++) {
    const next = Math.max(
      1,
      HEAT_COLOURS.findIndex(([stop]) => stop >= value / 255),
    )
    const [low, ...from] = HEAT_COLOURS[next - 1]
    const [high, ...to] = HEAT_COLOURS[next]
    const part = (value / 255 - low) / (high - low)
    const mixed = from.map((channel, index) => channel + (to[index] - channel) * part)
    colours.set(mixed, value * 4)
  }
  return colours
}
