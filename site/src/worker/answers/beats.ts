// A finding of the rule beacon -> its beats: when its conversations began, or, within connections kept open, when packets came after a silence.
import { SAME_BEAT_US } from '../../../../src/detect/methods/periodicity.ts'
import { SILENCE_US } from '../../../../src/flows/idle-resumptions.ts'
import type { AlertRow } from '../../protocol/answers.ts'
import { packetColumns } from '../data/packet-rows.ts'
import type { OpenReport } from '../data/report-state.ts'

export interface Beat {
  us: number
  flow: number
}

/** Ascending by time, and how many the finding counted. @param flows its conversations */
export function beatsOf(
  open: OpenReport,
  { firstUs, lastUs, evidence }: AlertRow,
  flows: ArrayLike<number>,
): { beats: Beat[]; counted: number } {
  const { details } = open.rows
  const counted = contactsOf(evidence)
  const starts = Array.from(flows, (flow): Beat => ({ us: details.firstUs[flow], flow }))
  const within = (beats: Beat[]) => joined(beats.filter(({ us }) => us >= firstUs && us <= lastUs))
  // More contacts than conversations: most are within them. Only the packets that the report keeps are known.
  return { beats: within(counted > starts.length ? [...starts, ...resumptions(open, flows)] : starts), counted }
}

function joined(beats: Beat[]): Beat[] {
  const found: Beat[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const beat of beats.sort((a, b) => a.us - b.us || a.flow - b.flow)) {
    if (beat.us - last < SAME_BEAT_US) continue
    last = beat.us
    found.push(beat)
  }
  return found
}

function resumptions(open: OpenReport, flows: ArrayLike<number>): Beat[] {
  const packets = packetColumns(open)
  const lastUs = new Map(Array.from(flows, (flow) => [flow, Number.POSITIVE_INFINITY]))
  const found: Beat[] = []
  for (let row = 0; row < packets.count; row++) {
    const flow = packets.flow[row]
    const before = lastUs.get(flow)
    if (before === undefined) continue
    const us = packets.atUs[row]
    if (us - before >= SILENCE_US) found.push({ us, flow })
    lastUs.set(flow, us)
  }
  return found
}

/** The figure "contacts" of the evidence; 0 where it is not there. */
function contactsOf(evidence: string): number {
  try {
    const { observed } = JSON.parse(evidence) as { observed?: { name?: unknown; value?: unknown }[] }
    const value = Array.isArray(observed) ? observed.find(({ name }) => name === 'contacts')?.value : 0
    return typeof value === 'number' ? value : 0
  } catch {
    return 0
  }
}
