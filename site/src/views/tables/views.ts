// The views Flows, Hosts and Names.
import { quote } from '../../../../src/filter/syntax.ts'
import { addTerm } from '../../../../src/filter/terms.ts'
import type { BuiltView, Player, View } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatCount } from '../../ui/format.ts'
import { fileItems } from './export-files.ts'
import { type TableSpec, TableView } from './table-view.ts'

/** Says how many items the analyzer left out because of its limits; src/README.md has the limits. */
function describeLeftOut(count: string | undefined): string {
  const left = Number(count) || 0
  return left > 0
    ? `${formatCount(left)} more ${left === 1 ? 'was' : 'were'} not kept: analyse a shorter or filtered capture to see them`
    : ''
}

function buildTable(panel: HTMLElement, player: Player, spec: Omit<TableSpec, 'files'>): BuiltView {
  const view = new TableView(player, { ...spec, files: (list, columns) => fileItems(player, list, columns) })
  panel.append(view.element)
  return view
}

export const FLOWS_VIEW: View = {
  name: 'flows',
  label: 'Flows',
  key: '1',
  build: (panel, player) =>
    buildTable(panel, player, {
      table: 'flows',
      label: 'Flows',
      one: 'flow',
      many: 'flows',
      none: 'This capture has no flows: no IP packets were read.',
      selection: (key) => ({ kind: 'flow', id: Number(key) }),
      open: (key) => player.session.set({ selection: { kind: 'flow', id: Number(key) }, detail: { kind: 'flow', id: Number(key) } }),
    }),
}

export const HOSTS_VIEW: View = {
  name: 'hosts',
  label: 'Hosts',
  key: '2',
  build: (panel, player) =>
    buildTable(panel, player, {
      table: 'hosts',
      label: 'Hosts',
      one: 'host',
      many: 'hosts',
      none: 'This capture has no hosts: no IP packets were read.',
      selection: (key) => ({ kind: 'host', ip: String(key) }),
      open: (key) => player.session.set({ selection: { kind: 'host', ip: String(key) }, detail: { kind: 'host', ip: String(key) } }),
    }),
}

export const NAMES_VIEW: View = {
  name: 'names',
  label: 'Names',
  key: '3',
  build(panel, player) {
    const { session } = player
    const current = () => (session.state.options.names === 'questions' ? 'questions' : 'names')
    const makeChooser = () => {
      const element = make('div', 'chooser')
      element.setAttribute('role', 'group')
      element.setAttribute('aria-label', 'Table')
      for (const [id, label] of [
        ['names', 'Names'],
        ['questions', 'DNS questions'],
      ] as const) {
        const button = make('button', '', label)
        button.type = 'button'
        button.dataset.table = id
        button.addEventListener('click', () => session.option('names', id === 'names' ? null : id))
        element.append(button)
      }
      return element
    }
    const openName = (name: string) => {
      session.filterBy(addTerm(session.state.filterText, `name:${quote(name)}`))
      session.set({ view: 'flows' })
    }
    const panels = {
      names: make('div', 'sub-view'),
      questions: make('div', 'sub-view'),
    }
    panel.append(panels.names, panels.questions)
    const tables = {
      names: buildTable(panels.names, player, {
        table: 'names',
        label: 'Names',
        one: 'name',
        many: 'names',
        none: 'No name was seen: no DNS, TLS, HTTP or other traffic with names.',
        extra: makeChooser(),
        leftOut: describeLeftOut(player.report.meta.names_left_out),
        selection: (key) => ({ kind: 'name', name: String(key) }),
        open: (key) => openName(String(key)),
      }),
      questions: buildTable(panels.questions, player, {
        table: 'questions',
        label: 'DNS questions',
        one: 'question',
        many: 'questions',
        none: 'No DNS question was seen. DNS over HTTPS or TLS cannot be read.',
        extra: makeChooser(),
        leftOut: describeLeftOut(player.report.meta.dns_queries_left_out),
        selection: (key) => ({ kind: 'flow', id: Number(key) }),
        open: (key) => session.set({ detail: { kind: 'flow', id: Number(key) } }),
      }),
    }
    let isShown = false
    const draw = () => {
      for (const name of ['names', 'questions'] as const) {
        const isCurrent = name === current()
        panels[name].hidden = !isCurrent
        if (isCurrent && isShown) tables[name].show?.()
        else tables[name].hide?.()
      }
      for (const button of panel.querySelectorAll<HTMLElement>('.chooser button'))
        button.setAttribute('aria-pressed', String(button.dataset.table === current()))
    }
    draw()
    session.subscribe(draw, ['options'])
    return {
      show() {
        isShown = true
        draw()
      },
      hide() {
        isShown = false
        draw()
      },
    }
  },
}
