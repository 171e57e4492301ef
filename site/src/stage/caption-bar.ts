// What a picture or a video of the stage says below it: time, the finding of that time, the capture's name, and what the colours mean.
import { formatDate, formatDuration, formatTime, formatZone } from '../ui/format.ts'
import { SURFACES, type Theme } from '../ui/palette.ts'

/** CSS pixels, as all lengths here. */
export const BAR_HEIGHT = 74
const MARGIN = 16
/** Between time, caption and title. */
const GAP = 20
/** Of the title, at most. */
const TITLE_PART = 0.25
/** Baselines. */
const FIRST = 28
const SECOND = 48
/** Baselines of a caption of two lines, and of the legend below it. */
const CAPTION = [22, 40] as const
const LEGEND = 62
const LEGEND_OF_ONE = 50

export interface CaptionBar {
  /** Since the epoch. */
  us: number
  /** Of the span that is shown as a whole; null: a moment of the playback is. */
  lengthUs: number | null
  /** How much of the playback is over, 0 to 1; null as a whole. */
  part: number | null
  title: string
  caption: string
  legend: { name: string; colour: string }[]
}

/** @param context its origin is the upper left corner of the bar */
export function drawCaptionBar(context: CanvasRenderingContext2D, width: number, theme: Theme, bar: CaptionBar): void {
  const { us, lengthUs, part, title, caption, legend } = bar
  const { page, label } = SURFACES[theme]
  context.fillStyle = page
  context.fillRect(0, 0, width, BAR_HEIGHT)
  context.globalAlpha = 0.25
  context.fillStyle = label
  context.fillRect(0, 0, width, 1)
  context.globalAlpha = 1
  if (part !== null) context.fillRect(0, 0, width * part, 2)
  context.textBaseline = 'alphabetic'

  const time = lengthUs === null ? formatTime(us).slice(0, 12) : formatDuration(lengthUs)
  const date = `${formatDate(us)} ${lengthUs === null ? '' : `${formatTime(us).slice(0, 8)} `}${formatZone(us)}`
  context.font = font(650, 19)
  context.fillText(time, MARGIN, FIRST)
  const timeWidth = context.measureText(time).width
  context.font = font(400, 12)
  context.globalAlpha = 0.75
  const since = lengthUs === null ? date : `from ${date}`
  context.fillText(since, MARGIN, SECOND)
  const from = MARGIN + Math.max(timeWidth, context.measureText(since).width) + GAP

  const [shownTitle] = linesOf(context, title, width * TITLE_PART, 1)
  const to = width - MARGIN - (shownTitle === '' ? 0 : context.measureText(shownTitle).width + GAP)
  context.textAlign = 'right'
  context.fillText(shownTitle, width - MARGIN, FIRST)
  context.textAlign = 'left'
  context.globalAlpha = 1

  context.font = font(550, 14)
  const lines = linesOf(context, caption, to - from, 2)
  const baselines = lines.length === 1 ? [FIRST] : CAPTION
  for (const [i, line] of lines.entries()) context.fillText(line, from, baselines[i])
  drawLegend(context, legend, from, width - MARGIN, lines.length === 1 ? LEGEND_OF_ONE : LEGEND, label)
}

/** As many names as there is room for. */
function drawLegend(
  context: CanvasRenderingContext2D,
  legend: CaptionBar['legend'],
  from: number,
  to: number,
  y: number,
  label: string,
): void {
  context.font = font(400, 12)
  let x = from
  for (const { name, colour } of legend) {
    const end = x + 19 + context.measureText(name).width
    if (end > to) return
    context.fillStyle = colour
    context.fillRect(x, y - 6, 14, 4)
    context.fillStyle = label
    context.fillText(name, x + 19, y)
    x = end + 11
  }
}

/** Breaks a text into lines of the context's font; what has no room is left out, and the end says so. @returns one line at least */
function linesOf(context: CanvasRenderingContext2D, text: string, width: number, most: number): string[] {
  const fits = (line: string) => context.measureText(line).width <= width
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    const longer = last === '' ? word : `${last} ${word}`
    if (last === '' || fits(longer)) lines[lines.length - 1] = longer
    else if (lines.length < most) lines.push(word)
    else {
      lines[lines.length - 1] = `${last} …`
      break
    }
  }
  return lines.map((line) => shortened(line, fits))
}

function shortened(line: string, fits: (line: string) => boolean): string {
  if (fits(line)) return line
  const letters = [...line]
  while (letters.length > 0 && !fits(`${letters.join('')}…`)) letters.pop()
  return letters.length === 0 ? '' : `${letters.join('')}…`
}

function font(weight: number, size: number): string {
  return `${weight} ${size}px system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif`
}
