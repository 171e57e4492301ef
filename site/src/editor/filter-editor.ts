// The filter's editor: one line that completes fields and values and marks what is wrong.
import { acceptCompletion, closeCompletion, startCompletion } from '@codemirror/autocomplete'
import { StreamLanguage } from '@codemirror/language'
import { EditorState, type Extension, StateEffect, StateField, Transaction } from '@codemirror/state'
import { Decoration, EditorView, keymap, placeholder } from '@codemirror/view'
import { filterParser } from './filter-colours.ts'
import { completeFilter, renderFlows, type SuggestValues } from './filter-completion.ts'
import { createView, inputOf } from './setup.ts'
import type { TextInput } from './text-input.ts'

interface Range {
  start: number
  end: number
}

export interface FilterInput extends TextInput {
  /** What is wrong, until the text changes; null: nothing. */
  mark(wrong: Range | null): void
  /** Opens the list that completes. */
  suggest(): void
}

export interface FilterEditorOptions {
  placeholder: string
  /** The element that describes what passes or what is wrong. */
  note: Element
  suggestValues: SuggestValues
  /** The reader has changed the text. */
  changed(): void
  /** Enter, or a value was chosen from the list. */
  apply(): void
  /** Escape, when no list is open. */
  leave(): void
}

const THEME = EditorView.theme({
  '.cm-scroller': { font: '13.5px / var(--filter-height) var(--mono)', scrollbarWidth: 'none' },
  '.cm-content': { padding: '0' },
  '.cm-line': { padding: '0' },
  '.wrong': {
    textDecoration: 'underline wavy light-dark(#c4002b, #ff6b84) 1.5px',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete': { marginTop: '12px' }, // below the filter's frame
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    minWidth: 'min(340px, 90vw)',
    maxWidth: 'min(620px, 94vw)',
    maxHeight: 'min(420px, 55vh)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', alignItems: 'baseline', gap: '10px', padding: '4px 9px' },
  '.cm-completionLabel': { flex: 'none', maxWidth: '70%', overflow: 'hidden', textOverflow: 'ellipsis', unicodeBidi: 'isolate' },
  '.cm-completionDetail': {
    flex: '1',
    minWidth: '0',
    margin: '0',
    font: '12.5px system-ui, sans-serif',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    unicodeBidi: 'isolate',
  },
  '.flows': { flex: 'none', font: '500 12px system-ui, sans-serif', opacity: '0.8' },
})

const setWrong = StateEffect.define<Range | null>()

const wrongRange = StateField.define<Range | null>({
  create: () => null,
  update: (wrong, { docChanged, effects }) => {
    const set = effects.find((effect) => effect.is(setWrong))
    return set ? set.value : docChanged ? null : wrong
  },
  provide: (field) => [
    EditorView.decorations.compute([field, 'doc'], (state) => {
      const wrong = state.field(field)
      const { length } = state.doc
      if (!wrong || length === 0) return Decoration.none
      // What is missing at the end has its mark at the last letter.
      const from = Math.min(wrong.start, length - 1)
      return Decoration.set(Decoration.mark({ class: 'wrong' }).range(from, Math.min(length, Math.max(wrong.end, from + 1))))
    }),
    EditorView.contentAttributes.compute([field], (state) => ({ 'aria-invalid': String(state.field(field) !== null) })),
  ],
})

/** Lines that are pasted or dropped become one. */
const ONE_LINE: Extension = EditorState.transactionFilter.of((transaction) => {
  const { newDoc, newSelection, startState } = transaction
  if (newDoc.lines === 1) return transaction
  const joined = (to: number) => newDoc.sliceString(0, to).replace(/\s*\n\s*/g, ' ')
  return {
    changes: { from: 0, to: startState.doc.length, insert: joined(newDoc.length) },
    selection: { anchor: joined(newSelection.main.head).length },
    scrollIntoView: true,
    annotations: Transaction.userEvent.of('input.paste'),
  }
})

export function createFilterEditor(root: ShadowRoot, text: string, options: FilterEditorOptions): FilterInput {
  const apply = (view: EditorView) => {
    closeCompletion(view)
    options.apply()
    return true
  }
  const leave = (view: EditorView) => {
    options.leave()
    view.contentDOM.blur()
    return true
  }
  const source = completeFilter(options.suggestValues, options.apply)
  // The list's own keys come before these.
  const own: Extension = [
    keymap.of([
      { key: 'Enter', run: apply, shift: apply },
      { key: 'Mod-Enter', run: apply },
      { key: 'Tab', run: acceptCompletion },
      { key: 'Escape', run: leave },
      { key: 'ArrowDown', run: startCompletion },
    ]),
    placeholder(options.placeholder),
    StreamLanguage.define(filterParser),
    wrongRange,
    ONE_LINE,
    EditorView.contentAttributes.of({
      'aria-label': 'Filter',
      'aria-multiline': 'false',
      'aria-keyshortcuts': 'f /',
      enterkeyhint: 'search',
      tabindex: '0',
    }),
    EditorView.domEventHandlers({ click: (_, view) => void startCompletion(view) }),
    EditorView.updateListener.of(({ transactions }) => {
      if (transactions.some((one) => one.docChanged && one.annotation(Transaction.userEvent) !== undefined)) options.changed()
    }),
    THEME,
  ]
  // Nothing is chosen when the list opens, so that Enter applies what is written.
  const completion = { override: [source], selectOnOpen: false, interactionDelay: 0, addToOptions: [{ render: renderFlows, position: 90 }] }
  const view = createView(root, text, completion, own)
  view.contentDOM.ariaDescribedByElements = [options.note]
  return Object.assign(inputOf(view), {
    mark: (wrong: Range | null) => view.dispatch({ effects: setWrong.of(wrong) }),
    suggest: () => void startCompletion(view),
  })
}
