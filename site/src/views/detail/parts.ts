// Elements that the pages of hosts, flows and alerts share.

import { ownValue } from '../../../../src/own-value.ts'
import type { AlertDetail, PartyName } from '../../protocol/messages.ts'
import type { Session } from '../../session/session.ts'
import { make } from '../../ui/dom.ts'
import { formatCounted, formatHostile, formatInstant } from '../../ui/format.ts'
import { addHead, type TableHead } from '../../ui/table.ts'

/** A description list; rows without a value are left out. */
export function makeFacts(facts: [string, string | Node | null][]): HTMLElement {
  const list = make('dl', 'facts')
  for (const [label, value] of facts) {
    if (value === null || value === '') continue
    const row = make('div')
    const data = make('dd')
    data.append(typeof value === 'string' ? make('bdi', '', value) : value)
    row.append(make('dt', '', label), data)
    list.append(row)
  }
  return list
}

export function makeSection(title: string, ...content: (Node | string)[]): HTMLElement {
  const section = make('section')
  section.append(make('h3', '', title), ...content)
  return section
}

/** A button that looks like plain text. */
export function makeLink(text: string, title: string, follow: () => void): HTMLButtonElement {
  const button = make('button', 'link')
  button.type = 'button'
  button.append(make('bdi', '', formatHostile(text)))
  button.title = title
  button.addEventListener('click', follow)
  return button
}

/** Name and address of a host; a press opens its page. */
export function makeHostLink(session: Session, { ip, name }: PartyName): HTMLElement {
  const span = make('span', 'host-link')
  span.append(
    makeLink(name || ip, `Open the page of ${ip}`, () => session.set({ selection: { kind: 'host', ip }, detail: { kind: 'host', ip } })),
  )
  if (name) span.append(make('small', '', ip))
  return span
}

/** A plain table; cells are text or nodes. Columns of numbers are aligned right. */
export function makeTable(heads: TableHead[], rows: (string | Node)[][]): HTMLElement {
  const table = make('table')
  addHead(table, heads)
  const body = make('tbody')
  for (const row of rows) {
    const line = make('tr')
    row.forEach((value, at) => {
      const cell = make('td', heads[at]?.isNumber ? 'number' : '')
      cell.append(value)
      line.append(cell)
    })
    body.append(line)
  }
  table.append(body)
  const scroller = make('div', 'table')
  scroller.append(table)
  return scroller
}

const MARKS: Record<string, string> = { high: '▲', medium: '◆', low: '●', info: 'i' }

/** The severity as colour, shape and word. */
export function makeSeverity(severity: string): HTMLElement {
  const badge = make('span', 'severity')
  badge.dataset.severity = severity
  const mark = make('span', '', ownValue(MARKS, severity) ?? '●')
  mark.setAttribute('aria-hidden', 'true')
  badge.append(mark, formatHostile(severity, 20))
  return badge
}

/** One line for each alert; a press opens it. */
export function makeAlertList(session: Session, alerts: AlertDetail[]): HTMLElement {
  const list = make('ul', 'alert-list')
  for (const alert of alerts) {
    const item = make('li')
    item.append(
      makeSeverity(alert.severity),
      makeLink(alert.title, 'Open this alert', () =>
        session.set({ view: 'alerts', detail: null, selection: { kind: 'alert', id: alert.id } }),
      ),
      make('small', '', `${formatInstant(alert.firstUs)} · ${formatCounted(alert.flowCount, 'flow')}`),
    )
    list.append(item)
  }
  return list
}
