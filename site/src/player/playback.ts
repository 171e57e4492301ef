// Lets the session's clock run while it plays: one change of the session a frame.
import { advance, type Clock, pause, play } from './clock.ts'
import { announce } from './dom.ts'
import { formatInstant } from './format.ts'
import type { Session } from './session.ts'

/** A frame that comes later than this was held up by the browser: playback goes on from where it stopped instead of jumping. */
const LONGEST_FRAME_MS = 250

export function startPlayback(session: Session): void {
  let lastFrameMs = 0
  let isRunning = false

  const onFrame = (nowMs: number) => {
    const { clock } = session.state
    isRunning = clock.isPlaying
    if (!isRunning) return
    const next = advance(clock, Math.min(nowMs - lastFrameMs, LONGEST_FRAME_MS))
    lastFrameMs = nowMs
    session.set({ clock: next })
    if (!next.isPlaying) announce('End of the capture')
    requestAnimationFrame(onFrame)
  }
  session.subscribe(
    ({ clock }) => {
      if (!clock.isPlaying || isRunning) return
      isRunning = true
      lastFrameMs = performance.now()
      requestAnimationFrame(onFrame)
    },
    ['clock'],
  )
}

/** Plays or pauses, and says so. */
export function togglePlayback(session: Session, firstUs: number): void {
  const { clock } = session.state
  const next: Clock = clock.isPlaying ? pause(clock) : play(clock)
  session.set({ clock: next })
  announce(next.isPlaying ? 'Playing' : `Paused at ${formatInstant(firstUs + next.positionUs)}`)
}
