// Sparks and pulses in words: for the legend, and for the tooltip of a place or a node.
import { type EffectFinding, type EffectMoment, type Effects, isBlurred } from '../../model/effects.ts'
import { formatCount, formatCounted, formatDuration } from '../../ui/format.ts'
import type { StoryEntry } from '../legend-stories.ts'

/** Findings named one by one. */
const MOST = 3

/** Entries of the legend for what the report has, whatever the filter. `rate`: see EffectMoment; 0 for a picture in which nothing moves. */
export function effectEntries({ has, findings }: Effects, rate: number): StoryEntry[] {
  const entries: StoryEntry[] = []
  if (has.scan)
    entries.push({
      name: '✦ ports tried',
      term: 'alert:port-scan,sweep',
      shows: `scans. Each spark is one port tried on one host: its angle around the place is the port number, by its logarithm: 0 at the top, then clockwise 15, 255 (at the bottom), 4,095; UDP is farther out.${listed(findings, 'scan', rate)}`,
    })
  if (has.ping)
    entries.push({
      name: '✦ hosts pinged',
      term: 'alert:sweep proto:icmp,icmpv6',
      shows: `sweeps of pings. Each spark is one host that was pinged: its angle around the place is its place in the order of the addresses, the lowest at the top, then clockwise.${listed(findings, 'ping', rate)}`,
    })
  if (has.beacon)
    entries.push({
      name: '◎ beats',
      term: 'alert:beacon',
      shows: `beacons. A ring around the far end for each contact, at its time.${listed(findings, 'beacon', rate)}`,
    })
  return entries
}

/** What the effects at a place or a node are; '' for none. `isHere`: whether a mark is there. */
export function describeEffects({ marks, findings, isWhole }: Effects, isHere: (mark: number) => boolean, { rate }: EffectMoment): string {
  const here = new Set<number>()
  for (let mark = 0; mark < marks.count; mark++) if (!here.has(marks.finding[mark]) && isHere(mark)) here.add(marks.finding[mark])
  const found = [...here].sort((a, b) => a - b)
  const more = found.length > MOST ? ` · ${formatCounted(found.length - MOST, 'more finding')}` : ''
  return found.length === 0
    ? ''
    : found
        .slice(0, MOST)
        .map((index) => describe(findings[index], isWhole ? 0 : rate))
        .join(' · ') + more
}

function listed(findings: EffectFinding[], kind: EffectFinding['kind'], rate: number): string {
  const own = findings.filter((finding) => finding.kind === kind).sort((a, b) => b.total - a.total || a.id - b.id)
  if (own.length === 0) return ''
  const more = own.length > MOST ? `; and ${formatCount(own.length - MOST)} more` : ''
  return ` ${own
    .slice(0, MOST)
    .map((finding) => describe(finding, rate))
    .join('; ')}${more}`
}

/** "760 ports of 171.231.85.118 in this scan by 10.0.0.5". */
function describe(finding: EffectFinding, rate: number): string {
  const { kind, ports, hosts, source, target, range, total, drawn, periodSeconds } = finding
  const cut = drawn < total && kind !== 'beacon' ? `, ${formatCount(drawn)} of ${formatCount(total)} sparks drawn` : ''
  if (kind === 'scan')
    return `${formatCounted(ports, 'port')} ${target ? `of ${target}` : `on ${formatCounted(hosts, 'host')}`} in this scan${source ? ` by ${source}` : ''}${cut}`
  if (kind === 'ping')
    return `${formatCounted(hosts, 'host')} pinged${range ? ` (${range.join(' to ')})` : ''} in this sweep${source ? ` by ${source}` : ''}${cut}`
  const ends = source && target ? `${source} → ${target}: ` : ''
  const steady = rate > 0 && isBlurred(periodSeconds, rate) ? `; every ${seconds(periodSeconds / rate)} at this speed: drawn steady` : ''
  return `${ends}a beat every ${seconds(periodSeconds)}, ${beatsIn(finding)}${steady}`
}

/** "16 beats"; where the report has not all that the finding counted, of how many. */
function beatsIn({ total, known, counted }: EffectFinding): string {
  if (known >= counted) return formatCounted(total, 'beat')
  return `${total < known ? `${formatCount(total)} of ` : ''}the first ${formatCount(known)} of ${formatCount(counted)} beats`
}

const seconds = (value: number) => formatDuration(value * 1e6)
