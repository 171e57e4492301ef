// Where the camera stands when a report opens: shared by the globe and by the poster that is shown until WebGL is up.
import type { SitePoint } from '../../../src/contract/manifest.ts'
import { DEFAULT_ORIGIN } from '../../../src/geo/origin.ts'
import type { Inset } from './renderer.ts'

/** Radius of globe.gl's globe. */
export const GLOBE_RADIUS = 100

/** Vertical field of view of globe.gl's camera. */
const FIELD_OF_VIEW_DEG = 50

/** The point of the earth that faces the reader: over the origin, a little to the side where most land lies. */
export function viewCentre(origin: SitePoint | undefined): SitePoint {
  const { latitudeDeg, longitudeDeg } = origin ?? DEFAULT_ORIGIN
  return { latitudeDeg: Math.max(-50, Math.min(45, latitudeDeg + (latitudeDeg > 30 ? -12 : 14))), longitudeDeg }
}

/** Share of the free space that the globe's disc takes; the rest is for arcs. */
const DISC_SHARE = 0.84

/** Pixels by which a point one radius beside the camera's axis, one radius away, is off the middle of the stage. */
export function focalLength(height: number): number {
  return height / 2 / Math.tan((FIELD_OF_VIEW_DEG / 2) * (Math.PI / 180))
}

/** Height of the camera in globe radii, so that globe and arcs fit the free part of the stage (CSS pixels). */
export function viewAltitude(width: number, height: number, inset: Inset): number {
  const free = Math.max(90, Math.min(width - inset.left - inset.right, height - inset.bottom - inset.top))
  return 1 / Math.sin(Math.atan((DISC_SHARE * free) / 2 / focalLength(height))) - 1
}
