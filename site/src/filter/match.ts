// A filter over columns -> one byte a flow: 1 passes. Texts are tested once a distinct text, addresses once a host.
import { scopeOfWord } from './ends.ts'
import type { FieldName } from './fields.ts'
import { insidePattern } from './pattern.ts'
import type { Filter, Term, Value } from './syntax.ts'

/** Distinct texts, and for each row the index of its own; -1 for none. */
export interface TextColumn {
  texts: readonly string[]
  code: ArrayLike<number>
}

/** What filters ask of flows and hosts. Rows are numbered 0, 1, ... */
export interface FilterSource {
  /** The capture's first packet: relative times count from it. */
  firstUs: number
  flows: {
    count: number
    id: ArrayLike<number>
    clientHost: ArrayLike<number>
    serverHost: ArrayLike<number>
    /** -1: none. */
    clientPort: ArrayLike<number>
    serverPort: ArrayLike<number>
    bytes: ArrayLike<number>
    packets: ArrayLike<number>
    firstUs: ArrayLike<number>
    lastUs: ArrayLike<number>
    application: TextColumn
    transport: TextColumn
    state: TextColumn
    serverName: TextColumn
    ja4: TextColumn
    tunnel: TextColumn
  }
  hosts: {
    count: number
    /** See address.ts. */
    key: readonly string[]
    ip: readonly string[]
    scope: readonly string[]
    /** Index in places, or -1. */
    place: ArrayLike<number>
    /** Null: not known. */
    asn: readonly (number | null)[]
    asName: readonly string[]
  }
  /** `label` is what the page calls the place; an origin has no country: nobody located it. */
  places: readonly { label: string; countryCode: string | null; country: string | null; isOrigin: boolean }[]
  /** Names of hosts: any number a host. */
  names: { texts: readonly string[]; host: ArrayLike<number> }
  alerts: readonly { id: number; rule: string; severity: string; flows: ArrayLike<number> }[]
  /** Names asked for in DNS, and the flow of each question. Asked for only when a filter needs it. */
  dns(): TextColumn & { flow: ArrayLike<number> }
  /** Packets the report keeps: flow and frame length of each. Asked for only when a filter needs it. */
  frames?(): { flow: ArrayLike<number>; bytes: ArrayLike<number> }
}

type Mask = Uint8Array<ArrayBuffer>

export function matchFlows(filter: Filter, source: FilterSource): Mask {
  switch (filter.kind) {
    case 'all':
      return new Uint8Array(source.flows.count).fill(1)
    case 'not': {
      const mask = matchFlows(filter.part, source)
      for (let flow = 0; flow < mask.length; flow++) mask[flow] ^= 1
      return mask
    }
    case 'term':
      return matchTerm(filter, source)
    default: {
      const mask = matchFlows(filter.parts[0], source)
      for (const part of filter.parts.slice(1)) {
        const other = matchFlows(part, source)
        if (filter.kind === 'and') for (let flow = 0; flow < mask.length; flow++) mask[flow] &= other[flow]
        else for (let flow = 0; flow < mask.length; flow++) mask[flow] |= other[flow]
      }
      return mask
    }
  }
}

function matchTerm({ field, values }: Term, source: FilterSource): Mask {
  const mask = new Uint8Array(source.flows.count)
  for (const value of values) addMatches(mask, field, value, source)
  return mask
}

