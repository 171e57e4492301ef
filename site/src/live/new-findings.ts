// Findings that come while a capture runs: a message for each one of high severity that was not there before.
import type { AlertMark } from '../model/report.ts'
import type { Session } from '../session/session.ts'
import { formatHostile } from '../ui/format.ts'
import { toast } from '../ui/toast.ts'

/** A finding grows while it is watched, and its title with it: these stay. */
const keyOf = ({ rule, source, target }: AlertMark): string => JSON.stringify([rule, source, target])

/** The findings of the session now are known; tells of those that come later. */
export function watchNewFindings(session: Session): void {
  const known = new Set(session.state.alerts.map(keyOf))
  session.subscribe(
    ({ alerts }) => {
      for (const alert of alerts) {
        const key = keyOf(alert)
        if (known.has(key)) continue
        known.add(key)
        if (alert.severity === 'high') tell(session, alert)
      }
    },
    ['alerts'],
  )
}

function tell(session: Session, { id, title }: AlertMark): void {
  toast(`High: ${formatHostile(title, 200)}`, {
    kind: 'high',
    action: { label: 'Show', run: () => session.set({ view: 'alerts', detail: null, selection: { kind: 'alert', id } }) },
  })
}
