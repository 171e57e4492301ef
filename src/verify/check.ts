// What a verification says: one check a line, in words; nothing from the database or the network can move a terminal's cursor.
import { formatPlural, toPrintable } from '../report/figures.ts'

export interface Check {
  /** What was looked at: "database", or a capture's file name. */
  about: string
  subject: string
  outcome: 'agrees' | 'differs' | 'not checked'
  /** The value that agrees, both values that do not, or why it was not checked. */
  detail: string
}

export const agrees = (about: string, subject: string, detail = ''): Check => ({ about, subject, outcome: 'agrees', detail })
export const differs = (about: string, subject: string, detail: string): Check => ({ about, subject, outcome: 'differs', detail })
export const notChecked = (about: string, subject: string, detail: string): Check => ({ about, subject, outcome: 'not checked', detail })

/** Longest detail printed, in UTF-16 units: a hostile database may hold any text. */
const MAX_DETAIL = 600
const MAX_SUBJECT = 200

/** "capture.pcap: packets: agrees (1,234)"; one line each, without the line's end. */
export function formatCheck({ about, subject, outcome, detail }: Check): string {
  const text = shorten(toPrintable(detail), MAX_DETAIL)
  const head = `${shorten(toPrintable(about), 80)}: ${shorten(toPrintable(subject), MAX_SUBJECT)}`
  if (outcome === 'agrees') return text === '' ? `${head}: agrees` : `${head}: agrees (${text})`
  return `${head}: ${outcome === 'differs' ? 'DIFFERS' : 'not checked'}: ${text}`
}

/** The last line: what all of it comes to. */
export function conclusion(checks: Check[]): string {
  const count = (outcome: Check['outcome']) => checks.filter((check) => check.outcome === outcome).length
  const differing = count('differs')
  const open = count('not checked')
  const result =
    differing === 0
      ? `All that could be checked agrees (${formatPlural(count('agrees'), 'check')})`
      : `${formatPlural(differing, 'check')} of ${checks.length} ${differing === 1 ? 'DIFFERS' : 'DIFFER'}`
  return open === 0 ? `${result}.` : `${result}; ${formatPlural(open, 'thing')} could not be checked: see "not checked" above.`
}

/** True unless something differs. */
export function allAgree(checks: Check[]): boolean {
  return checks.every(({ outcome }) => outcome !== 'differs')
}

function shorten(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
