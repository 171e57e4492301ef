// Slices of the capture -> small maps side by side, all at one scale: each is a button that selects its span. The same as a table.
import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo'
import type { Report } from '../../model/report.ts'
import { ALERT_SEVERITY } from '../../model/routes.ts'
import type { TimeSpan } from '../../model/selection.ts'
import type { Share, TimeMap } from '../../protocol/answers.ts'
import { atOnce } from '../../protocol/time-slicing.ts'
import { drawEarth } from '../../stage/globe/earth.ts'
import { groupTitle } from '../../stage/titles.ts'
import { make } from '../../ui/dom.ts'
import { formatMoment } from '../../ui/format.ts'
import { ALERT, colourOf, SURFACES, type Theme } from '../../ui/palette.ts'
import { addHead } from '../../ui/table.ts'
import { describe, formatValue } from './matrix-table.ts'

/** Canvas pixels. */
const WIDTH = 640
const HEIGHT = 320
/** Width of the arc with most traffic in any slice. */
const WIDEST = 14
/** At most so much nearer than the whole earth. */
const NEAREST = 5
/** Degrees around each place that stay in the picture. */
const MARGIN = 8

export interface TimeMapsLook {
  by: keyof Share
  theme: Theme
  span: TimeSpan | null
  /** A slice was pressed. */
  choose(span: TimeSpan): void
}

export function makeTimeMaps(report: Report, maps: readonly TimeMap[], look: TimeMapsLook): HTMLElement {
  const { by, theme, span, choose } = look
  const projection = projectionOf(report, maps)
  const ground = makeCanvas()
  atOnce(drawEarth(ground.getContext('2d')!, projection, SURFACES[theme], 1))
  const most = mostOf(maps, by)
  const frame = make('div', 'time-maps')
  frame.setAttribute('role', 'group')
  frame.setAttribute('aria-label', 'Maps by time')
  frame.append(
    ...maps.map((map) => {
      const canvas = makeCanvas()
      drawMap(canvas.getContext('2d')!, ground, report, map, projection, { by, theme, most })
      const button = make('button', 'time-map')
      button.type = 'button'
      button.setAttribute('aria-pressed', String(span?.fromUs === map.fromUs && span.toUs === map.toUs))
      button.append(canvas, make('b', '', timesOf(report, map)), make('span', '', describe(map.total)))
      button.title = map.arcs.length > 0 ? `Most: ${largestOf(report, map)}` : 'Nothing on the map'
      button.addEventListener('click', () => choose({ fromUs: map.fromUs, toUs: map.toUs }))
      return button
    }),
  )
  return frame
}

/** The largest value of one arc in one slice. */
export function mostOf(maps: readonly TimeMap[], by: keyof Share): number {
  return maps.reduce((most, { arcs }) => arcs.reduce((largest, arc) => Math.max(largest, arc[by]), most), 0)
}

export function makeTimeTable(report: Report, maps: readonly TimeMap[], by: keyof Share): HTMLTableElement {
  const table = make('table')
  table.append(make('caption', 'unseen', 'Traffic by time slice'))
  const number = (title: string) => ({ title, isNumber: true })
  addHead(table, [{ title: 'Time' }, number('All'), number('On the map'), number('Arcs'), { title: 'Most' }])
  const body = table.createTBody()
  for (const map of maps) {
    const row = make('tr')
    const time = make('th', '', timesOf(report, map))
    time.scope = 'row'
    row.append(
      time,
      make('td', 'number', formatValue(map.total[by], by)),
      make('td', 'number', formatValue(map.total[by] - map.off[by], by)),
      make('td', 'number', String(map.arcs.length)),
      make('td', '', map.arcs.length > 0 ? largestOf(report, map) : ''),
    )
    body.append(row)
  }
  return table
}

