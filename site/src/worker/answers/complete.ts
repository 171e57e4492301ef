// Values of a field that begin as typed (or have it within), with how many flows each stands for under the rest of the filter.
import type { Suggestion } from '../../filter/completion.ts'
import { KINDS, SCOPES } from '../../filter/ends.ts'
import { matchFlows, type TextColumn } from '../../filter/match.ts'
import { parseFilter } from '../../filter/parser.ts'
import { FilterError } from '../../filter/syntax.ts'
import type { Questions } from '../../protocol/messages.ts'
import { formatCountry } from '../../ui/format.ts'
import type { OpenReport } from '../data/report-state.ts'

/** Suggestions at once. */
const SHOWN = 12

interface Candidate {
  text: string
  label?: string
  about?: string
}

export function complete(report: OpenReport, { field, begun, rest }: Questions['complete']['question']): Suggestion[] {
  const mask = readable(report, rest)
  const { flows, hosts, places, alerts, names } = report.matches.source
  const wanted = begun.toLowerCase()
  const counts = new Map<string, Candidate & { flows: number }>()
  const fits = (candidate: Candidate) =>
    candidate.text.toLowerCase().includes(wanted) || (candidate.label ?? '').toLowerCase().includes(wanted)
  const add = (candidate: Candidate, count: number) => {
    const known = counts.get(candidate.text)
    if (known) known.flows += count
    else if (fits(candidate)) counts.set(candidate.text, { ...candidate, flows: count })
  }
  const byText = ({ texts, code }: TextColumn) => {
    const each = new Float64Array(texts.length)
    for (let flow = 0; flow < mask.length; flow++) if (mask[flow] && code[flow] >= 0) each[code[flow]]++
    texts.forEach((text, index) => {
      if (each[index] > 0) add({ text }, each[index])
    })
  }
  /** Counts a flow once for each text that one of its ends goes by, or that `ofFlow` says of it; `side` keeps to one end. */
  const addEnds = (ofHost: (host: number) => Candidate[], side: 'client' | 'server' | null = null, ofFlow?: TextColumn) => {
    const codes = new Map<string, number>()
    const found: Candidate[] = []
    const counted: number[] = []
    const codeOf = (candidate: Candidate) => {
      let code = codes.get(candidate.text)
      if (code === undefined) {
        code = found.push(candidate) - 1
        codes.set(candidate.text, code)
        counted.push(0)
      }
      return code
    }
    const known: number[][] = []
    const codesOf = (host: number) => {
      known[host] ??= [...new Set(ofHost(host).map(codeOf))]
      return known[host]
    }
    const ofTexts = ofFlow?.texts.map((text) => codeOf({ text }))
    for (let flow = 0; flow < mask.length; flow++) {
      if (!mask[flow]) continue
      const client = side === 'server' ? [] : codesOf(flows.clientHost[flow])
      const server = side === 'client' ? [] : codesOf(flows.serverHost[flow])
      for (const code of client) counted[code]++
      for (const code of server) if (!client.includes(code)) counted[code]++
      const own = ofTexts?.[ofFlow!.code[flow]]
      if (own !== undefined && !client.includes(own) && !server.includes(own)) counted[own]++
    }
    found.forEach((candidate, code) => {
      if (counted[code] > 0) add(candidate, counted[code])
    })
  }
  const namesByHost = () => {
    const byHost: Candidate[][] = []
    names.texts.forEach((text, index) => {
      const host = names.host[index]
      byHost[host] ??= []
      byHost[host].push({ text })
    })
    return byHost
  }
  const addressOf = (host: number): Candidate => ({ text: hosts.ip[host], about: hosts.asName[host] })
  /** Addresses and names. */
  const addHosts = (side: 'client' | 'server' | null) => {
    const byHost = namesByHost()
    addEnds((host) => [addressOf(host), ...(byHost[host] ?? [])], side)
  }
  const addFixed = (words: readonly string[]) => {
    for (const word of words) {
      const found = matchFlows(parseFilter(`${field}:${word}`), report.matches.source)
      let count = 0
      for (let flow = 0; flow < mask.length; flow++) count += mask[flow] & found[flow]
      if (count > 0) add({ text: word }, count)
    }
  }
  switch (field) {
    case 'app':
      byText(flows.application)
      break
    case 'proto':
      byText(flows.transport)
      break
    case 'state':
      byText(flows.state)
      break
    case 'ja4':
      byText(flows.ja4)
      break
    case 'tunnel':
      addFixed(['any', 'none'])
      byText(flows.tunnel)
      break
    case 'port': {
      const each = new Map<number, number>()
      for (let flow = 0; flow < mask.length; flow++)
        if (mask[flow] && flows.serverPort[flow] >= 0) each.set(flows.serverPort[flow], (each.get(flows.serverPort[flow]) ?? 0) + 1)
      for (const [port, count] of each) if (String(port).startsWith(wanted)) add({ text: String(port) }, count)
      break
    }
    case 'country':
      addEnds((host) => {
        const place = places[hosts.place[host]]
        return place?.countryCode && !place.isOrigin ? [{ text: place.countryCode, label: formatCountry(place.countryCode) }] : []
      })
      break
    case 'place':
      addEnds((host) => {
        const place = places[hosts.place[host]]
        return place ? [{ text: place.label }] : []
      })
      break
    case 'asn':
      addEnds((host) =>
        hosts.asn[host] === null ? [] : [{ text: String(hosts.asn[host]), label: hosts.asName[host], about: hosts.asName[host] }],
      )
      break
    case 'net':
      addEnds((host) => (hosts.asName[host] ? [{ text: hosts.asName[host] }] : []))
      break
    case 'scope':
      addFixed(SCOPES)
      break
    case 'is':
      addFixed(KINDS)
      break
    case 'alert':
      if (alerts.length > 0)
        addFixed(
          ['any', 'none', ...new Set(alerts.flatMap(({ severity, rule }) => [severity, rule]))].filter((word) => /^[\w.-]+$/.test(word)),
        )
      break
    case 'dns': {
      const { texts, code, flow } = report.matches.source.dns()
      const each = new Float64Array(texts.length)
      for (let index = 0; index < flow.length; index++) if (mask[flow[index]]) each[code[index]]++
      texts.forEach((text, index) => {
        if (each[index] > 0) add({ text }, each[index])
      })
      break
    }
    case 'ip':
      addEnds((host) => [addressOf(host)])
      break
    case 'name': {
      const byHost = namesByHost()
      addEnds((host) => byHost[host] ?? [], null, flows.serverName)
      break
    }
    case 'host':
      addHosts(null)
      break
    case 'from':
      addHosts('client')
      break
    case 'to':
      addHosts('server')
      break
    default:
      return []
  }
  const startsAs = ({ text, label = '' }: Candidate) => ([text, label].some((word) => word.toLowerCase().startsWith(wanted)) ? 0 : 1)
  return [...counts.values()]
    .sort((a, b) => startsAs(a) - startsAs(b) || b.flows - a.flows || (a.text < b.text ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ text, label = '', about = '', flows: count }) => ({
      text,
      label: label || text,
      about: label && label !== text ? text : about,
      flows: count,
    }))
}

/** The rest of a filter that is being written may not be readable: then everything counts. */
function readable(report: OpenReport, rest: string): Uint8Array {
  try {
    return report.matches.mask(rest)
  } catch (error) {
    if (error instanceof FilterError) return report.matches.mask('')
    throw error
  }
}
