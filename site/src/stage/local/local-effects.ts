// Sparks and pulses on the local network: around the dot of the host, or of the closed group it is in.
import type { ZoomTransform } from 'd3-zoom'
import type { Effects } from '../../model/effects.ts'
import type { LocalMap } from '../../model/local-map.ts'
import type { Theme } from '../../ui/palette.ts'
import { drawEffects } from '../effects/canvas-effects.ts'
import { effectMoment } from '../effects/effect-moment.ts'
import type { Moment } from '../renderer.ts'

/** The radius of a dot for which sparks and pulses are as far out as on the map, CSS pixels. */
const DOT = { spark: 18, beat: 4 }

interface LocalEffectScene {
  map: LocalMap
  effects: Effects
  moment: Moment
  theme: Theme
  at: ZoomTransform
  nodesInFocus: Uint8Array | null
}

export function drawLocalEffects(context: CanvasRenderingContext2D, scene: LocalEffectScene): void {
  const { map, effects, moment, theme, at, nodesInFocus } = scene
  const { host, angle } = effects.marks
  const nodeOf = (mark: number) => map.nodeOfHost[host[mark]]
  drawEffects(context, {
    ...{ effects, moment: effectMoment(moment), theme },
    onScreen(mark) {
      const node = map.nodes[nodeOf(mark)]
      return node ? at.apply([node.x, node.y]) : null
    },
    margin: (mark) => map.nodes[nodeOf(mark)].radius * at.k - (angle[mark] < 0 ? DOT.beat : DOT.spark),
    isDim: (mark) => nodesInFocus !== null && !nodesInFocus[nodeOf(mark)],
  })
}