function addMatches(mask: Mask, field: FieldName | '', value: Value, source: FilterSource): void {
  const { flows } = source
  if (value.kind === 'range') {
    const { from, to } = value.range
    const within = (column: ArrayLike<number>) => {
      for (let flow = 0; flow < mask.length; flow++) if (column[flow] >= from && column[flow] <= to) mask[flow] = 1
    }
    if (field === 'bytes') within(flows.bytes)
    else if (field === 'packets') within(flows.packets)
    else if (field === 'length') addFrames(mask, from, to, source)
    else if (field === 'flow') within(flows.id)
    else if (field === 'port') {
      const [low, high] = [Math.max(0, from), to] // -1 is no port
      for (const column of [flows.clientPort, flows.serverPort])
        for (let flow = 0; flow < mask.length; flow++) if (column[flow] >= low && column[flow] <= high) mask[flow] = 1
    } else if (field === 'duration')
      for (let flow = 0; flow < mask.length; flow++) {
        const us = flows.lastUs[flow] - flows.firstUs[flow]
        if (us >= from && us <= to) mask[flow] = 1
      }
    return
  }
  if (value.kind === 'time') {
    const offset = value.isRelative ? source.firstUs : 0
    const from = value.range.from + offset
    const to = value.range.to + offset
    for (let flow = 0; flow < mask.length; flow++) if (flows.firstUs[flow] <= to && flows.lastUs[flow] >= from) mask[flow] = 1
    return
  }
  if (value.kind === 'address') {
    addHosts(mask, matchAddresses(value, source), field, source)
    return
  }
  addText(mask, field, value, source)
}

/** Flows with a frame of that length. */
function addFrames(mask: Mask, from: number, to: number, source: FilterSource): void {
  const frames = source.frames?.()
  if (!frames) return
  for (let row = 0; row < frames.flow.length; row++) if (frames.bytes[row] >= from && frames.bytes[row] <= to) mask[frames.flow[row]] = 1
}

function matchAddresses({ first, last }: { first: string; last: string }, { hosts }: FilterSource): Uint8Array {
  return Uint8Array.from(hosts.key, (key) => (key >= first && key <= last ? 1 : 0))
}

/** Marks flows by their ends: the client for from:, the server for to:, else either. */
function addHosts(mask: Mask, hosts: Uint8Array, field: FieldName | '', { flows }: FilterSource): void {
  if (field !== 'to') for (let flow = 0; flow < mask.length; flow++) mask[flow] |= hosts[flows.clientHost[flow]]
  if (field !== 'from') for (let flow = 0; flow < mask.length; flow++) mask[flow] |= hosts[flows.serverHost[flow]]
}

function addCodes(mask: Mask, { texts, code }: TextColumn, passes: (text: string) => boolean): void {
  const wanted = texts.map(passes)
  for (let flow = 0; flow < mask.length; flow++) if (wanted[code[flow]]) mask[flow] = 1
}

function addText(mask: Mask, field: FieldName | '', { text, pattern }: Value & { kind: 'text' }, source: FilterSource): void {
  const { flows } = source
  const passes = (value: string) => pattern.test(value)
  const columns = { app: flows.application, proto: flows.transport, state: flows.state, ja4: flows.ja4 } as const
  switch (field) {
    case 'app':
    case 'proto':
    case 'state':
    case 'ja4':
      addCodes(mask, columns[field], passes)
      break
    case 'tunnel':
      addTunnels(mask, text.toLowerCase(), passes, source)
      break
    case 'name':
      addCodes(mask, flows.serverName, passes)
      addHosts(mask, namedHosts(passes, source), field, source)
      break
    case 'dns': {
      const { texts, code, flow } = source.dns()
      const wanted = texts.map(passes)
      for (let index = 0; index < flow.length; index++) if (wanted[code[index]]) mask[flow[index]] = 1
      break
    }
    case 'alert':
      addAlerts(mask, text.toLowerCase(), passes, source)
      break
    case 'is':
      addKind(mask, text.toLowerCase(), source)
      break
    case '': {
      const inside = insidePattern(text)
      const found = (value: string) => inside.test(value)
      addCodes(mask, flows.serverName, found)
      addCodes(mask, flows.application, passes)
      addCodes(mask, flows.transport, passes)
      const hosts = namedHosts(found, source)
      source.hosts.ip.forEach((ip, host) => {
        if (found(ip)) hosts[host] = 1
      })
      addHosts(mask, hosts, field, source)
      break
    }
    default:
      addHosts(mask, hostsOf(field, text, passes, source), field, source)
  }
}

function addTunnels(mask: Mask, word: string, passes: (text: string) => boolean, { flows: { tunnel } }: FilterSource): void {
  if (word === 'any') addCodes(mask, tunnel, () => true)
  else if (word !== 'none') addCodes(mask, tunnel, (value) => passes(value) || value.split(' ').some(passes))
  else for (let flow = 0; flow < mask.length; flow++) if (tunnel.code[flow] < 0) mask[flow] = 1
}

