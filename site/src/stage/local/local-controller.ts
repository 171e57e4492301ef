// Asks the worker for the local network under the filter, hands it to its picture, and says what its nodes and lines are.
import { quote } from '../../../../src/filter/syntax.ts'
import { countArcs } from '../../model/arc-slices.ts'
import { countOf, isLinkPresent, type LocalMap, type LocalNode } from '../../model/local-map.ts'
import type { Report } from '../../model/report.ts'
import type { Selection } from '../../model/selection.ts'
import type { ReportClient } from '../../protocol/client.ts'
import { LatestQuestion } from '../../protocol/latest-question.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { Session } from '../../session/session.ts'
import { announce, byId } from '../../ui/dom.ts'
import { formatBytes, formatCounted, formatHostile } from '../../ui/format.ts'
import { trailOf, trailSeconds } from '../arc-controller.ts'
import type { LocalPicked } from '../renderer.ts'
import type { Stage } from '../stage.ts'
import { NodeList } from './node-list.ts'

/** Arcs drawn at once, at most: as on the map. */
const MOST_ARCS = 3000

/** A stage narrower than this part of its height has the blocks one below the other. */
const TALL = 0.85

export class LocalController {
  readonly #session: Session
  readonly #client: ReportClient
  readonly #stage: Stage
  readonly #openFlows: (terms: string, title: string) => void
  readonly #list: NodeList
  #report: Report
  readonly #latest = new LatestQuestion()
  /** The part of the question that positions depend on. */
  #shape = ''
  #focusAsked: AbortController | null = null

  constructor(session: Session, client: ReportClient, stage: Stage, report: Report, openFlows: (terms: string, title: string) => void) {
    this.#session = session
    this.#client = client
    this.#stage = stage
    this.#report = report
    this.#openFlows = openFlows
    const { local } = stage
    this.#list = new NodeList(
      local.element,
      (node) => local.point(node < 0 ? null : { kind: 'node', node }),
      (node) => this.click({ kind: 'node', node }),
    )
    session.subscribe(() => void this.refresh(), ['filterText', 'options', 'view'])
    session.subscribe(() => void this.#focus(), ['selection'])
    addEventListener('resize', () => void this.refresh())
  }

  get map(): LocalMap | null {
    return this.#stage.local.map
  }

  /** A running capture has grown. */
  update(report: Report): void {
    this.#report = report
    this.#latest.forget()
    void this.refresh()
  }

  /** Asks anew if the local network is shown and anything it depends on has changed. */
  async refresh(): Promise<void> {
    const { view } = this.#session.state
    if (view !== 'local') return
    const question = this.#question()
    const map = await this.#latest.ask(question, (signal) => this.#client.ask('local', question, signal))
    if (!map) return
    const shape = JSON.stringify([question.toggled, question.isTall, map.nodes.length])
    this.#stage.local.setMap(map, shape !== this.#shape)
    this.#shape = shape
    this.#stage.local.say(map.nodes.length === 0 ? this.#describeNothing() : '')
    const order = map.nodes.map((_, node) => node).sort((a, b) => map.ofNode.bytes[b] - map.ofNode.bytes[a] || a - b)
    this.#list.load(order.map((node) => ({ node, text: this.#describeNode(map, node) })))
    void this.#focus()
    this.count()
  }

