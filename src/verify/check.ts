// The results of a verification: one line of text for each check. Control characters from the database or the network are made printable.
import { formatPlural, toPrintable } from '../report/figures.ts'

export interface Check {
  /** What was checked: "database", or the file name of a capture. */
  about: string
  subject: string
  outcome: 'agrees' | 'differs' | 'not checked'
  /** The equal value, the two different values, or the reason why it was not checked. */
  detail: string
}

export const agrees = (about: string, subject: string, detail = ''): Check => ({ about, subject, outcome: 'agrees', detail })
export const differs = (about: string, subject: string, detail: string): Check => ({ about, subject, outcome: 'differs', detail })
export const notChecked = (about: string, subject: string, detail: string): Check => ({ about, subject, outcome: 'not checked', detail })

/** Longest detail that is printed, UTF-16 units, because a hostile database may have any text. */
const MAX_DETAIL = 600
const MAX_SUBJECT = 200

/** "capture.pcap: packets: agrees (1,234)"; one line for each check, without line feed. */
export function formatCheck({ about, subject, outcome, detail }: Check): string {
  const text = shorten(toPrintable(detail), MAX_DETAIL)
  const head = `${shorten(toPrintable(about), 80)}: ${shorten(toPrintable(subject), MAX_SUBJECT)}`
  if (outcome === 'agrees') return text === '' ? `${head}: agrees` : `${head}: agrees (${text})`
  return `${head}: ${outcome === 'differs' ? 'DIFFERS' : 'not checked'}: ${text}`
}

/** The last line: the result of all checks. */
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

/** Whether no check differs. */
export function allAgree(checks: Check[]): boolean {
  return checks.every(({ outcome }) => outcome !== 'differs')
}

function shorten(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
