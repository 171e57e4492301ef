// The table of flows.
import type { TextColumn } from '../../../../src/filter/source.ts'
import { communityIds } from '../data/community-ids.ts'
import type { OpenReport } from '../data/report-state.ts'
import { alertCounts, coded, computed, type Listed, numbers, rankTexts, rowsOf } from './source.ts'

export function listFlowRows(report: OpenReport, mask: Uint8Array): Listed {
  const { flows, details, hosts, places, applications, transports } = report.rows
  const rows = rowsOf(mask)
  const byHost = (texts: string[], host: Int32Array) => coded(texts, host)
  const countries = places.map((place) => (place.precision === 'origin' ? '' : (place.countryCode ?? '')))
  const countryOf = (host: Int32Array) => {
    const code = Int32Array.from(host, (row) => hosts.place[row])
    return { ...coded(countries, code), value: (row: number) => countries[code[row]] || null }
  }
  const serverName = (row: number) => details.serverName.texts[details.serverName.code[row]] ?? (hosts.name[flows.serverHost[row]] || null)
  const totals = { rows: rows.length, flows: rows.length, bytes: 0, packets: 0 }
  for (const row of rows) {
    totals.bytes += flows.bytes[row]
    totals.packets += flows.packets[row]
  }
  return {
    rows,
    totals,
    key: (row) => flows.id[row],
    columns: {
      id: numbers(flows.id),
      first: numbers(details.firstUs),
      duration: computed(flows.count, (row) => details.lastUs[row] - details.firstUs[row]),
      client: { value: (row) => hosts.ip[flows.clientHost[row]], rank: () => byKey(hosts.key, flows.clientHost) },
      clientName: { ...byHost(hosts.name, flows.clientHost), value: (row) => hosts.name[flows.clientHost[row]] || null },
      clientPort: numbers(details.clientPort, true),
      clientCountry: countryOf(flows.clientHost),
      server: { value: (row) => hosts.ip[flows.serverHost[row]], rank: () => byKey(hosts.key, flows.serverHost) },
      serverName: { value: serverName, rank: () => rankServerNames(report) },
      serverPort: numbers(details.serverPort, true),
      serverCountry: countryOf(flows.serverHost),
      transport: coded(transports, flows.transport),
      application: coded(applications, flows.application),
      bytes: numbers(flows.bytes),
      clientBytes: numbers(details.clientBytes),
      serverBytes: computed(flows.count, (row) => flows.bytes[row] - details.clientBytes[row]),
      packets: numbers(flows.packets),
      state: coded(details.state.texts, details.state.code),
      alerts: numbers(alertCounts(report).byFlow),
      asn: { ...byHost(hosts.asName, flows.serverHost), value: (row) => hosts.asName[flows.serverHost[row]] || null },
      ja4: coded(details.ja4.texts, details.ja4.code),
      communityId: {
        value: (row) => textIn(communityIds(report), row),
        rank: () => coded(communityIds(report).texts, communityIds(report).code).rank(),
      },
      tunnel: coded(details.tunnel.texts, details.tunnel.code),
    },
  }
}

function textIn({ texts, code }: TextColumn, row: number): string | null {
  return texts[code[row]] ?? null
}

function byKey(keys: string[], host: Int32Array): Int32Array {
  const order = rankTexts(keys)
  return Int32Array.from(host, (row) => order[row])
}

/** Sort order by the flow's own server name, otherwise by the name of its server host. */
function rankServerNames({ rows: { flows, details, hosts } }: OpenReport): Int32Array {
  const own = details.serverName.texts.length
  const order = rankTexts([...details.serverName.texts, ...hosts.name])
  return Int32Array.from({ length: flows.count }, (_, row) => {
    const code = details.serverName.code[row]
    return order[code >= 0 ? code : own + flows.serverHost[row]]
  })
}
