// The chart of a finding: measured values as bars, dots or steps, and the threshold they were compared with. SVG elements, no markup text.
import type { EvidenceChart } from '../../../../src/detect/engine/finding.ts'
import { formatHostile } from '../../ui/format.ts'

/** Width of the drawing in SVG user units; smaller on a narrow page, so that text keeps its size. */
const WIDE = 640
const NARROW = 340
const NARROW_PAGE_PIXELS = 760
const HEIGHT = 240
const EDGE = { left: 46, right: 14, top: 34, bottom: 42 }
const TICKS = 4

const NUMBER = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

function makeSvg(tag: string, attributes: Record<string, string | number>, text = ''): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  if (text) element.textContent = text
  return element
}

/** Round axis steps that cover from..to: 1, 2 or 5 times a power of ten. */
function ticksOf(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count)
  if (!(rough > 0)) return [from]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  const ticks: number[] = []
  // The number of ticks is computed first: near large numbers a step may be smaller than the gap between doubles, and a loop would never end.
  const first = Math.ceil(from / step)
  for (let index = 0; index <= 4 * count; index++) {
    const tick = (first + index) * step
    if (tick > to + step * 1e-9) break
    ticks.push(tick === 0 ? 0 : tick)
  }
  return ticks
}

export function drawPicture(picture: EvidenceChart): HTMLElement {
  const { kind, points, threshold, x, y, caption } = picture
  const width = innerWidth < NARROW_PAGE_PIXELS ? NARROW : WIDE
  const reach = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis])
    if (threshold && threshold.axis === (axis === 0 ? 'x' : 'y')) values.push(threshold.value)
    const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    const low = axis === 1 || least >= 0 ? Math.min(0, least) : least
    return { low, high: most > low ? most : low + 1 }
  }
  const [horizontal, vertical] = [reach(0), reach(1)]
  const barWidth = Math.max(1.5, Math.min(26, ((width - EDGE.left - EDGE.right) / points.length) * 0.7))
  const pad = kind === 'bars' ? barWidth / 2 + 2 : 4
  const left = EDGE.left + pad
  const right = width - EDGE.right - pad
  const atX = (value: number) => left + ((value - horizontal.low) / (horizontal.high - horizontal.low)) * (right - left)
  const bottom = HEIGHT - EDGE.bottom
  const high = vertical.low + (vertical.high - vertical.low) * 1.08
  const atY = (value: number) => bottom - ((value - vertical.low) / (high - vertical.low)) * (bottom - EDGE.top)

  const svg = makeSvg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    class: 'picture',
    role: 'img',
    'aria-label': formatHostile(caption, 300),
  })
  const axisText = (label: string, unit: string) => formatHostile(unit ? `${label} (${unit})` : label, 60)
  for (const tick of ticksOf(vertical.low, high, TICKS)) {
    svg.append(makeSvg('line', { class: 'rule', x1: EDGE.left, x2: width - EDGE.right, y1: atY(tick), y2: atY(tick) }))
    svg.append(makeSvg('text', { class: 'tick', x: EDGE.left - 8, y: atY(tick) + 4, 'text-anchor': 'end' }, NUMBER.format(tick)))
  }
  for (const tick of ticksOf(horizontal.low, horizontal.high, TICKS + 2))
    svg.append(makeSvg('text', { class: 'tick', x: atX(tick), y: bottom + 17, 'text-anchor': 'middle' }, NUMBER.format(tick)))
  svg.append(
    makeSvg('line', { class: 'axis', x1: EDGE.left, x2: width - EDGE.right, y1: bottom, y2: bottom }),
    makeSvg('text', { class: 'label', x: (left + right) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, axisText(x.label, x.unit)),
    makeSvg('text', { class: 'label', x: 0, y: 12 }, axisText(y.label, y.unit)),
  )
  svg.append(...drawPoints(kind, points, atX, atY, bottom, barWidth, threshold))
  if (threshold) {
    const isAcross = threshold.axis === 'y'
    const [x1, x2] = isAcross ? [EDGE.left, width - EDGE.right] : [atX(threshold.value), atX(threshold.value)]
    const [y1, y2] = isAcross ? [atY(threshold.value), atY(threshold.value)] : [EDGE.top - 8, bottom]
    const isRight = !isAcross && x1 > width / 2
    svg.append(
      makeSvg('line', { class: 'threshold', x1, x2, y1, y2 }),
      makeSvg(
        'text',
        {
          class: 'threshold-label',
          x: isAcross ? width - EDGE.right - 4 : x1 + (isRight ? -6 : 6),
          y: isAcross ? Math.max(12, y1 - 6) : EDGE.top + 2,
          'text-anchor': isAcross || isRight ? 'end' : 'start',
        },
        formatHostile(threshold.label, 60),
      ),
    )
  }
  const figure = document.createElement('figure')
  const words = document.createElement('figcaption')
  words.textContent = formatHostile(caption, 300)
  figure.className = 'finding-picture'
  figure.append(svg, words)
  return figure
}

function drawPoints(
  kind: EvidenceChart['kind'],
  points: [number, number][],
  atX: (value: number) => number,
  atY: (value: number) => number,
  bottom: number,
  barWidth: number,
  threshold: EvidenceChart['threshold'],
): SVGElement[] {
  // The rule fired because of the values beyond the threshold.
  const isBeyond = ([x, y]: [number, number]) => threshold !== null && (threshold.axis === 'y' ? y : x) >= threshold.value
  const mark = (point: [number, number]) => (isBeyond(point) ? 'point beyond' : 'point')
  if (kind === 'bars')
    return points.map((point) => {
      const top = Math.min(atY(point[1]), bottom - (point[1] > 0 ? 1.5 : 0))
      return makeSvg('rect', {
        class: mark(point),
        x: atX(point[0]) - barWidth / 2,
        y: top,
        width: barWidth,
        height: bottom - top,
        rx: Math.min(2, barWidth / 3),
      })
    })
  if (kind === 'dots') return points.map((point) => makeSvg('circle', { class: mark(point), cx: atX(point[0]), cy: atY(point[1]), r: 3.2 }))
  const sorted = [...points].sort((a, b) => a[0] - b[0])
  const path = sorted.map(([x, y], index) => (index === 0 ? `M${atX(x)} ${atY(y)}` : `H${atX(x)}V${atY(y)}`)).join('')
  return [makeSvg('path', { class: 'steps', d: path })]
}
