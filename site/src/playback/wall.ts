// Wall mode (w): no panels, large type, the story in a loop; without a story, playback in a loop. A press, Escape or w ends it.
import { play } from '../model/clock.ts'
import { isTaken } from '../session/keys.ts'
import { isOnStage, type Session } from '../session/session.ts'
import type { Stage } from '../stage/stage.ts'
import { announce, trackHeight } from '../ui/dom.ts'
import type { Story } from './story.ts'

/** `story`: null as long as there is none. */
export function startWall(session: Session, stage: Stage, story: () => Story | null): void {
  trackHeight('legend') // its rows are below the caption
  const root = document.documentElement
  const isOn = () => root.dataset.wall === 'on'
  const tell = () => {
    const told = story()
    if (told?.canPlay) told.play(tell)
    else session.set({ clock: play(session.state.clock) })
  }
  let panels = { sidebar: '', story: '' }
  const set = (toOn: boolean) => {
    root.dataset.wall = toOn ? 'on' : 'off'
    if (toOn) {
      const { sidebar = '', story = '' } = root.dataset
      panels = { sidebar, story }
      Object.assign(root.dataset, { sidebar: 'closed', story: 'closed' })
      if (!isOnStage(session.state.view)) session.set({ view: stage.pictureFor(session.home) })
      session.set({ detail: null })
      tell()
    } else {
      Object.assign(root.dataset, panels)
      story()?.stop()
    }
    stage.layOut()
    announce(toOn ? 'Wall mode. Escape ends it' : 'Wall mode ended')
  }
  // Before the story's own keys: what ends the wall ends the story with it.
  document.addEventListener(
    'keydown',
    (event) => {
      const isToggle = event.key === 'w' && !isTaken(event)
      if (!isToggle && !(event.key === 'Escape' && isOn())) return
      event.preventDefault()
      event.stopImmediatePropagation()
      set(!isOn())
    },
    { capture: true },
  )
  document.addEventListener('pointerdown', () => isOn() && set(false))
}
