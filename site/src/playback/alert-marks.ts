// Alerts on the timeline. Alerts that are close share one mark that can be clicked; the marks have one tab stop, arrow keys move between them.
import { SEVERITIES } from '../../../src/types.ts'
import type { Window } from '../charts/time-chart.ts'
import type { AlertMark } from '../model/report.ts'
import { make } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'

/** The timeline has this many positions for marks; alerts at the same position share one mark. */
const PLACES = 60

const gravityOf = ({ severity }: AlertMark): number => (SEVERITIES as readonly string[]).indexOf(severity)

export class AlertMarks {
  readonly #group = make('div', 'alert-marks')
  readonly #open: (alert: AlertMark) => void
  #key = ''

  constructor(chart: HTMLElement, open: (alert: AlertMark) => void) {
    this.#open = open
    this.#group.setAttribute('role', 'group')
    this.#group.setAttribute('aria-label', 'Alerts on the timeline')
    this.#group.hidden = true
    this.#group.addEventListener('keydown', (event) => {
      const marks = [...this.#group.querySelectorAll('button')]
      const at = marks.indexOf(event.target as HTMLButtonElement)
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 }[event.key]
      if (to === undefined || !marks[to]) return
      event.preventDefault()
      event.stopPropagation()
      marks[to].focus()
    })
    chart.append(this.#group)
  }

  show(alerts: readonly AlertMark[], view: Window): void {
    const key = `${alerts.length} ${view.fromUs} ${view.toUs}`
    if (key === this.#key) return
    this.#key = key
    const clusters = new Map<number, AlertMark[]>()
    for (const alert of alerts) {
      const share = (alert.firstUs - view.fromUs) / (view.toUs - view.fromUs)
      if (share < 0 || share > 1) continue
      const place = Math.min(PLACES - 1, Math.floor(share * PLACES))
      clusters.set(place, [...(clusters.get(place) ?? []), alert])
    }
    const marks = [...clusters].sort(([a], [b]) => a - b).map(([, group]) => this.#makeMark(group, view))
    if (marks[0]) marks[0].tabIndex = 0
    this.#group.replaceChildren(...marks)
    this.#group.hidden = marks.length === 0
  }

  /** The mark of a cluster shows its most severe alert. */
  #makeMark(group: AlertMark[], view: Window): HTMLButtonElement {
    const [worst] = [...group].sort((a, b) => gravityOf(b) - gravityOf(a))
    const mark = make('button', 'alert-mark')
    mark.type = 'button'
    mark.tabIndex = -1
    mark.dataset.severity = worst.severity
    mark.style.left = `${((group[0].firstUs - view.fromUs) / (view.toUs - view.fromUs)) * 100}%`
    const more = group.length > 1 ? ` and ${group.length - 1} more` : ''
    const text = `${worst.severity}: ${formatHostile(worst.title, 160)}${more}`
    mark.setAttribute('aria-label', text)
    mark.title = text
    mark.addEventListener('click', () => this.#open(worst))
    mark.addEventListener('focus', () => {
      for (const other of this.#group.querySelectorAll('button')) other.tabIndex = other === mark ? 0 : -1
    })
    return mark
  }
}