function namedHosts(passes: (text: string) => boolean, { hosts, names }: FilterSource): Uint8Array {
  const found = new Uint8Array(hosts.count)
  names.texts.forEach((name, index) => {
    if (passes(name)) found[names.host[index]] = 1
  })
  return found
}

/** Hosts that country:, place:, asn:, scope:, host:, net:, from: or to: means by a text. */
export function hostsOf(field: FieldName, text: string, passes: (text: string) => boolean, source: FilterSource): Uint8Array {
  const { hosts, places } = source
  const found = new Uint8Array(hosts.count)
  const byPlace = (wanted: boolean[]) => {
    for (let host = 0; host < hosts.count; host++) if (wanted[hosts.place[host]]) found[host] = 1
  }
  const byCountry = () =>
    byPlace(places.map((place) => !place.isOrigin && (passes(place.countryCode ?? '') || (passes(place.country ?? '') && text !== ''))))
  const byNumber = () => {
    const number = /^(?:as)?(\d{1,10})$/i.exec(text)
    for (let host = 0; host < hosts.count; host++)
      if (number ? hosts.asn[host] === Number(number[1]) : hosts.asName[host] !== '' && passes(hosts.asName[host])) found[host] = 1
  }
  const byName = () => {
    namedHosts(passes, source).forEach((is, host) => {
      if (is) found[host] = 1
    })
    hosts.ip.forEach((ip, host) => {
      if (passes(ip)) found[host] = 1
    })
  }
  const byScope = (scope: string) => {
    for (let host = 0; host < hosts.count; host++) if (hosts.scope[host] === scope) found[host] = 1
  }
  if (field === 'country') byCountry()
  else if (field === 'place') byPlace(places.map((place) => passes(place.label)))
  else if (field === 'asn' || field === 'net') byNumber()
  else if (field === 'scope') byScope(text.toLowerCase())
  else if (field === 'host') byName()
  else {
    // from: and to: take whatever says an end; a scope or a country code is told by its form.
    const scope = scopeOfWord(text)
    if (scope) byScope(scope)
    else if (/^[a-z]{2}$/i.test(text)) byCountry()
    else byName()
  }
  return found
}

function addAlerts(mask: Mask, word: string, passes: (text: string) => boolean, { alerts }: FilterSource): void {
  const isNone = word === 'none'
  const shown = isNone ? new Uint8Array(mask.length) : mask
  for (const alert of alerts) {
    if (!isNone && word !== 'any' && alert.severity !== word && String(alert.id) !== word && !passes(alert.rule)) continue
    for (let index = 0; index < alert.flows.length; index++) shown[alert.flows[index]] = 1
  }
  if (isNone) for (let flow = 0; flow < mask.length; flow++) mask[flow] |= shown[flow] ^ 1
}

function addKind(mask: Mask, word: string, { flows, hosts, places }: FilterSource): void {
  const located = Uint8Array.from({ length: hosts.count }, (_, host) => (hosts.place[host] >= 0 ? 1 : 0))
  const atOrigin = Uint8Array.from({ length: hosts.count }, (_, host) => (places[hosts.place[host]]?.isOrigin ? 1 : 0))
  const is4 = Uint8Array.from(hosts.key, (key) => (key.startsWith('00000000000000000000ffff') ? 1 : 0))
  const tests: Record<string, (client: number, server: number) => boolean> = {
    local: (client, server) => atOrigin[client] === 1 && atOrigin[server] === 1,
    located: (client, server) => located[client] === 1 && located[server] === 1 && !(atOrigin[client] === 1 && atOrigin[server] === 1),
    unlocated: (client, server) => located[client] === 0 || located[server] === 0,
    ipv4: (client) => is4[client] === 1,
    ipv6: (client) => is4[client] === 0,
  }
  const test = tests[word]
  if (test) for (let flow = 0; flow < mask.length; flow++) if (test(flows.clientHost[flow], flows.serverHost[flow])) mask[flow] = 1
}
