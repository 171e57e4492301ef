// Periodic contacts with the same host or name. Malware asks for commands in this way, and so do many normal programs.

import { type Context, defineRule, type EvidenceChart, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, plural, span } from '../engine/wording.ts'
import { expectedReason } from '../methods/benign-periodic.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append, onlyOne } from '../methods/lists.ts'
import { type PeriodicContact, periodicContacts } from '../methods/periodic-contacts.ts'
import type { Periodicity } from '../methods/periodicity.ts'
import { ritaScore } from '../methods/rita.ts'

const BARS = 40
/** Largest keep-alive exchange with all headers: a small segment and an acknowledgment. */
const KEEP_ALIVE_BYTES = 200
/** Most hosts listed in a finding about normal periodic contacts. */
const MAX_NAMED_HOSTS = 3

export const beacon = defineRule({
  id: 'beacon',
  version: 2,
  title: 'A host contacts the same name or address by the clock',
  technique: 'T1071',
  severity: 'medium',
  source:
    'Spread of the intervals, with limits that hold on captures of minutes; the score of RITA v5 (analysis/beacons.go) is told beside it',
  options: {
    beats: option(8, '', 'contacts needed when they are very regular'),
    spread: option(0.25, '', 'standard deviation of the intervals over their mean, at most (0.6 times that below nine contacts)'),
    jittery_beats: option(12, '', 'contacts needed when they are less regular'),
    jittery_spread: option(0.45, '', 'standard deviation of the intervals over their mean, at most, with so many contacts'),
    near: option(60, '%', 'share of the intervals within 30 % of the median, at least, with so many contacts'),
    interval: option(1.8, 's', 'shorter mean intervals are no waiting'),
    short_beats: option(20, '', 'contacts needed when the mean interval is below five seconds'),
    inside_beats: option(13, '', 'contacts needed within connections kept open, when they are very regular'),
    inside_spread: option(0.2, '', 'spread of their intervals, at most'),
    inside_jittery_beats: option(40, '', 'contacts needed within connections kept open, when they are less regular'),
    size: option(100_000, 'B', 'more than this a contact, both ways, is a transfer in pieces or a stream'),
  },
  run(context, options) {
    const findings: Finding[] = []
    const expected = new Map<string, PeriodicContact[]>()
    for (const beating of periodicContacts(context, options)) {
      const reason = reasonOf(context, beating)
      if (reason === null) findings.push(describe(context, beating, options))
      else append(expected, reason, beating)
    }
    for (const [reason, alike] of expected) findings.push(describeExpected(context, reason, alike))
    return findings
  },
})

/** Why the periodic contact is normal, or null. */
function reasonOf({ flows, names }: Context, { flows: ids, name, isInside, beatBytes }: PeriodicContact): string | null {
  const [flow] = ids
  const reason = expectedReason(names.ofFlow(flow).application, name, flows.serverPort(flow))
  return reason ?? (isInside && beatBytes < KEEP_ALIVE_BYTES ? 'keep-alive of a connection' : null)
}

