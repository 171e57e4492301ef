// Announces what is played to screen readers, at intervals long enough for speech.
import type { Session } from '../session/session.ts'
import { announce } from '../ui/dom.ts'
import { formatSecond } from '../ui/format.ts'

const EVERY_MS = 8000

/** `describe` returns a few words about what the stage shows. */
export function startNarrator(session: Session, firstUs: number, describe: () => string): void {
  let saidMs = performance.now()
  let wasPlaying = false
  session.subscribe(
    ({ clock }) => {
      if (clock.isPlaying && !wasPlaying) saidMs = performance.now()
      wasPlaying = clock.isPlaying
      if (!clock.isPlaying || performance.now() - saidMs < EVERY_MS) return
      saidMs = performance.now()
      announce(`${formatSecond(firstUs + clock.positionUs)}, ${describe()}`)
    },
    ['clock'],
  )
}
