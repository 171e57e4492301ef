// One alert in full: the hosts, the measured values beside their thresholds, the chart, and what to do next.
import type { Observed } from '../../../../src/detect/engine/finding.ts'
import { makeSaveButton } from '../../packets/save-dialog.ts'
import type { AlertDetail } from '../../protocol/messages.ts'
import { goToEraOf } from '../../session/eras.ts'
import type { Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatCount, formatDuration, formatHostile, formatInstant } from '../../ui/format.ts'
import { makeFacts, makeHostLink, makeSection, makeSeverity } from '../detail/parts.ts'
import { readEvidence } from './evidence.ts'
import { drawPicture } from './evidence-chart.ts'

/** @param incident what the alert is a part of */
export function makeCard(player: Player, alert: AlertDetail, related: AlertDetail[], incident?: HTMLElement): HTMLElement {
  const { session } = player
  const { observed, picture } = readEvidence(alert.evidence)
  const card = make('article', 'alert-card')
  if (incident) card.append(incident)
  const head = make('header')
  head.append(makeSeverity(alert.severity), make('h2', '', formatHostile(alert.title, 300)))
  if (alert.severityReason) head.append(make('p', 'quiet', formatHostile(alert.severityReason, 400)))
  card.append(head)
  if (picture) card.append(drawPicture(picture))
  if (observed.length > 0) card.append(makeSection('Measured', makeMeasured(observed)))
  if (alert.nextStep) {
    const next = makeSection('Next', make('p', '', formatHostile(alert.nextStep, 400)))
    next.className = 'next-step'
    card.append(next)
  }
  card.append(makeActions(player, alert))
  card.append(
    makeSection(
      'About',
      makeFacts([
        ['From', alert.source ? makeHostLink(session, alert.source) : null],
        ['To', alert.target ? makeHostLink(session, alert.target) : null],
        ['First', formatInstant(alert.firstUs)],
        ['Frame', alert.frame === null ? null : `${formatHostile(alert.frame, 80)}, where the first of its flows begins`],
        ['Last', `${formatInstant(alert.lastUs)} (${formatDuration(alert.lastUs - alert.firstUs)})`],
        ['Rule', `${formatHostile(alert.rule, 60)}${alert.ruleVersion ? `, version ${alert.ruleVersion}` : ''}`],
        ['MITRE ATT&CK', alert.technique ? formatHostile(alert.technique, 40) : null],
      ]),
    ),
  )
  if (related.length > 0) card.append(makeSection('Same story', makeStory(player, related)))
  return card
}

function makeMeasured(observed: Observed[]): HTMLElement {
  const list = make('ul', 'measured')
  for (const { name, value, unit, threshold } of observed) {
    const item = make('li')
    const shown = typeof value === 'number' ? formatMeasure(value) : formatHostile(value)
    item.append(
      make('b', '', `${shown}${unit ? ` ${formatHostile(unit, 20)}` : ''}`),
      make('span', '', formatHostile(name, 80)),
      make('small', '', threshold === null ? '' : `threshold ${formatMeasure(threshold)}${unit ? ` ${formatHostile(unit, 20)}` : ''}`),
    )
    list.append(item)
  }
  return list
}

function formatMeasure(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : new Intl.NumberFormat('en', { maximumSignificantDigits: 4 }).format(value)
}

function makeActions({ session, client, report }: Player, alert: AlertDetail): HTMLElement {
  const actions = make('div', 'card-actions')
  const add = (label: string, run: () => void) => {
    const button = make('button', 'button small', label)
    button.type = 'button'
    button.addEventListener('click', run)
    actions.append(button)
  }
  const start = report.timeline.firstUs
  if (alert.keptFlows > 0) {
    const isCut = alert.keptFlows < alert.flowCount
    const count = `${formatCount(alert.keptFlows)}${isCut ? ` of ${formatCount(alert.flowCount)}` : ''}`
    add(`Show its ${alert.flowCount === 1 ? 'flow' : `${count} flows`}`, () => {
      session.filterBy(`alert:${alert.id}`)
      session.set({ view: 'flows' })
    })
    add('Show on the globe', () => {
      session.filterBy(`alert:${alert.id}`)
      session.set({ view: session.home, selection: { kind: 'alert', id: alert.id } })
    })
  }
  add('Go to its time', () => {
    if (goToEraOf(session, report.timeline, { fromUs: alert.firstUs, toUs: alert.lastUs }, alert.id)) return
    const fromUs = Math.max(0, alert.firstUs - start)
    const toUs = Math.min(report.timeline.durationUs, alert.lastUs - start)
    session.set({ clock: { ...session.state.clock, positionUs: fromUs }, span: toUs > fromUs ? { fromUs, toUs } : null })
  })
  if (alert.keptFlows > 0) actions.append(makeSaveButton(client, () => ({ alerts: [alert.id], flows: [] })))
  return actions
}

function makeStory({ session }: Player, related: AlertDetail[]): HTMLElement {
  const list = make('ul', 'alert-list')
  for (const other of related) {
    const item = make('li')
    const button = make('button', 'link', formatHostile(other.title, 200))
    button.type = 'button'
    button.addEventListener('click', () => session.set({ selection: { kind: 'alert', id: other.id } }))
    item.append(makeSeverity(other.severity), button, make('small', '', formatInstant(other.firstUs)))
    list.append(item)
  }
  return list
}
