// A click on the stage -> what is in focus, and its conversations in the panel beside.
import type { Numbers } from '../panels/numbers.ts'
import type { Session } from '../session/session.ts'
import { isGeo, type Picked } from '../stage/renderer.ts'
import { groupTitle, titleOf } from '../stage/titles.ts'
import type { Pictures } from './pictures.ts'

/** Focuses what was clicked and shows its flows; a click on nothing ends the focus. @param pictures null before the report is open */
export function focusOn(picked: Picked | null, session: Session, numbers: Numbers, pictures: Pictures | null): void {
  if (picked && !isGeo(picked)) {
    pictures?.local.click(picked)
    return
  }
  session.set({ selection: picked })
  if (!picked || !pictures) return
  const { report, grouping } = pictures
  if (picked.kind === 'route') numbers.open({ ...picked, grouping }, groupTitle(report, picked, grouping))
  else numbers.open(picked, titleOf(report, picked))
}
