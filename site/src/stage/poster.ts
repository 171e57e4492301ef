// The first picture: the earth as the globe will show it, drawn in 2D at once, while the browser is still starting WebGL.
import { geoProjection } from 'd3-geo'
import type { SitePoint } from '../../../src/contract/manifest.ts'
import { inSlices } from '../protocol/time-slicing.ts'
import { SURFACES, type Theme } from '../ui/palette.ts'
import { drawEarth } from './globe/earth.ts'
import { focalLength, viewAltitude } from './initial-camera.ts'
import type { Inset } from './renderer.ts'

const SLICE_MS = 10

/** Draws on a new canvas in `stage`, which is returned so that it can be taken away; in slices, so that the page is never still. */
export async function drawPoster(stage: HTMLElement, theme: Theme, centre: SitePoint, inset: Inset): Promise<HTMLCanvasElement> {
  const { clientWidth: width, clientHeight: height } = stage
  const canvas = document.createElement('canvas')
  canvas.className = 'poster'
  const ratio = Math.min(2, devicePixelRatio)
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext('2d', { willReadFrequently: true })! // drawn once, by the processor: the graphics process is still busy with the page
  context.scale(ratio, ratio)

  const distance = 1 + viewAltitude(width, height, inset)
  const focal = focalLength(height)
  const middle: [number, number] = [(width + inset.left - inset.right) / 2, (height - inset.bottom + inset.top) / 2]
  const radius = focal * Math.tan(Math.asin(1 / distance))
  const rim = SURFACES[theme].rim.map((part) => Math.round(part * 255)).join(' ')
  const light = (from: number, to: number, start: string, end: string) => {
    const gradient = context.createRadialGradient(...middle, radius * from, ...middle, radius * to)
    gradient.addColorStop(0, start)
    gradient.addColorStop(1, end)
    context.fillStyle = gradient
    context.beginPath()
    context.arc(...middle, radius * to, 0, 2 * Math.PI)
    context.fill()
  }
  light(0.98, 1.28, `rgb(${rim} / 0.4)`, `rgb(${rim} / 0)`)
  // The view from a point at `distance` radii (perspective azimuthal projection), cut at the horizon.
  const seenFrom = (longitude: number, latitude: number): [number, number] => {
    const near = Math.cos(latitude) * Math.cos(longitude)
    const scale = 1 / (distance - near)
    return [scale * Math.cos(latitude) * Math.sin(longitude), scale * Math.sin(latitude)]
  }
  const projection = geoProjection(seenFrom)
    .rotate([-centre.longitudeDeg, -centre.latitudeDeg])
    .scale(focal)
    .translate(middle)
    .clipAngle(Math.acos(1 / distance) * (180 / Math.PI) - 1e-6)
  await inSlices(drawEarth(context, projection, SURFACES[theme], 0.8), SLICE_MS)
  light(0.8, 1, `rgb(${rim} / 0)`, `rgb(${rim} / 0.5)`)
  stage.append(canvas) // whole: each frame of a part would be drawn anew
  return canvas
}
