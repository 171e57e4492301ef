// Names of places on their own canvas over the picture: the busiest first, and none over another. Drawn when the camera or the filter
// moves, not at every frame of playback.
import { type ArcSlices, ENTRY } from '../model/arc-slices.ts'
import { type Report, type ReportPlace, shortPlaceName } from '../model/report.ts'
import { formatHostile } from '../ui/format.ts'
import { SURFACES, type Theme } from '../ui/palette.ts'
import { describeEntry } from './figures.ts'

/** Places whose names are tried: beyond these, there is never room. */
const TRIED = 120
const SHOWN = { wide: 26, narrow: 8 }
const WITH_FIGURES = { wide: 44, narrow: 10 }
/** Free space between two names, CSS pixels: beside and above. On a narrow stage more, so that they do not look like a list. */
const SPACING = { wide: [3, 0], narrow: [12, 5] } as const
/** Names that come before the figures of arcs. */
const NAMES_FIRST = 8
/** From this width on, letters grow with the stage: a 4K screen on a wall is read from a distance. */
const USUAL_WIDTH = 2400
const fontOf = (pixels: number) => `500 ${pixels}px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif`
const PIXELS = { name: 12, figure: 11 }
const HEIGHT = 15
const GAP = 7

interface Label extends Name {
  width: number
  /** Default: that of the normal letters. */
  height?: number
}

/** A name to show, and what it belongs to: whatever `OnScreen` is asked for. */
export interface Name {
  place: number
  text: string
  /** The figures of an arc, near the middle of it: then `place` is the arc's route. */
  isFigure?: boolean
  /** Above its point if there is room. */
  isAbove?: boolean
}

/** Box of a label, CSS pixels. */
export interface Box {
  left: number
  top: number
  width: number
  height: number
}

interface Placed extends Box {
  text: string
  isFigure: boolean
}

/** Place -> CSS pixels from the stage's left and top, and between it and its name; null when it is out of sight. */
export type OnScreen = (place: number) => readonly [x: number, y: number, gap?: number] | null

export class LabelLayer {
  readonly canvas = document.createElement('canvas')
  #names: readonly Name[] = []
  #labels: Label[] = []
  /** Of the letters. */
  #scale = 1
  #most = SHOWN
  #isShown = true
  #theme: Theme
  #width = 0
  #height = 0
  #panels: readonly Box[] = []
  /** What was drawn last, for tests: boxes never overlap. */
  boxes: Placed[] = []

