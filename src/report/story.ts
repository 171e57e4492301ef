// The facts of a report -> what happened, in plain sentences: report.html, report.md and the page say the same. Each sentence names what it
// speaks of, so that the page can go there.

import { quote } from '../filter/syntax.ts'
import type { AlertRow } from '../store/read-alerts.ts'
import type { Severity } from '../types.ts'
import { formatBytes, formatCount, formatDuration, formatPercent, formatPlural, formatTime } from './figures.ts'
import type { StoryFacts } from './index.ts'
import { countryLabel, leftOutByChoice, leftOutLines, MOST_SEVERE_FIRST, mainSpanLines, observedLabel } from './wording.ts'

/** Findings told one by one; the others are counted. */
const TOLD_FINDINGS = 3

/** A conversation with a smaller share of all bytes is not told, nor is an application. */
const LARGE_SHARE = 0.05
const LEAST_SHARE = 0.01

/** A pause shorter than this share of the timeline is not told. */
const PAUSE_SHARE = 0.2

export interface Sentence {
  text: string
  about: 'finding' | 'findings' | 'traffic' | 'hosts' | 'largest' | 'places' | 'application' | 'peak' | 'pause' | 'coverage'
  /** Of a finding; null for other facts. */
  severity: Severity | null
  /** alerts.id of a finding. */
  alertId: number | null
  /** The conversations it speaks of, in the filter language; "" for all. */
  filter: string
  /** The time it speaks of, microseconds since the epoch; null for all of it. */
  span: { fromUs: number; toUs: number } | null
}

/** The gravest findings first, then who, how much, where to, what and when, then what could not be told. */
export function storyOf(facts: StoryFacts): Sentence[] {
  if (facts.packets === 0) return [sentence('traffic', 'This capture contains no packets.')]
  return [
    ...findingSentences(facts),
    trafficSentence(facts),
    ...mainSpanLines(facts).map((line) => sentence('coverage', line)),
    ...(facts.flows > 0
      ? [...hostSentence(facts), ...largestSentence(facts), ...placeSentences(facts), ...applicationSentence(facts)]
      : []),
    ...timeSentences(facts),
    ...coverageSentences(facts),
  ]
}

function sentence(about: Sentence['about'], text: string, where: Partial<Sentence> = {}): Sentence {
  return { text, about, severity: null, alertId: null, filter: '', span: null, ...where }
}

/** "09:03:58 UTC", or with the date where the capture lasts longer than a day: the page's clock may show another zone. */
function shortTime(us: number, { firstUs, durationUs }: StoryFacts): string {
  const text = formatTime(us)
  const isOneDay = durationUs !== null && durationUs < 86_400_000_000 && formatTime(firstUs).slice(0, 10) === text.slice(0, 10)
  return `${text.slice(isOneDay ? 11 : 0, 19)} UTC`
}

function findingSentences(facts: StoryFacts): Sentence[] {
  const { stories, severityCounts } = facts
  const total = Object.values(severityCounts).reduce((sum, count) => sum + count, 0)
  if (total === 0) return [sentence('findings', 'No rule found anything that stands out.')]
  const grave = stories.filter(({ severity }) => severity !== 'info')
  const told = (grave.length > 0 ? grave : stories).slice(0, TOLD_FINDINGS)
  const lines = told.map((alert) =>
    sentence('finding', findingText(alert, facts), {
      severity: alert.severity as Severity,
      alertId: alert.id,
      filter: `alert:${quote(alert.rule)}`,
      span: { fromUs: alert.firstUs, toUs: alert.lastUs },
    }),
  )
  if (total > told.length) {
    const parts = MOST_SEVERE_FIRST.filter((severity) => severityCounts[severity]).map(
      (severity) => `${formatCount(severityCounts[severity])} ${severity}`,
    )
    lines.push(sentence('findings', `All findings: ${formatCount(total)} (${parts.join(', ')}).`))
  }
  return lines
}

