// Where the statement is written: a plain text field at once, the editor in its place as soon as its script is there.

import { replaceField } from '../../editor/replace-field.ts'
import type { StatementInput } from '../../editor/sql-editor.ts'
import { plainInput } from '../../editor/text-input.ts'
import { make } from '../../ui/dom.ts'

const LABEL = 'SQL statement'

export async function startStatementInput(
  place: HTMLElement,
  text: string,
  run: () => void,
  use: (input: StatementInput) => void,
): Promise<void> {
  const field = make('textarea')
  Object.assign(field, { spellcheck: false, autocapitalize: 'off', rows: 8, value: text })
  field.setSelectionRange(0, 0) // its beginning is shown
  field.setAttribute('aria-label', LABEL)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    run()
  })
  place.append(field)
  use(
    Object.assign(plainInput(field), {
      insert: (text: string) => field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end'),
      setTables() {},
    }),
  )
  const editor = await replaceField(field, place, (module, root, text) => module.createSqlEditor(root, text, LABEL, run))
  if (editor) use(editor)
}
