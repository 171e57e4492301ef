// After a clock jump: the control beside the timeline that says which part of the capture is shown, and shows another one.
import type { Report } from '../model/report.ts'
import { canChangeEra, followEras, goToEra } from '../session/eras.ts'
import { onZone, type Session } from '../session/session.ts'
import { byId } from '../ui/dom.ts'
import { formatDate, formatDuration, formatTime } from '../ui/format.ts'

export function startEras(session: Session, { timeline }: Report): void {
  if (!canChangeEra(timeline)) return
  const { eras, shownEra } = timeline
  const select = byId<HTMLSelectElement>('timeline-era')
  const show = () => {
    const texts = eras.map(
      ({ fromUs, toUs }, era) =>
        `Part ${era + 1} of ${eras.length}: ${formatDate(fromUs)} ${formatTime(fromUs).slice(0, 8)}, ${formatDuration(toUs - fromUs)}`,
    )
    select.replaceChildren(...texts.map((text, era) => new Option(text, String(era))))
    select.selectedIndex = shownEra!
  }
  show()
  select.hidden = false
  select.addEventListener('change', () => goToEra(session, Number(select.value)))
  onZone(session, show)
  followEras(session, timeline)
}
