// Status of a running capture -> lines on the terminal, redrawn in place.
import { createLogUpdate } from 'log-update'
import type { LiveDrops, LiveStatus } from '../../contract/live-feed.ts'
import { formatBytes, formatCount, formatPlural, toPrintable } from '../../report/figures.ts'
import { say } from '../commands/terminal.ts'
import { formatDuration } from './duration.ts'

const REDRAW_MS = 500
const TOP = 5

export interface Screen {
  stop(): void
}

/** @param isShown true for a terminal without -q; otherwise only warnings are printed, each once @param place of the report */
export function showStatus(isShown: boolean, status: () => LiveStatus, place: string): Screen {
  if (!isShown) return printWarnings(status)
  const draw = createLogUpdate(process.stderr)
  const redraw = () => draw(statusLines(status(), place, Date.now(), process.stderr.columns ?? 80).join('\n'))
  const timer = setInterval(redraw, REDRAW_MS)
  redraw()
  return {
    stop: () => {
      clearInterval(timer)
      draw.clear()
      draw.done()
    },
  }
}

function printWarnings(status: () => LiveStatus): Screen {
  let said = 0
  const update = () => {
    const { warnings } = status()
    for (const warning of warnings.slice(said)) say(warning)
    said = warnings.length
  }
  const timer = setInterval(update, REDRAW_MS)
  return {
    stop: () => {
      clearInterval(timer)
      update()
    },
  }
}

/** Lines no wider than the terminal. Text from the network cannot move the cursor or change colours. */
export function statusLines(status: LiveStatus, place: string, nowMs: number, columns: number): string[] {
  const { totals, startedMs, endsMs, top, warnings, savedMs } = status
  const filter = status.filter === '' ? '' : `, filter ${status.filter}`
  const passed = formatDuration(nowMs - startedMs)
  const left = endsMs === null ? '' : `, ${formatDuration(endsMs - nowMs)} left`
  const lines = [
    `${status.interfaceName} by ${status.via}${filter}: ${passed}${left}`,
    `  ${formatCount(Math.round(totals.packetsPerSecond))} packets/s, ${formatBytes(totals.bytesPerSecond)}/s`,
    `  ${formatPlural(totals.packets, 'packet')}, ${formatBytes(totals.bytes)}, ${formatPlural(totals.flows, 'flow')}, ${formatPlural(totals.hosts, 'host')}`,
    `  ${describeDrops(status.drops)}`,
    ...topLines(top.slice(0, TOP), columns),
    ...warnings.slice(-2).map((warning) => `  ! ${warning}`),
    `  ${place}${savedMs === null ? '' : `, as of ${formatDuration(nowMs - savedMs)} ago`}; Ctrl-C ends the capture and writes it`,
  ]
  return lines.map((line) => cut(toPrintable(line), columns - 1))
}

function topLines(top: LiveStatus['top'], columns: number): string[] {
  const width = Math.max(24, Math.min(64, columns - 16))
  return top.map(({ ip, name, place, bytes }) => {
    const who = [name ?? ip, name === null ? null : ip, place].filter((part) => part !== null).join('  ')
    return `  ${cut(who, width).padEnd(width)} ${formatBytes(bytes).padStart(10)}`
  })
}

function describeDrops({ kernel, queue, isEstimate }: LiveDrops): string {
  if (kernel + queue === 0) return isEstimate ? 'no drops seen (this source does not count them)' : 'no drops'
  const parts = [
    kernel > 0 ? `${isEstimate ? 'about ' : ''}${formatCount(kernel)} by the kernel` : '',
    queue > 0 ? `${formatCount(queue)} by the queue` : '',
  ]
  return `dropped: ${parts.filter((part) => part !== '').join(', ')}`
}

function cut(text: string, columns: number): string {
  const characters = [...text]
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(1, columns - 1)).join('')}…`
}
