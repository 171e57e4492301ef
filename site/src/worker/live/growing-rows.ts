// The columns of a running capture: read once, then updated with what the changes did to the tables. The cost of an update depends on
// its size, not on the size of the report.
import type { LiveFlow } from '../../../../src/contract/live-feed.ts'
import { addressKey } from '../../../../src/filter/address.ts'
import { camelCase, LIVE_COLUMNS, pageColumns } from '../../../../src/store/flow-columns.ts'
import { labelWithout } from '../data/flow-rows.ts'
import type { FlowDetails, ReportRows, RetransmissionColumns } from '../data/row-types.ts'
import type { Applied } from './apply.ts'
import { GrowingActivity } from './growing-activity.ts'
import { GrowingColumn, GrowingColumns } from './growing-column.ts'

const NUMBERS = pageColumns('port', 'time', 'count').map(({ name }) => camelCase(name))
const TEXT_KEYS = pageColumns('text').map(({ name }) => camelCase(name))
type TextKey = (typeof TEXT_KEYS)[number]
/** Columns that a change has; the others (fingerprints, tunnels) stay as they were read. */
const LIVE_NUMBERS = NUMBERS.filter(isLive)
const LIVE_TEXT_KEYS = TEXT_KEYS.filter(isLive)

export class GrowingRows {
  rows: ReportRows
  /** By flow id: row number + 1; 0 for none. */
  readonly #rowOfId: GrowingColumn<Int32Array>
  readonly #hostIndex: Map<number, number>
  readonly #placeIndex: Map<number, number>
  readonly #hosts: GrowingColumns<{ id: Float64Array; place: Int32Array }>
  readonly #flows
  readonly #details
  readonly #codes
  readonly #activity: GrowingActivity
  #retransmissions: GrowingColumns<RetransmissionColumns> | null = null
  /** Text -> its number, for each text column. */
  readonly #known: Record<TextKey | 'applications' | 'transports', Map<string, number>>

