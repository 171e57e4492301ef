// The schema as the editor's completion knows it, with the comments of the declarations.
import type { Completion, CompletionSource } from '@codemirror/autocomplete'
import type { SQLNamespace } from '@codemirror/lang-sql'
import type { ConsoleTable } from '../protocol/console-result.ts'

/** Tables, and columns after a table's name or alias and a dot. */
export function namespaceOf(tables: ConsoleTable[]): SQLNamespace {
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      { self: { label: table.name, type: 'type', detail: table.rows === null ? 'view' : 'table' }, children: columnsOf(table) },
    ]),
  )
}

/** Columns without a dot: those of the tables that the statement names. */
export function suggestColumns(tables: ConsoleTable[]): CompletionSource {
  const known = tables.map((table) => ({ pattern: new RegExp(`\\b${table.name}\\b`, 'i'), columns: columnsOf(table) }))
  return (context) => {
    const word = context.matchBefore(/\w+/)
    if (!word && !context.explicit) return null
    const from = word?.from ?? context.pos
    if (context.state.sliceDoc(from - 1, from) === '.') return null
    const text = context.state.doc.toString()
    const options = new Map<string, Completion>()
    for (const { pattern, columns } of known)
      if (pattern.test(text)) for (const column of columns) if (!options.has(column.label)) options.set(column.label, column)
    return { from, options: [...options.values()], validFor: /^\w*$/ }
  }
}

function columnsOf({ columns }: ConsoleTable): Completion[] {
  return columns.map(({ name, type, about }) => ({
    label: name,
    type: 'property',
    detail: type.toLowerCase(),
    ...(about ? { info: about } : {}),
    boost: 1,
  }))
}
