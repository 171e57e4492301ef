// Fields about facts outside the row of a flow: names, DNS questions, alerts, scopes of its hosts; and the word without a field.

import { byAnyPart } from '../end-tests.ts'
import { type Field, namesByHost, notInPackets, offersNothing } from '../field.ts'
import { hostsNamed, markHosts, markTexts } from '../marks.ts'
import { insidePattern } from '../pattern.ts'
import type { FilterSource } from '../source.ts'
import { hasEnd, hasName, like, likeInside, quoteSql } from '../sql-text.ts'
import type { TextValue } from '../values.ts'
import { APPLICATION } from './flows.ts'

const nameInPackets: Field<TextValue>['packets'] = ({ text }, writer) =>
  writer.wider(writer.dialect.name(text), 'A name selects the packets that contain it, not whole flows.')

const name: Field<TextValue> = {
  kind: 'text',
  about: 'Server name of the flow, or any name of either end',
  example: 'name:*.org',
  aliases: ['sni'],
  match(mask, { pattern }, source) {
    const passes = (text: string) => pattern.test(text)
    markTexts(mask, source.flows.serverName, passes)
    markHosts(mask, hostsNamed(passes, source), undefined, source)
  },
  sql: ({ text }) => `${like('f.server_name', text)} OR ${hasEnd(undefined, hasName(like('n.name', text)))}`,
  packets: nameInPackets,
  complete(offers) {
    const names = namesByHost(offers.source)
    offers.ends((host) => names[host] ?? [], undefined, offers.source.flows.serverName)
  },
}

const dns: Field<TextValue> = {
  kind: 'text',
  about: 'Name asked for in the flow’s DNS questions',
  example: 'dns:*.example.com',
  match(mask, { pattern }, source) {
    const { texts, code, flow } = source.dns()
    const wanted = texts.map((text) => pattern.test(text))
    for (let index = 0; index < flow.length; index++) if (wanted[code[index]]) mask[flow[index]] = 1
  },
  sql: ({ text }) => `f.id IN (SELECT flow_id FROM dns_queries WHERE ${like('name', text)})`,
  packets: nameInPackets,
  complete: (offers) => offers.questions(),
}

const alert: Field<TextValue> = {
  kind: 'text',
  about: 'Flows an alert shows: any, none, a severity or a rule',
  example: 'alert:any',
  aliases: ['alerts', 'rule'],
  match(mask, { text, pattern }, { alerts }) {
    const word = text.toLowerCase()
    const isNone = word === 'none'
    const shown = isNone ? new Uint8Array(mask.length) : mask
    for (const { id, severity, rule, flows } of alerts) {
      if (!isNone && word !== 'any' && severity !== word && String(id) !== word && !pattern.test(rule)) continue
      for (let index = 0; index < flows.length; index++) shown[flows[index]] = 1
    }
    if (isNone) for (let flow = 0; flow < mask.length; flow++) mask[flow] |= shown[flow] ^ 1
  },
  sql({ text }) {
    const word = text.toLowerCase()
    if (word === 'any') return 'f.id IN (SELECT flow_id FROM alert_flows)'
    if (word === 'none') return 'f.id NOT IN (SELECT flow_id FROM alert_flows)'
    const number = /^\d{1,15}$/.test(word) ? ` OR a.id = ${Number(word)}` : ''
    return `f.id IN (SELECT flow_id FROM alert_flows JOIN alerts a ON a.id = alert_id WHERE a.severity = ${quoteSql(word)} OR ${like('a.rule', text)}${number})`
  },
  packets: notInPackets,
  complete(offers) {
    const { alerts } = offers.source
    const words = new Set(alerts.flatMap(({ severity, rule }) => [severity, rule]))
    if (alerts.length > 0) offers.words(['any', 'none', ...words].filter((word) => /^[\w.-]+$/.test(word)))
  },
}

const UNLOCATED = '(c.place_id IS NULL OR s.place_id IS NULL)'
const LOCAL =
  "NOT EXISTS (SELECT 1 FROM hosts h LEFT JOIN places p ON p.id = h.place_id WHERE h.id IN (c.id, s.id) AND coalesce(p.precision, '') <> 'origin')"

/** Values of the field `is`, as a test of both hosts and as SQL. */
const KINDS: Record<string, { test(client: number, server: number, source: FilterSource): boolean; sql: string }> = {
  located: {
    test: (client, server, source) => !isUnlocated(client, server, source) && !isLocal(client, server, source),
    sql: `NOT ${UNLOCATED} AND NOT ${LOCAL}`,
  },
  unlocated: { test: isUnlocated, sql: UNLOCATED },
  local: { test: isLocal, sql: LOCAL },
  ipv4: { test: (client, _, { hosts }) => !hosts.ip[client].includes(':'), sql: "c.ip NOT LIKE '%:%'" },
  ipv6: { test: (client, _, { hosts }) => hosts.ip[client].includes(':'), sql: "c.ip LIKE '%:%'" },
}

function isUnlocated(client: number, server: number, { hosts }: FilterSource): boolean {
  return hosts.place[client] < 0 || hosts.place[server] < 0
}

function isLocal(client: number, server: number, { hosts, places }: FilterSource): boolean {
  const isAtOrigin = (host: number) => places[hosts.place[host]]?.isOrigin === true
  return isAtOrigin(client) && isAtOrigin(server)
}

const is: Field<TextValue> = {
  kind: 'text',
  about: 'located, unlocated, local (both ends at the origin), ipv4, ipv6',
  example: 'is:unlocated',
  words: Object.keys(KINDS),
  match(mask, { text }, source) {
    const { test } = KINDS[text.toLowerCase()]
    const { clientHost, serverHost } = source.flows
    for (let flow = 0; flow < mask.length; flow++) if (test(clientHost[flow], serverHost[flow], source)) mask[flow] = 1
  },
  sql: ({ text }) => KINDS[text.toLowerCase()].sql,
  packets: notInPackets,
  complete: (offers) => offers.words(Object.keys(KINDS)),
}

export const FACT_FIELDS = { name, dns, alert, is }

/** A word without a field: part of a name, address, place or country, or the full name of an application or transport. */
export const BARE_WORD: Field<TextValue> = {
  kind: 'text',
  about: 'Part of a name, address, place or country of either end, or an application or transport',
  example: 'example.com',
  match(mask, value, source) {
    const inside = insidePattern(value.text)
    markTexts(mask, source.flows.serverName, (text) => inside.test(text))
    const passes = (text: string) => value.pattern.test(text)
    markTexts(mask, source.flows.application, passes)
    markTexts(mask, source.flows.transport, passes)
    markHosts(mask, byAnyPart.hosts(value, source), undefined, source)
  },
  sql: (value) =>
    [
      likeInside('f.server_name', value.text),
      like(APPLICATION, value.text),
      like('f.transport', value.text),
      hasEnd(undefined, byAnyPart.sql(value)),
    ].join(' OR '),
  packets: (value, writer) =>
    writer.wider(writer.hosts(byAnyPart.hosts(value, writer.source)), 'A bare word is taken for a part of an address, a name or a place.'),
  complete: offersNothing,
}
