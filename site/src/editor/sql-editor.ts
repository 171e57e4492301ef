// The SQL console's editor: many lines, colours and completion by the schema.
import { closeCompletion } from '@codemirror/autocomplete'
import { SQLite, sql } from '@codemirror/lang-sql'
import { Compartment } from '@codemirror/state'
import { EditorView, keymap, lineNumbers, tooltips } from '@codemirror/view'
import type { ConsoleTable } from '../protocol/console-result.ts'
import { namespaceOf, suggestColumns } from './schema-completion.ts'
import { createView, inputOf } from './setup.ts'
import type { TextInput } from './text-input.ts'

export interface StatementInput extends TextInput {
  /** Replaces what is selected. */
  insert(text: string): void
  /** For completion. */
  setTables(tables: ConsoleTable[]): void
}

const THEME = EditorView.theme({
  '&': { height: '100%' },
  '.cm-scroller': { font: '13px / 1.5 var(--mono)', scrollbarWidth: 'thin', scrollbarColor: 'var(--line) transparent' },
  '.cm-content': { padding: '10px 12px 10px 6px' },
  '.cm-gutters': { background: 'transparent', color: 'var(--quiet)', border: '0' },
})

/** The list stays within the editor's width: beside it, the sidebar lies over what is in this view. */
function editorsWidth({ dom }: EditorView) {
  const { left, right } = dom.getBoundingClientRect()
  return { left, right, top: 0, bottom: innerHeight }
}

export function createSqlEditor(root: ShadowRoot, text: string, label: string, run: () => void): StatementInput {
  const language = new Compartment()
  const languageOf = (tables: ConsoleTable[]) => [
    sql({ dialect: SQLite, schema: namespaceOf(tables), upperCaseKeywords: true }),
    SQLite.language.data.of({ autocomplete: suggestColumns(tables) }),
  ]
  const runStatement = (view: EditorView) => {
    closeCompletion(view) // its list would lie over the result and its buttons
    run()
    return true
  }
  const view = createView(root, text, {}, [
    // Before the usual keys, of which Ctrl+Enter adds a line. Tab leaves the editor.
    keymap.of([{ key: 'Mod-Enter', run: runStatement }]),
    lineNumbers(),
    EditorView.lineWrapping,
    tooltips({ tooltipSpace: editorsWidth }),
    EditorView.contentAttributes.of({ 'aria-label': label, autocapitalize: 'off', tabindex: '0' }),
    language.of(languageOf([])),
    THEME,
  ])
  return Object.assign(inputOf(view), {
    insert: (text: string) => view.dispatch(view.state.replaceSelection(text)),
    setTables: (tables: ConsoleTable[]) => view.dispatch({ effects: language.reconfigure(languageOf(tables)) }),
  })
}