  /** A capture without IP: what it has nevertheless. */
  #describeNothing(): string {
    const packets = formatCounted(Number(this.#report.meta.packets), 'packet')
    const findings = this.#report.alerts.length
    const told = findings > 0 ? ` ${formatCounted(findings, 'finding')} can be read under Alerts.` : ''
    return `No IP traffic: of the ${packets} read, none has an IP address.${told} SQL has what was counted.`
  }

  #question(): Questions['local']['question'] {
    const { filterText, options } = this.#session.state
    const { width, height } = this.#stage.free
    return {
      filterText,
      toggled: options.open ? options.open.split(',') : [],
      isTall: width < height * TALL,
      trailSeconds: trailSeconds(this.#report.timeline, trailOf(options.trail)),
      mostArcs: MOST_ARCS,
    }
  }

  /** Says beside the clock how many lines there are: of the whole picture all that the filter leaves, else those with traffic at this moment. */
  count(): void {
    const { map } = this
    if (!map) return
    const element = byId('arc-count')
    const { isWhole, clock } = this.#session.state
    const count = isWhole ? countLines(map) : countLinesAt(map, clock.positionUs / 1e6)
    element.textContent = formatCounted(count, 'link')
    element.title = ''
  }

  /** One line for each node, for tests: title as in the tooltip. */
  get titles(): string[] {
    const { map } = this
    return map ? map.nodes.map((_, node) => this.#describeNode(map, node)) : []
  }

  titleOf(picked: LocalPicked): string {
    const { map } = this
    if (!map) return ''
    if (picked.kind === 'node') return this.#describeNode(map, picked.node)
    if (picked.kind === 'group') {
      const { label, hosts, kind } = map.groups[picked.group]
      return `${formatHostile(label, 60)} · ${countOf(kind, hosts)} · click closes it`
    }
    const route = picked.link
    const { bytes, packets, flows } = map.ofRoute
    const sums = [formatBytes(bytes[route]), formatCounted(packets[route], 'packet')]
    if (route < map.links.first) sums.push(formatCounted(flows[route], 'flow'))
    return `${this.#nameOfRoute(map, route)} · ${sums.join(' · ')}`
  }

  #nameOfRoute({ nodes, routes, links }: LocalMap, route: number): string {
    const isLink = route >= links.first
    const ends = [routes.source[route], routes.target[route]].map((node) => formatHostile(nodes[node].label, 60))
    const what = isLink ? links.protocols[links.protocol[route - links.first]] : this.#report.applications[routes.application[route]]
    return `${ends.join(' → ')} · ${formatHostile(what, 40)}`
  }

  #describeNode({ nodes, ofNode }: LocalMap, node: number): string {
    const { label, detail, hosts, isGroup, kind } = nodes[node]
    const name = [formatHostile(label, 60), formatHostile(detail, 60), isGroup ? countOf(kind, hosts) : ''].filter(Boolean).join(' · ')
    const sent = ofNode.sent[node]
    const sums = isGroup ? formatBytes(ofNode.bytes[node]) : `sent ${formatBytes(sent)} · received ${formatBytes(ofNode.received[node])}`
    const count = kind === 'link' ? formatCounted(ofNode.packets[node], 'packet') : formatCounted(ofNode.flows[node], 'flow')
    return `${name} · ${sums} · ${count}${isGroup ? ' · click opens it' : ''}`
  }

  click(picked: LocalPicked): void {
    const { map } = this
    if (!map) return
    if (picked.kind === 'group') this.#toggle(map.groups[picked.group].id)
    else if (picked.kind === 'node') this.#clickNode(map, map.nodes[picked.node])
    else this.#clickRoute(map, picked.link)
  }

