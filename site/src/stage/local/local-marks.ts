// Circles, hosts and the lines between them, as the whole capture has them under the filter: what stands still below the moving arcs.
import type { ZoomTransform } from 'd3-zoom'
import { type GroupKind, isLinkPresent, type LocalMap } from '../../model/local-map.ts'
import { ALERT_SEVERITY } from '../../model/routes.ts'
import { weightOf } from '../../model/weight.ts'
import { ALERT, colourOf, SURFACES, type Theme } from '../../ui/palette.ts'
import type { LocalLines } from './local-lines.ts'

/** Lines drawn still at most, those with most bytes. */
const MOST_LINES = 1500

/** With at most this many lines, each is as strong as a line can be. */
const FEW_LINES = 60

export interface LocalScene {
  map: LocalMap
  lines: LocalLines
  /** A colour slot per application. */
  colours: number[]
  theme: Theme
  at: ZoomTransform
  /** Nodes in focus; null: all are equal. */
  nodesInFocus: Uint8Array | null
  /** Node under the pointer or with the keyboard's focus, or -1. */
  pointed: number
}

/** Routes with traffic under the filter, fewest bytes first. */
export function routesByBytes({ ofRoute, routes }: LocalMap): Int32Array {
  const shown = Int32Array.from({ length: routes.count }, (_, route) => route).filter(
    (route) => (ofRoute.flows[route] > 0 || ofRoute.packets[route] > 0) && routes.source[route] !== routes.target[route],
  )
  return shown.sort((a, b) => ofRoute.bytes[a] - ofRoute.bytes[b] || a - b).slice(-MOST_LINES)
}

/** A line per route: wider by the logarithm of its bytes, in its application's colour, or that of findings. Many are fainter than few. */
export function drawLines(context: CanvasRenderingContext2D, scene: LocalScene, order: Int32Array): void {
  const { map, lines, colours, theme, at, nodesInFocus } = scene
  const { routes, ofRoute } = map
  const calm = Math.min(1, Math.sqrt(FEW_LINES / order.length))
  context.lineCap = 'round'
  for (const route of order) {
    const isGrave = routes.severity[route] >= ALERT_SEVERITY
    const isDim = nodesInFocus !== null && !(nodesInFocus[routes.source[route]] && nodesInFocus[routes.target[route]])
    const weight = weightOf(ofRoute.bytes[route])
    context.strokeStyle = isGrave ? ALERT[theme] : colourOf(theme, colours[routes.application[route]])
    context.globalAlpha = isDim ? 0.05 : (isGrave ? 0.7 : 0.3 + 0.3 * weight) * calm
    context.lineWidth = 0.8 + 3.2 * weight
    context.beginPath()
    lines.curve(context, route, at)
    context.stroke()
  }
  context.globalAlpha = 1
}

/** Lines of frames without IP between whose first and last the clock stands: drawn once more, stronger. */
export function drawPresentLinks(context: CanvasRenderingContext2D, scene: LocalScene, order: Int32Array, seconds: number): void {
  const { map, lines, theme, at, nodesInFocus } = scene
  const { links, routes, ofRoute } = map
  context.lineCap = 'round'
  context.strokeStyle = SURFACES[theme].label
  for (const route of order) {
    const line = route - links.first
    if (line < 0 || !isLinkPresent(links, line, seconds)) continue
    const isDim = nodesInFocus !== null && !(nodesInFocus[routes.source[route]] && nodesInFocus[routes.target[route]])
    context.globalAlpha = isDim ? 0.08 : 0.5
    context.lineWidth = 0.8 + 2 * weightOf(ofRoute.bytes[route])
    context.beginPath()
    lines.curve(context, route, at)
    context.stroke()
  }
  context.globalAlpha = 1
}

/** The circles of open groups. */
export function drawGroups(context: CanvasRenderingContext2D, { map: { groups }, theme, at }: LocalScene): void {
  const surface = SURFACES[theme]
  for (const { isOpen, kind, x, y, radius } of groups) {
    if (!isOpen) continue
    circle(context, at, x, y, radius)
    context.fillStyle = surface.land
    context.globalAlpha = 0.35
    context.fill()
    context.globalAlpha = 0.9
    context.strokeStyle = surface.border
    context.lineWidth = 1.2
    context.setLineDash(DASHES[kind])
    context.stroke()
  }
  context.setLineDash([])
  context.globalAlpha = 1
}

/** Networks have a whole outline; what is no network of its own has a broken one. */
const DASHES: Record<GroupKind, number[]> = {
  subnet: [],
  internet: [],
  multicast: [5, 4],
  broadcast: [5, 4],
  none: [2, 4],
  link: [2, 4],
}

/** Hosts as dots by bytes, closed groups as rings with their number of hosts; hollow: no traffic passes the filter. */
export function drawNodes(context: CanvasRenderingContext2D, { map, theme, at, nodesInFocus, pointed }: LocalScene): void {
  const surface = SURFACES[theme]
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  map.nodes.forEach(({ x, y, radius, severity, isGroup, hosts, kind }, node) => {
    const isEmpty = map.ofNode.flows[node] === 0 && map.ofNode.packets[node] === 0
    const isDim = nodesInFocus !== null && !nodesInFocus[node]
    const colour = severity >= ALERT_SEVERITY ? ALERT[theme] : kind === 'internet' ? surface.shade : surface.place
    const size = circle(context, at, x, y, radius)
    context.fillStyle = surface.page
    context.globalAlpha = 1
    context.fill()
    context.fillStyle = context.strokeStyle = colour
    context.globalAlpha = (isEmpty ? 0 : isGroup ? 0.16 : 0.5) * (isDim ? 0.3 : 1)
    context.fill()
    context.globalAlpha = (isEmpty ? 0.35 : 0.95) * (isDim ? 0.35 : 1)
    context.lineWidth = isGroup ? 2 : 1
    context.stroke()
    if (isGroup && size > 7) {
      context.fillStyle = surface.label
      context.font = `600 ${Math.min(20, Math.max(9, size * 0.62))}px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif`
      context.fillText(short(hosts), at.applyX(x), at.applyY(y))
    }
    if (node !== pointed) return
    circle(context, at, x, y, radius + 4 / at.k)
    context.globalAlpha = 1
    context.strokeStyle = surface.origin
    context.lineWidth = 2
    context.stroke()
  })
  context.globalAlpha = 1
}

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 2 })
const short = (count: number) => (count < 1000 ? String(count) : SHORT.format(count))

/** Begins a path with a circle of the layout. @returns its radius, CSS pixels */
function circle(context: CanvasRenderingContext2D, at: ZoomTransform, x: number, y: number, radius: number): number {
  const size = Math.max(2, radius * at.k)
  context.beginPath()
  context.arc(at.applyX(x), at.applyY(y), size, 0, 2 * Math.PI)
  return size
}