/** What was found, when, and how sure it is: the severity, and what was measured beside what it was held against. */
function findingText({ title, severity, firstUs, lastUs, observed }: AlertRow, facts: StoryFacts): string {
  const measured = observed.find(({ threshold }) => threshold !== null)
  const told = title.replace(/[.\s]+$/, '')
  const how = measured ? `; ${observedLabel(measured)}` : ''
  const { mainFirstUs, mainLastUs } = facts
  const isShown = mainFirstUs === null || mainLastUs === null || (firstUs <= mainLastUs && lastUs >= mainFirstUs)
  const where = isShown ? '' : ' Charts and playback show another part of the capture.'
  return `${told}. First seen at ${shortTime(firstUs, facts)}; ${severity === 'info' ? 'for information' : `${severity} severity`}${how}.${where}`
}

function trafficSentence(facts: StoryFacts): Sentence {
  const { packets, bytes, durationUs, hosts, flows, ipPackets, coverage } = facts
  const time = durationUs ? ` in ${formatDuration(durationUs)}` : ''
  const chosen = packets - leftOutByChoice(coverage)
  const amount =
    chosen === packets
      ? `${formatPlural(packets, 'packet')} (${formatBytes(bytes)})${time}`
      : `${formatCount(chosen)} of ${formatPlural(packets, 'packet')} were read${time}, the others were left out by choice`
  if (ipPackets > 0 || chosen === 0)
    return sentence('traffic', `${amount}, between ${formatPlural(hosts, 'host')} in ${formatPlural(flows, 'conversation')}.`)
  const kinds = coverage
    .filter(({ reason }) => reason !== null)
    .map(({ reason, packets: count }) => `${reason!.replace(/^not IP: /, '')} (${formatCount(count)})`)
  const more = kinds.length > 3 ? ` and ${kinds.length - 3} more reasons` : ''
  return sentence('traffic', `${amount}; none of them is IP: ${kinds.slice(0, 3).join(', ')}${more}.`)
}

function hostSentence({ hosts, publicHosts, hostRows: [busiest] }: StoryFacts): Sentence[] {
  if (!busiest) return []
  const who = busiest.name === null ? busiest.ip : `${busiest.ip} (${busiest.name})`
  const kinds =
    publicHosts === 0
      ? 'No host has a public address'
      : `${formatCount(publicHosts)} of ${formatPlural(hosts, 'host')} ${publicHosts === 1 ? 'has a public address' : 'have public addresses'}`
  return [sentence('hosts', `${kinds}. The busiest of all is ${who} with ${formatBytes(busiest.bytes)}.`, { filter: `ip:${busiest.ip}` })]
}

function largestSentence(facts: StoryFacts): Sentence[] {
  const { largest } = facts
  if (!largest || facts.flows === 1 || largest.clientBytes + largest.serverBytes < LARGE_SHARE * facts.ipBytes) return []
  const isSent = largest.clientBytes > largest.serverBytes
  const place = largest.serverCountry ?? largest.clientCountry
  const city = largest.serverCountry ? largest.serverCity : largest.clientCity
  const where = place === null ? '' : ` in ${city === null || city === place ? place : `${city}, ${place}`}`
  const isServerThere = largest.serverCountry !== null
  const client = `${largest.client}${isServerThere ? '' : where}`
  const server = `${largest.serverName === null ? largest.server : `${largest.serverName} (${largest.server})`}${isServerThere ? where : ''}`
  const did = isSent ? `sent ${formatBytes(largest.clientBytes)} to` : `received ${formatBytes(largest.serverBytes)} from`
  return [
    sentence(
      'largest',
      `The largest conversation: ${client} ${did} ${server}, from ${shortTime(largest.firstUs, facts)} on for ${formatDuration(largest.lastUs - largest.firstUs)}.`,
      { filter: `flow:${largest.id}`, span: { fromUs: largest.firstUs, toUs: largest.lastUs } },
    ),
  ]
}