function timesOf({ timeline }: Report, { fromUs, toUs }: TimeMap): string {
  return `${formatMoment(timeline.firstUs + fromUs)} – ${formatMoment(timeline.firstUs + toUs)}`
}

function largestOf(report: Report, { arcs: [largest] }: TimeMap): string {
  return `${groupTitle(report, { kind: 'route', route: largest.route }, 'countries')}, ${describe(largest)}`
}

function makeCanvas(): HTMLCanvasElement {
  const canvas = make('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  canvas.setAttribute('aria-hidden', 'true') // the text beside it says the same
  return canvas
}

/** One for all maps: it shows all places that are drawn in any of them. */
function projectionOf({ routes, places }: Report, maps: readonly TimeMap[]): GeoProjection {
  const box: [[number, number], [number, number]] = [
    [6, 6],
    [WIDTH - 6, HEIGHT - 6],
  ]
  const projection = geoNaturalEarth1().fitExtent(box, { type: 'Sphere' })
  const ends = new Set(maps.flatMap(({ arcs }) => arcs.flatMap(({ route }) => [routes.source[route], routes.target[route]])))
  if (ends.size === 0) return projection
  const whole = projection.scale()
  const coordinates = [...ends].flatMap((place) => {
    const { longitudeDeg, latitudeDeg } = places[place]
    return [-MARGIN, MARGIN].map((by) => [clamp(longitudeDeg + by, 180), clamp(latitudeDeg + by, 90)])
  })
  projection.fitExtent(box, { type: 'MultiPoint', coordinates })
  if (projection.scale() > whole * NEAREST) {
    const middle = projection.invert!([WIDTH / 2, HEIGHT / 2])!
    const [x, y] = projection.scale(whole * NEAREST).translate([0, 0])(middle)!
    projection.translate([WIDTH / 2 - x, HEIGHT / 2 - y])
  }
  return projection
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value))
}

function drawMap(
  context: CanvasRenderingContext2D,
  ground: HTMLCanvasElement,
  { routes, places }: Report,
  { arcs }: TimeMap,
  projection: GeoProjection,
  { by, theme, most }: Pick<TimeMapsLook, 'by' | 'theme'> & { most: number },
): void {
  const surface = SURFACES[theme]
  context.drawImage(ground, 0, 0)
  context.lineCap = 'round'
  const pointOf = (place: number) => projection([places[place].longitudeDeg, places[place].latitudeDeg])!
  // The narrow ones last, so that none is hidden; findings on top.
  const isFinding = (route: number) => routes.severity[route] >= ALERT_SEVERITY
  const sorted = [...arcs].sort((a, b) => Number(isFinding(a.route)) - Number(isFinding(b.route)) || b[by] - a[by])
  for (const arc of sorted) {
    const [fromX, fromY] = pointOf(routes.source[arc.route])
    const [x, y] = pointOf(routes.target[arc.route])
    const width = Math.max(1.5, WIDEST * Math.sqrt(arc[by] / most))
    context.globalAlpha = 0.75
    context.strokeStyle = context.fillStyle = isFinding(arc.route) ? ALERT[theme] : colourOf(theme, 0)
    context.lineWidth = width
    context.beginPath()
    if (x === fromX && y === fromY) {
      context.arc(x, y, Math.max(4, width), 0, 2 * Math.PI)
      context.fill()
    } else {
      context.moveTo(fromX, fromY)
      context.quadraticCurveTo((fromX + x) / 2, Math.min(fromY, y) - Math.abs(x - fromX) * 0.18, x, y)
      context.stroke()
    }
  }
  context.globalAlpha = 1
  const ends = new Set(arcs.flatMap(({ route }) => [routes.source[route], routes.target[route]]))
  for (const place of ends) {
    const [x, y] = pointOf(place)
    context.beginPath()
    context.arc(x, y, 3.5, 0, 2 * Math.PI)
    context.fillStyle = places[place].precision === 'origin' ? surface.origin : surface.place
    context.fill()
  }
}
