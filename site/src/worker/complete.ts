// Values of a field that begin as typed (or have it within), with how many flows each stands for under the rest of the filter.
import type { Suggestion } from '../filter/completion.ts'
import { KINDS, SCOPES } from '../filter/ends.ts'
import { matchFlows, type TextColumn } from '../filter/match.ts'
import { parseFilter } from '../filter/parser.ts'
import { FilterError } from '../filter/syntax.ts'
import { formatCountry } from '../player/format.ts'
import type { OpenReport } from './matches.ts'
import type { Questions } from './messages.ts'

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
    for (let flow = 0; flow < mask.length; flow++) if (mask[flow] && code[flow]! >= 0) each[code[flow]!]!++
    texts.forEach((text, index) => {
      if (each[index]! > 0) add({ text }, each[index]!)
    })
  }
  /** Flows a host is in; `side` keeps to one end. */
  const byHost = (side: 'client' | 'server' | null) => {
    const each = new Float64Array(hosts.count)
    for (let flow = 0; flow < mask.length; flow++) {
      if (!mask[flow]) continue
      const client = flows.clientHost[flow]!
      const server = flows.serverHost[flow]!
      if (side !== 'server') each[client]!++
      if (side !== 'client' && (side === 'server' || client !== server)) each[server]!++
    }
    return each
  }
  const addHosts = (each: Float64Array, describe: (host: number) => Candidate | null) => {
    for (let host = 0; host < hosts.count; host++) {
      const candidate = each[host]! > 0 ? describe(host) : null
      if (candidate) add(candidate, each[host]!)
    }
  }
  const addNames = (each: Float64Array) => {
    names.texts.forEach((text, index) => {
      const count = each[names.host[index]!]!
      if (count > 0) add({ text }, count)
    })
  }
  const addAddresses = (each: Float64Array) => addHosts(each, (host) => ({ text: hosts.ip[host]!, about: hosts.asName[host]! }))
  const addFixed = (words: readonly string[]) => {
    for (const word of words) {
      const found = matchFlows(parseFilter(`${field}:${word}`), report.matches.source)
      let count = 0
      for (let flow = 0; flow < mask.length; flow++) count += mask[flow]! & found[flow]!
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
        if (mask[flow] && flows.serverPort[flow]! >= 0) each.set(flows.serverPort[flow]!, (each.get(flows.serverPort[flow]!) ?? 0) + 1)
      for (const [port, count] of each) if (String(port).startsWith(wanted)) add({ text: String(port) }, count)
      break
    }
    case 'country':
      addHosts(byHost(null), (host) => {
        const place = places[hosts.place[host]!]
        return place?.countryCode && !place.isOrigin ? { text: place.countryCode, label: formatCountry(place.countryCode) } : null
      })
      break
    case 'place':
      addHosts(byHost(null), (host) => {
        const place = places[hosts.place[host]!]
        return place ? { text: place.label } : null
      })
      break
    case 'asn':
      addHosts(byHost(null), (host) =>
        hosts.asn[host] === null ? null : { text: String(hosts.asn[host]), label: hosts.asName[host]!, about: hosts.asName[host]! },
      )
      break
    case 'net':
      addHosts(byHost(null), (host) => (hosts.asName[host] ? { text: hosts.asName[host]! } : null))
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
      for (let index = 0; index < flow.length; index++) if (mask[flow[index]!]) each[code[index]!]!++
      texts.forEach((text, index) => {
        if (each[index]! > 0) add({ text }, each[index]!)
      })
      break
    }
    case 'ip':
      addAddresses(byHost(null))
      break
    case 'name':
      byText(flows.serverName)
      addNames(byHost(null))
      break
    case 'host':
      addNames(byHost(null))
      addAddresses(byHost(null))
      break
    case 'from':
    case 'to': {
      const each = byHost(field === 'from' ? 'client' : 'server')
      addAddresses(each)
      addNames(each)
      break
    }
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
