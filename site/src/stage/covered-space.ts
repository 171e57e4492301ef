// What covers the stage: the space at its edges, and the panels that lie on the picture.
import { byId } from '../ui/dom.ts'
import type { Box } from './labels.ts'
import type { Inset } from './renderer.ts'

/** The sidebar covers part of the stage from this width of the window on; below, it lies over everything. */
export const WIDE_PIXELS = 1000

/** Up to this width of the window the legend is a row over the stage. */
const NARROW_PIXELS = 640

/** Panels over the picture: no label is placed under them. */
export const PANELS = ['legend', 'tray', 'stage-tools', 'layers', 'caption']

/** Panels' boxes are rounded to this many CSS pixels, so that a number that changes in a panel moves no label. */
const BOX_STEP = 12

/** Boxes of the visible panels, CSS pixels. */
export function panelBoxes(): Box[] {
  const boxes = PANELS.map((id) => byId(id).getBoundingClientRect())
  return boxes.filter(({ width }) => width > 0).map(coarseBox)
}

/** The smallest box around one whose edges are multiples of the step. */
function coarseBox(box: DOMRect): Box {
  const left = Math.floor(box.left / BOX_STEP) * BOX_STEP
  const top = Math.floor(box.top / BOX_STEP) * BOX_STEP
  const right = Math.ceil(box.right / BOX_STEP) * BOX_STEP
  const bottom = Math.ceil(box.bottom / BOX_STEP) * BOX_STEP
  return { left, top, width: right - left, height: bottom - top }
}

/** CSS pixels at the stage's edges that panels cover. On narrow pages the legend is a row, too. */
export function coveredSpace(): Inset {
  const isBeside = innerWidth >= WIDE_PIXELS && document.documentElement.dataset.sidebar === 'open'
  const top = byId('filter').getBoundingClientRect().bottom
  const legend = innerWidth <= NARROW_PIXELS ? byId('legend').offsetHeight : 0
  return { top: top + legend + 4, right: isBeside ? byId('sidebar').offsetWidth + 16 : 0, bottom: byId('dock').offsetHeight + 4 }
}
