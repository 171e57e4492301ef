// What covers the stage: the space at its edges, and the panels that lie on the picture.
import { byId } from '../ui/dom.ts'
import type { Box } from './labels.ts'
import type { Inset } from './renderer.ts'

/** The sidebar covers part of the stage from this width of the window on; below, it lies over everything. */
export const WIDE_PIXELS = 1000

/** CSS pixels of the story folded to one sentence. */
const FOLDED = 92

/** A picture as large as this is large enough beside the story, even where it would be larger above it. */
const LARGE = 480

/** A smaller one cannot be read: the story then lies over it, when it is asked for. */
const SMALL = 90

/** In parts of the stage lower than this, the tray would cover what it shows. */
const LOW = 420

/** Share of the height below the picture of wall mode: caption and legend. */
const WALL_SHARE = 0.2

/** Panels over the picture: no label is placed under them. */
export const PANELS = ['sidebar', 'dock', 'filter', 'legend', 'tray', 'stage-tools', 'layers', 'caption', 'story']

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

/** Decides where the story stands, for the style sheet, too: beside the picture, on its lower edge, or over it. */
export function placeStory(): void {
  const { documentElement: root } = document
  const width = innerWidth - (isSidebarBeside() ? byId('sidebar').offsetWidth + 16 : 0)
  const height = innerHeight - topSpace() - byId('dock').offsetHeight - traySpace()
  const beside = Math.min(width - besideSpace(), height)
  const below = Math.min(width, height - FOLDED)
  root.dataset.storyAt = Math.max(beside, below) < SMALL ? 'over' : beside >= Math.min(below, LARGE) ? 'beside' : 'below'
}

/** What the tools cover: a column at the right edge, or where that is low (app/short.css) a row above the dock. */
export function toolsSpace(): Pick<Inset, 'right' | 'bottom'> {
  const { offsetWidth, offsetHeight } = byId('stage-tools')
  return offsetWidth > offsetHeight ? { right: 0, bottom: offsetHeight + 18 } : { right: offsetWidth + 8, bottom: 0 }
}

const traySpace = () => Math.max(byId('tray').offsetHeight + 6, toolsSpace().bottom)

/** What the story takes of the width, beside the picture. */
const besideSpace = () => Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--story')) + 28

const isSidebarBeside = () => innerWidth >= WIDE_PIXELS && document.documentElement.dataset.sidebar === 'open'

/** Masthead, filter and, where it is a row, legend. */
function topSpace(): number {
  const legend = byId('legend')
  const isRow = getComputedStyle(legend).getPropertyValue('--is-row') === '1' // app/widths.css
  return byId('filter').getBoundingClientRect().bottom + (isRow ? legend.offsetHeight : 0) + 4
}

/** CSS pixels at the stage's edges that panels cover. The tools' column is left out: a round or wide picture leaves its corners free. */
export function coveredSpace(): Inset {
  if (document.documentElement.dataset.wall === 'on') {
    const { bottom } = byId('masthead').getBoundingClientRect()
    return { left: 0, top: bottom, right: 0, bottom: innerHeight * WALL_SHARE }
  }
  const top = topSpace()
  const dock = byId('dock').offsetHeight + 4
  const isLow = innerHeight - top - dock < LOW
  // Not what the card measures now: unfolded, or hidden by the caption of a finding, it must not move the picture.
  const { story, storyAt } = document.documentElement.dataset
  const folded = story === 'open' && storyAt === 'below' ? FOLDED : 0
  return {
    left: story === 'open' && storyAt === 'beside' ? besideSpace() : 0,
    top,
    right: isSidebarBeside() ? byId('sidebar').offsetWidth + 16 : 0,
    bottom: dock + folded + (isLow || folded > 0 ? traySpace() : 0),
  }
}

/** The largest part of a stage of this size that no panel covers: for each panel, the side of the stage that loses least by it is cut off. */
export function freeSpace(width: number, height: number): Box {
  const inset = coveredSpace()
  let free: Box = { left: inset.left, top: inset.top, width: width - inset.left - inset.right, height: height - inset.top - inset.bottom }
  for (const panel of panelBoxes()) {
    const [right, bottom] = [free.left + free.width, free.top + free.height]
    const isOver = panel.left < right && panel.left + panel.width > free.left && panel.top < bottom && panel.top + panel.height > free.top
    if (!isOver) continue
    const sides: Box[] = [
      { ...free, width: panel.left - free.left },
      { ...free, height: panel.top - free.top },
      { ...free, left: panel.left + panel.width, width: right - panel.left - panel.width },
      { ...free, top: panel.top + panel.height, height: bottom - panel.top - panel.height },
    ]
    const area = ({ width, height }: Box) => Math.max(0, width) * Math.max(0, height)
    free = sides.reduce((most, side) => (area(side) > area(most) ? side : most))
  }
  return { ...free, width: Math.max(80, free.width), height: Math.max(80, free.height) }
}
