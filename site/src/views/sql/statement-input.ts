// Where the statement is written: a plain text field at once, the editor in its place as soon as its script is there.

import { make } from '../../ui/dom.ts'
import { loadScript } from '../../ui/load-script.ts'
import type { StatementInput } from './editor.ts'

const LABEL = 'SQL statement'

/** Without the script (a folder copied in part) the text field stays. */
export async function startStatementInput(
  place: HTMLElement,
  text: string,
  run: () => void,
  use: (input: StatementInput) => void,
): Promise<void> {
  const field = make('textarea')
  Object.assign(field, { spellcheck: false, autocapitalize: 'off', rows: 8, value: text })
  field.setAttribute('aria-label', LABEL)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    run()
  })
  place.append(field)
  const plain = plainInput(field)
  use(plain)
  await loadScript('assets/editor.js').catch(() => {}) // the dev server has the module alone
  const module = await import('./editor.ts').catch(() => null)
  if (!module) return
  const isFocused = document.activeElement === field
  const editor = module.createEditor(place.attachShadow({ mode: 'open' }), plain.text, LABEL, run)
  editor.selection = plain.selection
  field.remove()
  place.dataset.typing = '' // keys belong to it (session/keys.ts)
  if (isFocused) editor.focus()
  use(editor)
}

function plainInput(field: HTMLTextAreaElement): StatementInput {
  return {
    get text() {
      return field.value
    },
    set text(text) {
      field.value = text
    },
    get selection() {
      return { start: field.selectionStart, end: field.selectionEnd }
    },
    set selection({ start, end }) {
      field.setSelectionRange(start, end)
    },
    insert: (text) => field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end'),
    focus: () => field.focus(),
    setTables() {},
  }
}
