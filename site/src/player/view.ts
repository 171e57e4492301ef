// Where the camera stands when a report opens: shared by the globe and by the poster that is shown until WebGL is up.
import type { SitePoint } from '../../../src/node/site-manifest.ts'
import type { Inset } from './picture.ts'

/** Vertical field of view of globe.gl's camera. */
const FIELD_OF_VIEW_DEG = 50

/** Nairobi: where private addresses stand unless the user says otherwise. */
const DEFAULT_ORIGIN: SitePoint = { latitudeDeg: -1.286389, longitudeDeg: 36.817223 }

/** The point of the earth that faces the reader: over the origin, a little to the side where most land lies. */
export function viewCentre(origin: SitePoint | undefined): SitePoint {
  const { latitudeDeg, longitudeDeg } = origin ?? DEFAULT_ORIGIN
  return { latitudeDeg: Math.max(-50, Math.min(45, latitudeDeg + (latitudeDeg > 30 ? -12 : 14))), longitudeDeg }
}

/** Height of the camera in globe radii, so that globe and arcs fit the free part of the stage (CSS pixels). */
export function viewAltitude(width: number, height: number, inset: Inset): number {
  const free = Math.min(width - inset.right, height - inset.bottom - 56)
  return Math.min(6, Math.max(1.2, (1.62 * height) / Math.max(free, 160) - 0.18))
}

/** Pixels by which a point one radius beside the globe's centre, at its distance, is off the middle of the stage, times that distance. */
export function focalLength(height: number): number {
  return height / 2 / Math.tan((FIELD_OF_VIEW_DEG / 2) * (Math.PI / 180))
}
