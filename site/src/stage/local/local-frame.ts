// What of the local network is to be seen, and what of the stage is free -> where the camera stands.
import { type ZoomTransform, zoomIdentity } from 'd3-zoom'
import type { LocalMap, LocalNode } from '../../model/local-map.ts'
import type { Inset } from '../renderer.ts'

type Bounds = LocalMap['bounds']

/** CSS pixels around what is seen. */
const MARGIN = 34

/** Width of the legend, which lies on the stage's left unless the stage is narrow, or something else does. */
const LEGEND = 84
const NARROW = 640

/** The smallest space a picture gets, however much of the stage is covered. */
const SMALLEST = { width: 120, height: 80 }

export function boundsOf(nodes: Pick<LocalNode, 'x' | 'y' | 'radius'>[]): Bounds {
  return {
    left: Math.min(...nodes.map(({ x, radius }) => x - radius)),
    right: Math.max(...nodes.map(({ x, radius }) => x + radius)),
    top: Math.min(...nodes.map(({ y, radius }) => y - radius)),
    bottom: Math.max(...nodes.map(({ y, radius }) => y + radius)),
  }
}

/** In the middle of what no panel covers, as large as it can be, at most `largest` CSS pixels per unit of the layout. */
export function frameBounds(
  { left, top, right, bottom }: Bounds,
  { clientWidth, clientHeight }: HTMLElement,
  inset: Inset,
  largest: number,
): ZoomTransform {
  const start = inset.left || (clientWidth > NARROW ? LEGEND : 0)
  const width = Math.max(SMALLEST.width, clientWidth - start - inset.right - 2 * MARGIN)
  const height = Math.max(SMALLEST.height, clientHeight - inset.top - inset.bottom - 2 * MARGIN)
  const k = Math.min(largest, width / Math.max(1, right - left), height / Math.max(1, bottom - top))
  const x = start + MARGIN + width / 2 - (k * (left + right)) / 2
  const y = inset.top + MARGIN + height / 2 - (k * (top + bottom)) / 2
  return zoomIdentity.translate(x, y).scale(k)
}
