// On the flat map: the dashed circle around the origin beyond which no struck-out place's host can be.
import { type GeoProjection, geoCircle, geoNaturalEarth1, geoPath } from 'd3-geo'
import { EARTH_KM } from '../../model/great-circle.ts'
import { ALERT } from '../../ui/palette.ts'
import type { MapScene } from './map-arcs.ts'

/** `projection`: before zooming; `km`: radius, null for none. */
export function drawReach(
  context: CanvasRenderingContext2D,
  projection: GeoProjection,
  { report: { places, origin }, at, theme }: MapScene,
  km: number | null,
): void {
  if (km === null) return
  const { latitudeDeg, longitudeDeg } = places[origin]
  const [left, top] = projection.translate()
  const zoomed = geoNaturalEarth1()
    .scale(projection.scale() * at.k)
    .translate([at.applyX(left), at.applyY(top)])
  const circle = geoCircle()
    .center([longitudeDeg, latitudeDeg])
    .radius(Math.min(180, (km / EARTH_KM) * (180 / Math.PI)))
  context.strokeStyle = ALERT[theme]
  context.lineWidth = 1.5
  context.setLineDash([6, 4])
  context.beginPath()
  // Its outline, not an area: the map's own edge is no part of the circle.
  geoPath(zoomed, context)({ type: 'MultiLineString', coordinates: circle().coordinates })
  context.stroke()
  context.setLineDash([])
}
