// The SQL console's editor (CodeMirror), a script of its own that is loaded when the console is first opened: colours, undo, completion from the schema.
import { autocompletion, closeCompletion, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { SQLite, sql } from '@codemirror/lang-sql'
import { bracketMatching, syntaxHighlighting } from '@codemirror/language'
import { Compartment } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import type { ConsoleTable } from '../../protocol/console-result.ts'
import { namespaceOf, suggestColumns } from './schema-completion.ts'

/** What writes a statement: this editor, or the text field before it. */
export interface StatementInput {
  text: string
  selection: { start: number; end: number }
  /** Replaces what is selected. */
  insert(text: string): void
  focus(): void
  /** For completion. */
  setTables(tables: ConsoleTable[]): void
}

/** Colours are the page's custom properties, which reach into the shadow tree. */
const THEME = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', background: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: '13px / 1.5 var(--mono)', scrollbarWidth: 'thin', scrollbarColor: 'var(--line) transparent' },
  '.cm-content': { caretColor: 'var(--text)', padding: '10px 12px 10px 6px' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { background: 'transparent', color: 'var(--quiet)', border: '0' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--bar)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--bar)', outline: '1px solid var(--accent)' },
  '.tok-keyword, .tok-operatorKeyword': { color: 'var(--link)', fontWeight: '600' },
  '.tok-string, .tok-string2': { color: 'var(--local)' },
  '.tok-comment': { color: 'var(--quiet)', fontStyle: 'italic' },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: '8px',
    background: 'var(--raised)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow)',
    zIndex: '30',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: '12.5px var(--mono)', maxHeight: '14em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected], .cm-tooltip-autocomplete-disabled ul li[aria-selected]': {
    background: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '0.8' },
  '.cm-completionInfo': { maxWidth: '300px', padding: '6px 9px', font: '13px / 1.4 system-ui, sans-serif' },
})

/** Chromium puts a span with a style where text takes the place of a selection, which the page's policy blocks and complains of. */
const replaceSelection = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, view) {
    if (inputType !== 'insertText' || data === null || view.composing || view.state.selection.main.empty) return false
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

/** @param root a shadow tree: there CodeMirror's styles are constructed ones, which the page's policy allows */
export function createEditor(root: ShadowRoot, text: string, label: string, run: () => void): StatementInput {
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
  const view = new EditorView({
    root,
    parent: root,
    doc: text,
    extensions: [
      // Before the usual keys, of which Ctrl+Enter adds a line. Tab leaves the editor.
      keymap.of([{ key: 'Mod-Enter', run: runStatement }]),
      lineNumbers(),
      history(),
      drawSelection(),
      replaceSelection,
      bracketMatching(),
      syntaxHighlighting(classHighlighter),
      autocompletion({ icons: false }),
      keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label, autocapitalize: 'off', tabindex: '0' }),
      language.of(languageOf([])),
      THEME,
    ],
  })
  return {
    get text() {
      return view.state.doc.toString()
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    get selection() {
      const { from, to } = view.state.selection.main
      return { start: from, end: to }
    },
    set selection({ start, end }) {
      view.dispatch({ selection: { anchor: start, head: end } })
    },
    insert(text) {
      view.dispatch(view.state.replaceSelection(text))
    },
    focus: () => view.focus(),
    setTables: (tables) => view.dispatch({ effects: language.reconfigure(languageOf(tables)) }),
  }
}
