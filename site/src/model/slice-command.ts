// Filter and span, a finding, or a flow -> the choice of their packets, and the command that saves them.
import type { Choice } from '../../../src/slice/select.ts'
import type { TimeSpan } from './selection.ts'

/** Of what passes. @param firstUs of the report: `span` is relative to it */
export function choiceOf(filterText: string, span: TimeSpan | null, firstUs: number): Choice {
  const choice: Choice = { alerts: [], flows: [] }
  if (filterText !== '') choice.filter = filterText
  if (span !== null)
    Object.assign(choice, { from: formatUtc(firstUs + Math.round(span.fromUs)), to: formatUtc(firstUs + Math.round(span.toUs)) })
  else if (filterText === '') choice.from = '0s'
  return choice
}

/** To run in the report's folder. */
export function sliceCommand({ filter, alerts, flows, from, to }: Choice): string {
  const words = ['rtnvis slice . -o packets.pcapng']
  if (filter !== undefined) words.push('--filter', quoteShell(filter))
  for (const id of alerts) words.push('--alert', String(id))
  for (const id of flows) words.push('--flow', String(id))
  if (from !== undefined) words.push('--from', from)
  if (to !== undefined) words.push('--to', to)
  return words.join(' ')
}

/** Quotes any text as one word of a POSIX shell. */
function quoteShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function formatUtc(us: number): string {
  const seconds = Math.floor(us / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, '0')}Z`
}