function describe(context: Context, beating: PeriodicContact, options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const { client, name, rhythm, isInside, isUnanswered, flows: ids } = beating
  const { beatsUs } = rhythm
  const servers = flows.servers(ids)
  const ports = flows.serverPorts(ids).sort((a, b) => a - b)
  const server = servers[0]
  const who = name ?? hosts.ip(server)
  const firstUs = beatsUs[0]
  const lastUs = beatsUs[beatsUs.length - 1]
  const times = Array.from(ids, (flow) => Math.floor(flows.startUs(flow) / 1e6)).sort((a, b) => a - b)
  const sizes = Array.from(ids, (flow) => flows.clientBytes(flow))
  const score = ritaScore(times, sizes, Math.floor(context.firstUs / 1e6), Math.floor(context.lastUs / 1e6))
  const isJittery = rhythm.spread > options.spread
  return {
    ...gravity(context, server, isUnanswered),
    title: `${hosts.ip(client)} ${isUnanswered ? 'tried to reach' : 'contacted'} ${who}${
      name === null
        ? ''
        : ` (${list(
            servers.map((host) => hosts.ip(host)),
            2,
          )})`
    } port ${list(ports, 3)} every ${span(rhythm.medianUs)}, ${plural(beatsUs.length, 'time')} in ${span(lastUs - firstUs)}${isInside ? ', within connections kept open' : ''}${isUnanswered ? ', without an answer' : ''}.`,
    nextStep: `Find the program on ${hosts.ip(client)} that talks to ${who}, and since when; a timer that nobody knows of is a reason to look closer.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    observed: [
      measured('contacts', beatsUs.length, isJittery ? options.jittery_beats : options.beats),
      measured('spread of the intervals', Number(rhythm.spread.toFixed(3)), isJittery ? options.jittery_spread : options.spread),
      measured('intervals near the median', Math.round(rhythm.near * 100), isJittery ? options.near : null, '%'),
      measured('mean interval', Number((rhythm.meanUs / 1e6).toPrecision(4)), options.interval, 's'),
      fact('missed beats', rhythm.missed),
      fact('sent each time', bytes(beating.beatBytes)),
      fact('RITA score', score ?? 'too few connections'),
    ],
    picture: histogram(rhythm),
    flows: FlowSample.of(ids),
    ports,
    names: name === null ? [] : [name],
  }
}

function gravity({ hosts }: Context, server: number, isUnanswered: boolean): { severity: Severity; severityReason: string } {
  if (isUnanswered)
    return { severity: 'low', severityReason: 'Nobody answers: a service that is gone, or a control server that was taken down.' }
  if (hosts.isLocal(server)) {
    return { severity: 'low', severityReason: 'Both ends are inside, where monitors and clients poll servers all day.' }
  }
  return { severity: 'medium', severityReason: 'A rhythm to the outside that is not known as a service that keeps one.' }
}

/** Chart of the intervals, with their median. */
function histogram({ gapsUs, medianUs }: Periodicity): EvidenceChart {
  const width = (2 * medianUs) / BARS
  const counts: number[] = new Array(BARS + 1).fill(0)
  for (const gap of gapsUs) counts[Math.min(BARS, Math.floor(gap / width))]++
  return {
    kind: 'bars',
    x: { label: 'Interval', unit: 's' },
    y: { label: 'How often', unit: '' },
    points: counts.map((count, i): [number, number] => [Number(((i * width) / 1e6).toPrecision(4)), count]),
    threshold: { axis: 'x', value: Number((medianUs / 1e6).toPrecision(4)), label: `median ${span(medianUs)}` },
    caption: `Each bar is ${span(width)} wide; the last one holds all longer intervals. Random contacts would spread over the whole width.`,
  }
}

function describeExpected(context: Context, reason: string, alike: PeriodicContact[]): Finding {
  const { flows, hosts } = context
  const ids = alike.flatMap((beating) => [...beating.flows])
  const clients = [...new Set(alike.map(({ client }) => client))]
  const servers = flows.servers(ids)
  const peers = [...new Set(alike.map(({ name, flows: own }) => name ?? hosts.ip(flows.server(own[0]))))]
  const medians = alike.map(({ rhythm }) => rhythm.medianUs).sort((a, b) => a - b)
  const [shortest, longest] = [span(medians[0]), span(medians.at(-1)!)]
  const between = shortest === longest ? `every ${shortest}` : `every ${shortest} to ${longest}`
  const who = clients.map((client) => hosts.ip(client))
  return {
    severity: 'info',
    severityReason: 'Periodic by design.',
    title: `Expected rhythm, ${reason}: ${list(who, MAX_NAMED_HOSTS)} and ${list(peers, MAX_NAMED_HOSTS)}, ${between}.`,
    nextStep: 'Nothing, unless this service is not used here.',
    firstUs: alike.reduce((us, { rhythm }) => Math.min(us, rhythm.beatsUs[0]), Number.POSITIVE_INFINITY),
    lastUs: alike.reduce((us, { rhythm }) => Math.max(us, rhythm.beatsUs.at(-1)!), 0),
    source: clients.length === 1 ? clients[0] : null,
    target: onlyOne(servers),
    observed: [fact('pairs with this rhythm', alike.length)],
    picture: alike.length === 1 ? histogram(alike[0].rhythm) : null,
    flows: FlowSample.of(ids),
    ports: flows.serverPorts(ids),
    names: peers,
  }
}
