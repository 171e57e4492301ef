// Whether the page is at the capture's edge, frozen, or back in what was captured: worked out from how the clock moves. Pure.
import type { Clock } from '../model/clock.ts'
import { formatDuration } from '../ui/format.ts'
import type { LineState, LineText, Mode } from './source.ts'

export interface Following {
  mode: Mode
  /** The clock's position when this was computed. */
  atUs: number
}

/** A larger step of the clock was made by the user, not by time. */
const STEP_US = 1_500_000
/** A position this close to the newest packets counts as live. */
const EDGE_US = 400_000

/** What follows from a change of the clock that the reader or time made. */
export function follow(before: Following, clock: Clock, nowUs: number, isRunning: boolean): Following {
  const atUs = clock.positionUs
  const hasJumped = Math.abs(atUs - before.atUs) > STEP_US
  if (!isRunning) return { mode: 'history', atUs }
  switch (before.mode) {
    case 'live':
      return { mode: hasJumped ? 'history' : clock.isPlaying ? 'live' : 'frozen', atUs }
    case 'frozen':
      if (clock.isPlaying) return { mode: 'live', atUs }
      return { mode: atUs === before.atUs ? 'frozen' : 'history', atUs }
    case 'history':
      return { mode: clock.isPlaying && nowUs - atUs < EDGE_US ? 'live' : 'history', atUs }
  }
}

/** @param behindUs how far the picture is behind the capture */
export function describeLine(line: LineState, mode: Mode, behindUs: number): LineText {
  const note: Record<LineState, string> = {
    connecting: 'Connecting to the capture again.',
    live: '',
    polling: 'WebSockets do not come through here: the picture is brought up to date every 20 seconds.',
    lost: 'The server does not answer. The picture shows what came before; it is tried again.',
    refused: 'The server was started again with another key. Open the address that it printed.',
    ended: 'The capture has ended. Everything captured can be played.',
  }
  if (line === 'ended') return { label: 'Ended', title: 'The capture has ended', isLive: false, note: note.ended }
  if (mode === 'live')
    return { label: line === 'live' ? 'Live' : 'Live …', title: 'The picture follows the capture', isLive: true, note: note[line] }
  const behind = formatDuration(Math.max(0, Math.round(behindUs / 1e6) * 1e6))
  return { label: `Now (+${behind})`, title: `The picture is ${behind} behind the capture: go to now`, isLive: false, note: note[line] }
}
