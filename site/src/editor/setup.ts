// What all editors share: colours, history, matching parentheses, the list that completes, keys.
import { autocompletion } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightSpecialChars, keymap } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import type { TextInput } from './text-input.ts'

/** Colours are the page's custom properties, which reach into the shadow tree. */
const THEME = EditorView.theme({
  '&': { color: 'var(--text)', background: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-placeholder': { color: 'var(--quiet)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--bar)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--bar)', outline: '1px solid var(--accent)' },
  '.tok-keyword, .tok-operatorKeyword': { color: 'var(--link)', fontWeight: '600' },
  '.tok-propertyName': { color: 'var(--link)' },
  '.tok-operator': { color: 'var(--quiet)' },
  '.tok-string, .tok-string2, .tok-literal': { color: 'var(--local)' },
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
  '@media (forced-colors: active)': {
    '.cm-tooltip-autocomplete ul li[aria-selected]': { forcedColorAdjust: 'none', background: 'Highlight', color: 'HighlightText' },
  },
})

/** Chromium puts a span with a style where text takes the place of a selection, which the page's policy blocks and complains of. */
const replaceSelection = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, view) {
    if (inputType !== 'insertText' || data === null || view.composing || view.state.selection.main.empty) return false
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

/**
 * @param root a shadow tree: there CodeMirror's styles are constructed ones, which the page's policy allows
 * @param own what this editor has or does otherwise than others: its keys come first
 */
export function createView(root: ShadowRoot, text: string, completion: Parameters<typeof autocompletion>[0], own: Extension): EditorView {
  return new EditorView({
    root,
    parent: root,
    doc: text,
    extensions: [
      own,
      history(),
      drawSelection(),
      highlightSpecialChars(), // texts from packets may reorder what is read
      replaceSelection,
      bracketMatching(),
      syntaxHighlighting(classHighlighter),
      autocompletion({ icons: false, ...completion }),
      keymap.of([...historyKeymap, ...defaultKeymap]),
      THEME,
    ],
  })
}

export function inputOf(view: EditorView): TextInput {
  return {
    get text() {
      return view.state.doc.toString()
    },
    set text(text) {
      if (text === this.text) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: text.length } })
    },
    get selection() {
      const { from, to } = view.state.selection.main
      return { start: from, end: to }
    },
    set selection({ start, end }) {
      view.dispatch({ selection: { anchor: start, head: end }, scrollIntoView: true })
    },
    focus: () => view.focus(),
  }
}