  constructor(rows: ReportRows) {
    this.rows = rows
    const { hosts, flows, details, activity } = rows
    const { count: _, ...columns } = flows
    this.#flows = new GrowingColumns(columns)
    this.#details = new GrowingColumns(pick(NUMBERS, (key) => details[key]) as Pick<FlowDetails, (typeof NUMBERS)[number]>)
    this.#codes = new GrowingColumns(pick(TEXT_KEYS, (key) => details[key].code))
    this.#hosts = new GrowingColumns({ id: hosts.id, place: hosts.place })
    this.#activity = new GrowingActivity(activity)
    this.#hostIndex = new Map(Array.from(hosts.id, (id, index) => [id, index]))
    this.#placeIndex = new Map(rows.placeIds.map((id, index) => [id, index]))
    const numbers = (texts: readonly string[]) => new Map(texts.map((text, index) => [text, index]))
    this.#known = {
      ...pick(TEXT_KEYS, (key) => numbers(details[key].texts)),
      applications: numbers(rows.applications),
      transports: numbers(rows.transports),
    }
    this.#rowOfId = new GrowingColumn(new Int32Array(0))
    for (let row = 0; row < flows.count; row++) this.#enter(flows.id[row], row)
  }

  get hostIndex(): Map<number, number> {
    return this.#hostIndex
  }

  /** Row number; -1 for a flow that has not arrived yet. */
  readonly rowOfFlow = (id: number): number => (this.#rowOfId.filled[id] ?? 0) - 1

  /** Returns the row numbers of the flows that changed or are new. */
  follow({ places, hosts, flows, activity, retransmissions }: Applied, meta: Record<string, string>): Set<number> {
    for (const { id, place } of places) {
      this.#placeIndex.set(id, this.rows.places.length)
      this.rows.places.push({ ...place, region: null, accuracyKm: null, timeZone: null })
    }
    this.#addHosts(hosts)
    const changed = new Set<number>()
    const count = this.#reach(flows)
    for (const flow of flows) {
      const row = this.rowOfFlow(flow.id)
      this.#set(row, flow)
      changed.add(row)
    }
    this.#activity.add(activity, this.rowOfFlow, Number(meta.ticks) || 0)
    this.#addRetransmissions(retransmissions)
    const { details } = this.rows
    this.rows = {
      ...this.rows,
      meta,
      hosts: { ...this.rows.hosts, ...this.#hosts.filled, count: this.#hosts.filled.id.length },
      flows: { count, ...this.#flows.filled },
      details: {
        ...this.#details.filled,
        ...pick(TEXT_KEYS, (key) => ({ texts: details[key].texts, code: this.#codes.filled[key] })),
      },
      activity: this.#activity.activity,
      rowOfFlow: this.rowOfFlow,
    }
    return changed
  }

  #enter(id: number, row: number): void {
    const { filled } = this.#rowOfId
    const rows = id < filled.length ? filled : this.#rowOfId.reach(id + 1)
    rows[id] = row + 1
  }

  #addRetransmissions(growth: Applied['retransmissions']): void {
    const { rows } = this
    if (rows.retransmissions === undefined || growth.length === 0) return // all are read when they are needed
    this.#retransmissions ??= new GrowingColumns(rows.retransmissions)
    let row = rows.retransmissions.tick.length
    const columns = this.#retransmissions.reach(row + growth.length)
    for (const [tick, flowId, client, server] of growth) {
      columns.tick[row] = tick
      columns.flow[row] = this.rowOfFlow(flowId)
      columns.segments[row++] = client + server
    }
    rows.retransmissions = columns
  }

  #addHosts(hosts: Applied['hosts']): void {
    const added = hosts.filter(({ host }) => !this.#hostIndex.has(host.id))
    if (added.length === 0) return
    const { ip, key, name, scope, asn, asName } = this.rows.hosts
    const { id, place } = this.#hosts.reach(ip.length + added.length)
    for (const { host, placeId } of added) {
      if (this.#hostIndex.has(host.id)) continue // the host was in an earlier change, too
      const index = ip.push(host.ip) - 1
      key.push(addressKey(host.ip) ?? '')
      name.push(host.name ?? '')
      scope.push(host.scope)
      asn.push(host.asn)
      asName.push(host.asName ?? '')
      id[index] = host.id
      place[index] = placeId === null ? -1 : (this.#placeIndex.get(placeId) ?? -1)
      this.#hostIndex.set(host.id, index)
    }
    this.#hosts.reach(ip.length)
  }

  /** Makes rows for new flows. Returns the new number of rows. */
  #reach(flows: readonly LiveFlow[]): number {
    const before = this.rows.flows.count
    let count = before
    for (const { id } of flows) if (!this.#rowOfId.filled[id]) this.#enter(id, count++)
    if (count === before) return count
    const codes = this.#codes.reach(count)
    for (const key of TEXT_KEYS) codes[key].fill(-1, before)
    this.#flows.reach(count)
    const details = this.#details.reach(count)
    for (const key of NUMBERS) details[key].fill(-1, before)
    return count
  }

  #set(row: number, flow: LiveFlow): void {
    const { applications, transports, details } = this.rows
    const to = this.#flows.filled
    const clientHost = this.#hostIndex.get(flow.clientHostId) ?? 0
    const serverHost = this.#hostIndex.get(flow.serverHostId) ?? 0
    to.id[row] = flow.id
    to.clientHost[row] = clientHost
    to.serverHost[row] = serverHost
    to.sourcePlace[row] = this.#hosts.filled.place[clientHost] ?? -1
    to.targetPlace[row] = this.#hosts.filled.place[serverHost] ?? -1
    to.application[row] = numberOf(flow.application || labelWithout(flow.transport), applications, this.#known.applications)
    to.transport[row] = numberOf(flow.transport, transports, this.#known.transports)
    to.bytes[row] = flow.clientBytes + flow.serverBytes
    to.packets[row] = flow.clientPackets + flow.serverPackets
    const more = this.#details.filled
    for (const key of LIVE_NUMBERS) more[key][row] = flow[key] ?? -1
    for (const key of LIVE_TEXT_KEYS) {
      const text = flow[key]
      this.#codes.filled[key][row] = text ? numberOf(text, details[key].texts as string[], this.#known[key]) : -1
    }
  }
}

function isLive<Key extends string>(key: Key): key is Key & keyof LiveFlow {
  return LIVE_COLUMNS.some(({ name }) => camelCase(name) === key)
}

function pick<Key extends string, Made>(keys: readonly Key[], make: (key: Key) => Made): Record<Key, Made> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Made>
}

/** Number of a text; a new text is appended. */
function numberOf(text: string, texts: string[], known: Map<string, number>): number {
  let number = known.get(text)
  if (number === undefined) {
    number = texts.push(text) - 1
    known.set(text, number)
  }
  return number
}
