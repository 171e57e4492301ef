// The number of findings on the tab of the alerts, in the colour of the gravest; those of severity info are not counted.
import { SEVERITIES } from '../../../src/types.ts'
import type { Session } from '../session/session.ts'
import { byId, make } from '../ui/dom.ts'

export function startAlertCount(session: Session): void {
  const count = make('small', 'count')
  session.subscribe(
    ({ alerts }) => {
      const grave = alerts.filter(({ severity }) => severity !== 'info')
      count.textContent = String(grave.length)
      count.dataset.severity = SEVERITIES.findLast((severity) => grave.some((alert) => alert.severity === severity)) ?? ''
      const isNew = !count.isConnected
      if (grave.length > 0) byId('tab-alerts').append(' ', count)
      else count.remove()
      // It may have pushed the current tab out of sight.
      if (isNew) document.querySelector('#tabs [aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    },
    ['alerts'],
  )
}
