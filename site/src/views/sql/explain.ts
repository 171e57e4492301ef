// SQLite's error messages -> messages that say what to change.
import type { ConsoleTable } from '../../protocol/console-result.ts'

/** The error in words; for an unknown table or column also the closest name that exists. */
export function explainError(message: string, tables: ConsoleTable[]): string {
  const missingTable = /^no such table: (\S+)/.exec(message)
  if (missingTable)
    return `There is no table “${missingTable[1]}”.${suggest(
      missingTable[1],
      tables.map(({ name }) => name),
    )}`
  const missingColumn = /^no such column: (\S+)/.exec(message)
  if (missingColumn) {
    const column = missingColumn[1].split('.').at(-1)!
    const names = tables.flatMap(({ columns }) => columns.map(({ name }) => name))
    return `There is no column “${missingColumn[1]}” here.${suggest(column, names)} Texts must be in single quotes: '${column.replaceAll('"', '')}'.`
  }
  const near = /^near "(.*)": syntax error$/.exec(message)
  if (near) return `SQLite does not understand this query; the error is at “${near[1]}”.`
  if (message === 'incomplete input') return 'The statement is not complete: something is missing at its end.'
  if (/readonly database|query_only/.test(message)) return 'The console only reads: the report stays as it was analysed.'
  const missingFunction = /^no such function: (\S+)/.exec(message)
  if (missingFunction) return `SQLite has no function “${missingFunction[1]}”.`
  if (/out of memory/.test(message)) return 'The query needs more memory than the page can use. Select less, e.g. with LIMIT or WHERE.'
  return `Error from SQLite: ${message}.`
}

function suggest(name: string, names: string[]): string {
  const wanted = name.toLowerCase().replaceAll('"', '')
  const [best] = [...new Set(names)].map((known) => ({ known, away: distance(wanted, known) })).sort((a, b) => a.away - b.away)
  return best && best.away <= Math.max(1, Math.floor(wanted.length / 3)) ? ` Did you mean “${best.known}”?` : ''
}

/** The Levenshtein distance of two texts. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = above[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(change, above[column] + 1, current[column - 1] + 1))
    }
    above = current
  }
  return above[b.length]
}
