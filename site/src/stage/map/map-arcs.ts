// Arcs on the flat map at a moment: few with line, comet and rings, many as comets alone. Hot path: runs once per frame.
import type { ZoomTransform } from 'd3-zoom'
import { type ArcSlices, ENTRY, entriesAt, fadeAt, isFaint, weightAt } from '../../model/arc-slices.ts'
import type { Report } from '../../model/report.ts'
import { ALERT_SEVERITY } from '../../model/routes.ts'
import { spread } from '../../model/weight.ts'
import { ALERT, colourOf, type Theme } from '../../ui/palette.ts'
import type { Moment } from '../renderer.ts'

/** Adds the part of a route's line between two fractions to a path. */
export interface Lines {
  trace(context: CanvasRenderingContext2D, route: number, from: number, to: number, at: ZoomTransform): void
}

/** Part of an arc that a comet's tail covers. */
const TAIL = 0.3
/** Up to so many arcs each is drawn with its line, comet and rings; of more only comets and one faint web of lines (measured: browsers stroke some 3,000 lines per frame). */
const DETAILED = 350
/** Comets of one colour stroked together, where they are many. */
const BATCH = 20

/** Arcs on a canvas at a moment: of the map, and of the local network. */
export interface ArcScene {
  report: { routes: Pick<Report['routes'], 'source' | 'target' | 'application' | 'severity'> }
  slices: ArcSlices
  /** A colour slot per application. */
  colours: number[]
  theme: Theme
  moment: Moment
  lines: Lines
  at: ZoomTransform
  inFocus: Uint8Array | null
  /** Route under the pointer, or -1. */
  pointed: number
  /** CSS pixels. */
  onScreen(place: number): readonly [number, number]
}

/** What the map shows at a moment, and where. */
export interface MapScene extends ArcScene {
  report: Report
  /** By place, see weight.ts. */
  weights: Float32Array
}

export function drawArcs(context: CanvasRenderingContext2D, scene: ArcScene): void {
  const seen = entriesAt(scene.slices, scene.moment.seconds)
  context.lineCap = context.lineJoin = 'round'
  if (scene.slices.whole) for (const entry of seen) drawStill(context, scene, entry)
  else if (seen.length <= DETAILED) for (const entry of seen) drawArc(context, scene, entry)
  else drawCrowd(context, scene, seen)
  context.globalAlpha = 1
}

function colourOfRoute({ report: { routes }, colours, theme }: ArcScene, route: number): string {
  return routes.severity[route] >= ALERT_SEVERITY ? ALERT[theme] : colourOf(theme, colours[routes.application[route]])
}

function drawArc(context: CanvasRenderingContext2D, scene: ArcScene, entry: number): void {
  const { slices, moment, inFocus, lines, at: zoomed } = scene
  const { routes } = scene.report
  const route = slices.entries[entry * ENTRY]
  const weight = weightAt(slices, entry, moment.seconds)
  const isStrong = routes.severity[route] >= ALERT_SEVERITY || route === scene.pointed
  const fade = fadeAt(slices, entry, moment.seconds) * (inFocus && !inFocus[route] ? 0.15 : 1)
  const width = 1 + 3.5 * weight + (isStrong ? 1.5 : 0)
  const at = (moment.cycle + spread(route)) % 1
  const head = at * (1 + TAIL)
  context.strokeStyle = colourOfRoute(scene, route)
  if (routes.source[route] !== routes.target[route]) {
    context.lineWidth = width * 0.6
    context.globalAlpha = (isStrong ? 0.7 : 0.4) * fade
    context.beginPath()
    lines.trace(context, route, 0, 1, zoomed)
    context.stroke()
    context.lineWidth = width
    context.globalAlpha = fade
    context.beginPath()
    lines.trace(context, route, Math.max(0, head - TAIL), Math.min(1, head), zoomed)
    context.stroke()
  }
  const [x, y] = scene.onScreen(routes.target[route])
  context.lineWidth = 1.2
  for (const ring of [at, (at + 0.5) % 1]) {
    context.globalAlpha = fade * (1 - ring)
    context.beginPath()
    context.arc(x, y, 2 + ring * (6 + 8 * weight), 0, 2 * Math.PI)
    context.stroke()
  }
}

/** An arc of a whole picture: nothing moves; it is brighter towards the receiver. */
function drawStill(context: CanvasRenderingContext2D, scene: ArcScene, entry: number): void {
  const { slices, inFocus, lines, at } = scene
  const { routes } = scene.report
  const route = slices.entries[entry * ENTRY]
  const weight = weightAt(slices, entry, 0)
  const isStrong = routes.severity[route] >= ALERT_SEVERITY || route === scene.pointed
  const fade = (isStrong ? 1 : (0.35 + 0.65 * weight) * (isFaint(slices, entry) ? 0.5 : 1)) * (inFocus && !inFocus[route] ? 0.15 : 1)
  context.strokeStyle = colourOfRoute(scene, route)
  context.lineWidth = 1 + 8 * weight + (isStrong ? 1 : 0)
  for (const [from, alpha] of [
    [0, 0.5],
    [0.6, 0.6],
  ] as const) {
    if (routes.source[route] === routes.target[route]) break
    context.globalAlpha = alpha * fade
    context.beginPath()
    lines.trace(context, route, from, 1, at)
    context.stroke()
  }
  const [x, y] = scene.onScreen(routes.target[route])
  context.lineWidth = 1.2
  context.globalAlpha = 0.8 * fade
  context.beginPath()
  context.arc(x, y, 4 + 8 * weight, 0, 2 * Math.PI)
  context.stroke()
}

/** Comets in batches of a colour over one faint web; alerts one by one on top. */
function drawCrowd(context: CanvasRenderingContext2D, scene: ArcScene, seen: number[]): void {
  const { slices, moment, inFocus, lines, at } = scene
  const { routes } = scene.report
  const batches = new Map<string, number[]>()
  const strong: number[] = []
  for (const entry of seen) {
    const route = slices.entries[entry * ENTRY]
    if (routes.severity[route] >= ALERT_SEVERITY || route === scene.pointed || inFocus?.[route]) strong.push(entry)
    else {
      const colour = colourOfRoute(scene, route)
      const batch = batches.get(colour) ?? []
      batches.set(colour, batch)
      batch.push(route)
    }
  }
  const calm = Math.min(1, Math.sqrt(DETAILED / seen.length)) * (inFocus ? 0.3 : 1)
  for (const [colour, batch] of batches) {
    context.strokeStyle = colour
    context.lineWidth = 1.3
    context.globalAlpha = calm
    batch.forEach((route, index) => {
      if (index % BATCH === 0) context.beginPath()
      const head = ((moment.cycle + spread(route)) % 1) * (1 + TAIL)
      lines.trace(context, route, Math.max(0, head - TAIL), Math.min(1, head), at)
      if (index % BATCH === BATCH - 1 || index === batch.length - 1) context.stroke()
    })
  }
  for (const entry of strong) drawArc(context, scene, entry)
}
