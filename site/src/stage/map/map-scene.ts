// What the flat map shows over its ground at a moment, from the lowest layer to the highest.
import type { GeoProjection } from 'd3-geo'
import type { Effects } from '../../model/effects.ts'
import { drawEffects } from '../effects/canvas-effects.ts'
import { effectMoment } from '../effects/effect-moment.ts'
import type { Layers } from '../layers.ts'
import { drawArcs, type MapScene } from './map-arcs.ts'
import { drawOrigin, drawPlaces, strikeOut } from './map-marks.ts'
import { drawReach } from './map-reach.ts'

/** `projection`: before zooming; `reachKm`: of the circle around the origin, null for none. */
export function drawScene(
  context: CanvasRenderingContext2D,
  projection: GeoProjection,
  scene: MapScene,
  layers: Layers,
  { reachKm, effects }: { reachKm: number | null; effects: Effects | null },
): void {
  drawReach(context, projection, scene, layers.places ? reachKm : null)
  if (layers.places) drawPlaces(context, scene)
  if (layers.arcs) drawArcs(context, scene)
  if (layers.places) {
    strikeOut(context, scene)
    drawOrigin(context, scene)
  }
  if (layers.effects && effects) drawMapEffects(context, scene, effects)
}

function drawMapEffects(context: CanvasRenderingContext2D, { moment, theme, inFocus, onScreen }: MapScene, effects: Effects): void {
  const { place, route } = effects.marks
  drawEffects(context, {
    ...{ effects, moment: effectMoment(moment), theme, margin: () => 0 },
    onScreen: (mark) => (place[mark] < 0 ? null : onScreen(place[mark])),
    isDim: (mark) => inFocus !== null && !inFocus[route[mark]],
  })
}