function placeSentences({ countries, countryCount, ipBytes, origin, publicHosts, locatedHosts }: StoryFacts): Sentence[] {
  if (countryCount === 0 && publicHosts === 0)
    return [sentence('places', 'No address here is public, so none has a place: no host talked to the internet directly.')]
  const lines: Sentence[] = []
  if (countryCount > 0) {
    const [top] = countries
    const share = `${formatPercent(top.bytes, ipBytes)} of the bytes`
    const name = countryLabel(top, origin)
    const text =
      countryCount === 1
        ? `Traffic reached one country: ${name}, with ${share}.`
        : `Traffic reached ${formatCount(countryCount)} countries, led by ${name} with ${share}.`
    lines.push(sentence('places', text, { filter: top.countryCode === null ? '' : `country:${quote(top.countryCode)}` }))
  }
  if (publicHosts > locatedHosts) {
    const text = `${formatCount(publicHosts - locatedHosts)} of ${formatPlural(publicHosts, 'public host')} could not be located.`
    lines.push(sentence('places', text, { filter: 'is:unlocated' }))
  }
  return lines
}

function applicationSentence({ applications, ipBytes }: StoryFacts): Sentence[] {
  const application = applications.find(({ name }) => name !== null)
  if (!application || application.bytes < LEAST_SHARE * ipBytes) return []
  const { name, bytes } = application
  const unknown = applications.find((row) => row.name === null)
  const rest = unknown && unknown.bytes > bytes ? `; ${formatPercent(unknown.bytes, ipBytes)} were not recognised` : ''
  return [
    sentence('application', `The application with most bytes is ${name} (${formatPercent(bytes, ipBytes)})${rest}.`, {
      filter: `app:${quote(name!)}`,
    }),
  ]
}

/** The busiest part of the timeline, and the longest pause. */
function timeSentences(facts: StoryFacts): Sentence[] {
  const { timeline, spanUs, mainFirstUs, mainLastUs } = facts
  if (timeline.length < 10 || mainFirstUs === null || mainLastUs === null) return []
  const most = Math.max(...timeline)
  if (most === 0) return []
  const fromUs = mainFirstUs + timeline.indexOf(most) * spanUs
  const span = { fromUs, toUs: Math.min(fromUs + spanUs, mainLastUs) }
  const lines = [
    sentence('peak', `The busiest ${formatDuration(spanUs)} began at ${shortTime(fromUs, facts)}, with ${formatBytes(most)}.`, { span }),
  ]
  let pause = { from: 0, to: 0 }
  for (let bin = 0, from = 0; bin <= timeline.length; bin++) {
    if (bin < timeline.length && timeline[bin] === 0) continue
    if (bin - from > pause.to - pause.from) pause = { from, to: bin }
    from = bin + 1
  }
  if (pause.to - pause.from >= PAUSE_SHARE * timeline.length) {
    const quiet = { fromUs: mainFirstUs + pause.from * spanUs, toUs: mainFirstUs + pause.to * spanUs }
    lines.push(
      sentence(
        'pause',
        `Nothing was captured for at least ${formatDuration(quiet.toUs - quiet.fromUs)}, from about ${shortTime(quiet.fromUs, facts)} on.`,
        { span: quiet },
      ),
    )
  }
  return lines
}

function coverageSentences(facts: StoryFacts): Sentence[] {
  const { ipPackets, packets } = facts
  const texts = leftOutLines(facts)
  if (ipPackets > 0 && ipPackets < packets)
    texts.unshift(
      `${formatPercent(ipPackets, packets)} of the packets are in conversations; ${packets - ipPackets === 1 ? '1 is' : `${formatCount(packets - ipPackets)} are`} not, for the reasons listed under coverage.`,
    )
  else if (ipPackets === packets) texts.unshift('Every packet is accounted for in a conversation.')
  return texts.map((text) => sentence('coverage', text))
}