  constructor(theme: Theme) {
    this.#theme = theme
    this.canvas.className = 'labels'
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(2, devicePixelRatio)
    this.#width = width
    this.#height = height
    const scale = Math.max(1, width / USUAL_WIDTH)
    if (scale !== this.#scale) {
      this.#scale = scale
      this.#measure()
    }
    this.canvas.width = width * ratio
    this.canvas.height = height * ratio
    this.canvas.getContext('2d')!.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  paint(theme: Theme): void {
    this.#theme = theme
  }

  setShown(isShown: boolean): void {
    this.#isShown = isShown
  }

  /** Keeps these free, CSS pixels. */
  avoid(panels: readonly Box[]): void {
    this.#panels = panels
  }

  /** The origin first, then places by bytes; among them the figures of the widest arcs of a whole picture. */
  weigh({ places, isOriginDrawn, meta }: Report, slices: ArcSlices): void {
    const { placeBytes } = slices
    const weight = (place: number) => {
      if (places[place].precision === 'origin') return isOriginDrawn ? Number.POSITIVE_INFINITY : 0
      return placeBytes[place] ?? 0
    }
    const names = places
      .map((_, place) => place)
      .filter((place) => weight(place) > 0)
      .sort((a, b) => weight(b) - weight(a) || a - b)
      .slice(0, TRIED)
      .map((place) => ({ place, text: labelOf(places[place], meta) }))
    const figures = [...(slices.whole?.labelled ?? [])].map((entry) => ({
      place: slices.entries[entry * ENTRY],
      text: describeEntry(slices, entry),
      isFigure: true,
    }))
    this.setNames([...names.slice(0, NAMES_FIRST), ...figures, ...names.slice(NAMES_FIRST)], figures.length > 0 ? WITH_FIGURES : SHOWN)
  }

  /** Names to show, the most important first. `most`: on a wide and on a narrow stage. */
  setNames(names: readonly Name[], most = SHOWN): void {
    this.#names = names
    this.#most = most
    this.#measure()
  }

  #measure(): void {
    const context = this.canvas.getContext('2d')!
    this.#labels = this.#names.map((name) => {
      context.font = this.#fontOf(name.isFigure)
      return { ...name, width: context.measureText(name.text).width, height: HEIGHT * this.#scale }
    })
  }

  #fontOf(isFigure = false): string {
    return fontOf((isFigure ? PIXELS.figure : PIXELS.name) * this.#scale)
  }

  /** `onArc`: the same of an arc, for its figures. `marks`: more boxes that no name may cover. */
  draw(onScreen: OnScreen, onArc: OnScreen = () => null, marks: readonly Box[] = []): void {
    const context = this.canvas.getContext('2d')!
    context.clearRect(0, 0, this.#width, this.#height)
    this.boxes = []
    if (this.#isShown) this.#drawOn(context, onScreen, onArc, marks)
  }

  #drawOn(context: CanvasRenderingContext2D, onScreen: OnScreen, onArc: OnScreen, marks: readonly Box[]): void {
    const surface = SURFACES[this.#theme]
    const size = this.#width < 640 ? 'narrow' : 'wide'
    const placed = placeLabels(
      this.#labels,
      onScreen,
      this.#most[size],
      { width: this.#width, height: this.#height },
      [...this.#panels, ...marks],
      onArc,
      SPACING[size],
    )
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    context.lineWidth = 3 * this.#scale
    context.strokeStyle = surface.labelEdge
    context.fillStyle = surface.label
    for (const { left, top, height, text, isFigure } of placed) {
      context.font = this.#fontOf(isFigure)
      context.globalAlpha = isFigure ? 0.85 : 1
      context.strokeText(text, left, top + height / 2)
      context.fillText(text, left, top + height / 2)
    }
    context.globalAlpha = 1
    this.boxes = placed
  }
}

function labelOf(place: ReportPlace, meta: Report['meta']): string {
  const name = formatHostile(shortPlaceName(place), 32)
  if (place.reachKm !== undefined) return `${name} (not there)`
  return place.precision === 'origin' && meta.origin_source === 'default' ? `${name} (assumed)` : name
}

/** Right of its dot, else left, below or above; where all four are taken, by names or `panels`, the name is left out. */
export function placeLabels(
  labels: readonly Label[],
  onScreen: OnScreen,
  most: number,
  area: { width: number; height: number },
  panels: readonly Box[] = [],
  onArc: OnScreen = () => null,
  spacing: readonly [x: number, y: number] = SPACING.wide,
): Placed[] {
  const placed: Placed[] = []
  const taken = [...panels]
  for (const { place, text, width, height = HEIGHT, isAbove, isFigure = false } of labels) {
    if (placed.length >= most) break
    const at = (isFigure ? onArc : onScreen)(place)
    if (!at) continue
    const [x, y, gap = isFigure ? 4 : GAP] = at
    const tries = [
      { left: x + gap, top: y - height / 2 },
      { left: x - gap - width, top: y - height / 2 },
      { left: x - width / 2, top: y + gap },
      { left: x - width / 2, top: y - gap - height },
    ]
    if (isAbove) tries.unshift(tries.pop()!)
    const free = tries
      .map((corner) => ({ ...corner, width, height, text, isFigure }))
      .find((box) => isInside(box, area) && !taken.some((other) => overlap(box, other, spacing)))
    if (!free) continue
    placed.push(free)
    taken.push(free)
  }
  return placed
}

function isInside({ left, top, width, height }: Box, area: { width: number; height: number }): boolean {
  return left >= 2 && top >= 2 && left + width <= area.width - 2 && top + height <= area.height - 2
}

function overlap(a: Box, b: Box, [x, y]: readonly [number, number]): boolean {
  return a.left < b.left + b.width + x && b.left < a.left + a.width + x && a.top < b.top + b.height + y && b.top < a.top + a.height + y
}
