// What the local network shows: what stands still, and over it what moves at a moment, each from the lowest layer to the highest.
import type { Effects } from '../../model/effects.ts'
import type { Layers } from '../layers.ts'
import { type ArcScene, drawArcs } from '../map/map-arcs.ts'
import { drawLocalEffects } from './local-effects.ts'
import { drawGroups, drawLines, drawNodes, drawPresentLinks, type LocalScene } from './local-marks.ts'

interface Shown extends LocalScene {
  layers: Layers
  /** Routes with traffic under the filter, fewest bytes first. */
  order: Int32Array
}

export function drawStill(context: CanvasRenderingContext2D, scene: Shown): void {
  drawGroups(context, scene)
  if (scene.layers.arcs) drawLines(context, scene, scene.order)
  if (scene.layers.places) drawNodes(context, scene)
}

export function drawMoving(context: CanvasRenderingContext2D, scene: Shown, arcs: ArcScene, effects: Effects | null): void {
  const { moment } = arcs
  if (scene.layers.arcs) {
    drawPresentLinks(context, scene, scene.order, moment.seconds)
    drawArcs(context, arcs)
  }
  if (scene.layers.effects && effects) drawLocalEffects(context, { ...scene, effects, moment })
}
