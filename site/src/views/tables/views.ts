// The views Flows, Hosts (with stations) and Names (with DNS questions).
import { quote } from '../../../../src/filter/syntax.ts'
import { addTerm } from '../../../../src/filter/terms.ts'
import type { TableName } from '../../model/table-columns.ts'
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

/** Two tables in one view, with buttons that change between them: the link keeps the choice in the option `option`. */
function buildPair<First extends TableName, Second extends TableName>(
  panel: HTMLElement,
  player: Player,
  option: 'hosts' | 'names',
  specs: readonly [Omit<TableSpec, 'files' | 'extra'> & { table: First }, Omit<TableSpec, 'files' | 'extra'> & { table: Second }],
  usual: First | Second,
): BuiltView {
  const { session } = player
  const current = () => specs.find(({ table }) => table === session.state.options[option])?.table ?? usual
  const makeChooser = () => {
    const element = make('div', 'chooser')
    element.setAttribute('role', 'group')
    element.setAttribute('aria-label', 'Table')
    for (const { table, label } of specs) {
      const button = make('button', '', label)
      button.type = 'button'
      button.dataset.table = table
      button.addEventListener('click', () => session.option(option, table === usual ? null : table))
      element.append(button)
    }
    return element
  }
  const tables = specs.map((spec) => {
    const element = make('div', 'sub-view')
    panel.append(element)
    return { name: spec.table, element, view: buildTable(element, player, { ...spec, extra: makeChooser() }) }
  })
  let isShown = false
  const draw = () => {
    for (const { name, element, view } of tables) {
      const isCurrent = name === current()
      element.hidden = !isCurrent
      if (isCurrent && isShown) view.show?.()
      else view.hide?.()
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
}

export const HOSTS_VIEW: View = {
  name: 'hosts',
  label: 'Hosts',
  key: '2',
  build: (panel, player) =>
    buildPair(
      panel,
      player,
      'hosts',
      [
        {
          table: 'hosts',
          label: 'Hosts',
          one: 'host',
          many: 'hosts',
          none: 'This capture has no hosts: no IP packets were read.',
          selection: (key) => ({ kind: 'host', ip: String(key) }),
          open: (key) => player.session.set({ selection: { kind: 'host', ip: String(key) }, detail: { kind: 'host', ip: String(key) } }),
        },
        {
          table: 'stations',
          label: 'Stations',
          one: 'station in frames without IP',
          many: 'stations in frames without IP',
          none: 'No frame without IP was seen that names its sender: no ARP, STP, LLDP or other such protocol.',
          selection: (key) => ({ kind: 'station', mac: String(key) }),
          open: (key) => player.session.set({ detail: { kind: 'station', mac: String(key) } }),
        },
      ],
      Number(player.report.meta.hosts) === 0 ? 'stations' : 'hosts',
    ),
}

export const NAMES_VIEW: View = {
  name: 'names',
  label: 'Names',
  key: '3',
  build(panel, player) {
    const { session } = player
    const openName = (name: string) => {
      session.filterBy(addTerm(session.state.filterText, `name:${quote(name)}`))
      session.set({ view: 'flows' })
    }
    return buildPair(
      panel,
      player,
      'names',
      [
        {
          table: 'names',
          label: 'Names',
          one: 'name',
          many: 'names',
          none: 'No name was seen: no DNS, TLS, HTTP or other traffic with names.',
          leftOut: describeLeftOut(player.report.meta.names_left_out),
          selection: (key) => ({ kind: 'name', name: String(key) }),
          open: (key) => openName(String(key)),
        },
        {
          table: 'questions',
          label: 'DNS questions',
          one: 'question',
          many: 'questions',
          none: 'No DNS question was seen. DNS over HTTPS or TLS cannot be read.',
          leftOut: describeLeftOut(player.report.meta.dns_queries_left_out),
          selection: (key) => ({ kind: 'flow', id: Number(key) }),
          open: (key) => session.set({ detail: { kind: 'flow', id: Number(key) } }),
        },
      ],
      'names',
    )
  },
}