  #clickNode({ groups }: LocalMap, node: LocalNode): void {
    if (node.isGroup && node.group < 0) this.#toggle(node.id)
    else if (node.isGroup) {
      // Hosts that are not drawn one by one: the table has them.
      const { term } = groups[node.group]
      if (node.kind === 'link') this.#session.option('hosts', 'stations')
      if (term !== '') this.#session.filterBy(term)
      this.#session.set({ view: 'hosts' })
    } else if (node.kind === 'link') this.#session.set({ selection: null, detail: { kind: 'station', mac: node.id } })
    else {
      const { selection } = this.#session.state
      if (selection?.kind === 'host' && selection.ip === node.id) this.#session.set({ detail: selection })
      else {
        this.#session.set({ selection: { kind: 'host', ip: node.id } })
        this.#openFlows(node.term, formatHostile(node.label, 60))
      }
    }
  }

  #clickRoute(map: LocalMap, route: number): void {
    const [source, target] = [map.nodes[map.routes.source[route]], map.nodes[map.routes.target[route]]]
    this.#session.set({ selection: null })
    const routes = new Uint8Array(map.routes.count)
    routes[route] = 1
    this.#stage.local.focusOn(routes, nodesOf(map, routes))
    if (source.end === '' || target.end === '') return
    const application = quote(this.#report.applications[map.routes.application[route]])
    this.#openFlows(`from:${source.end} to:${target.end} app:${application}`, this.#nameOfRoute(map, route))
  }

  /** Opens a closed group, or closes an open one; the link keeps it. */
  #toggle(id: string): void {
    const { open } = this.#session.state.options
    const ids = new Set(open ? open.split(',') : [])
    if (!ids.delete(id)) ids.add(id)
    this.#session.option('open', ids.size > 0 ? [...ids].join(',') : null)
    announce(`${id} ${this.map?.groups.find((group) => group.id === id)?.isOpen ? 'closed' : 'opened'}`)
  }

  /** Routes and nodes of the selection. */
  async #focus(): Promise<void> {
    const { map } = this
    const { selection, view } = this.#session.state
    if (!map || view !== 'local') return
    this.#focusAsked?.abort()
    const term = selection && termOf(selection)
    if (!selection || !term) {
      this.#stage.local.focusOn(null, null)
      return
    }
    const asked = new AbortController()
    this.#focusAsked = asked
    try {
      const { ofRoute } = await this.#client.ask('local', { ...this.#question(), filterText: term }, asked.signal)
      if (ofRoute.flows.length !== map.routes.count) return // the capture has grown meanwhile; refresh() follows
      const routes = Uint8Array.from(ofRoute.flows, (flows) => (flows > 0 ? 1 : 0))
      const nodes = nodesOf(map, routes)
      const ends = selection.kind === 'alert' ? this.#report.alerts.find(({ id }) => id === selection.id) : undefined
      map.nodes.forEach(({ id }, node) => {
        if (id === ends?.source || id === ends?.target || (selection.kind === 'host' && id === selection.ip)) nodes[node] = 1
      })
      this.#stage.local.focusOn(routes, nodes)
      if (selection.kind === 'alert') this.#stage.local.lookAtNodes([...nodes.keys()].filter((node) => nodes[node]))
    } catch (error) {
      if (!asked.signal.aborted) throw error
    }
  }
}

/** 1 for each node at an end of a route with a 1. */
function nodesOf({ nodes, routes }: LocalMap, inFocus: Uint8Array): Uint8Array {
  const marks = new Uint8Array(nodes.length)
  for (let route = 0; route < routes.count; route++) if (inFocus[route]) marks[routes.source[route]] = marks[routes.target[route]] = 1
  return marks
}

/** The selection as a filter; "" for what means a place on the globe. */
function termOf(selection: Selection): string {
  switch (selection.kind) {
    case 'host':
      return `ip:${selection.ip}`
    case 'name':
      return `name:${quote(selection.name)}`
    case 'flow':
      return `flow:${selection.id}`
    case 'alert':
      return `alert:${selection.id}`
    case 'country':
      return `country:${quote(selection.code)}`
    default:
      return ''
  }
}

function countLines({ routes, ofRoute }: LocalMap): number {
  return ofRoute.packets.reduce((sum, packets, route) => sum + (packets > 0 && routes.source[route] !== routes.target[route] ? 1 : 0), 0)
}

function countLinesAt({ slices, routes, links }: LocalMap, seconds: number): number {
  const withoutIp = links.fromSeconds.reduce((sum, _, line) => sum + (isLinkPresent(links, line, seconds) ? 1 : 0), 0)
  return countArcs(slices, routes, seconds) + withoutIp
}
