// The filter's input, and its editor once it is used: passes on what is typed, shows its errors and how much passes.
import type { FilterInput } from '../editor/filter-editor.ts'
import { replaceField } from '../editor/replace-field.ts'
import { plainInput } from '../editor/text-input.ts'
import { choiceOf } from '../model/slice-command.ts'
import { makeSaveButton } from '../packets/save-dialog.ts'
import type { ReportClient } from '../protocol/client.ts'
import { isTaken } from '../session/keys.ts'
import type { Session } from '../session/session.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatBytes, formatCounted } from '../ui/format.ts'
import { startCopyMenu } from './copy-menu.ts'

/** Milliseconds without typing before the filter is applied. */
const PAUSE_MS = 250

/** `camera`: where it stands, for links; `firstUs`: the report's first packet. Returns a function that sets the filter's text, as if the reader had typed it. */
export function startFilterBar(
  session: Session,
  client: ReportClient,
  camera: () => string,
  firstUs: () => number,
): (text: string) => void {
  const form = byId<HTMLFormElement>('filter')
  const field = byId<HTMLInputElement>('filter-text')
  const note = byId('filter-note')
  const clear = byId<HTMLButtonElement>('filter-clear')
  let input: FilterInput = Object.assign(plainInput(field), {
    mark: (wrong: object | null) => field.setAttribute('aria-invalid', String(wrong !== null)),
    suggest() {},
  })
  let timer = 0

  const tell = (text: string, isWrong = false) => {
    note.textContent = text
    form.dataset.wrong = String(isWrong)
  }
  const take = () => {
    clearTimeout(timer)
    const error = session.filterBy(input.text)
    input.mark(error)
    if (error) tell(error.message, true)
    else if (form.dataset.wrong === 'true') tell('')
    return error
  }
  const setText = (text: string) => {
    input.text = text
    clear.hidden = text === ''
  }
  const changed = () => {
    clear.hidden = input.text === ''
    clearTimeout(timer)
    timer = window.setTimeout(take, PAUSE_MS)
  }
  const leave = () => {
    if (input.text !== session.state.filterText) take()
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const error = take()
    if (!error) return
    input.selection = error
    announce(error.message)
  })
  field.addEventListener('input', changed)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    leave()
    field.blur()
  })
  const loadEditor = async () => {
    let isUsed = false
    for (const event of ['click', 'input'])
      field.addEventListener(event, () => {
        isUsed = true
      })
    const editor = await replaceField(field, byId('filter-field'), ({ createFilterEditor }, root, text) =>
      createFilterEditor(root, text, {
        placeholder: field.placeholder,
        note,
        suggestValues: (question, signal) => client.ask('complete', question, signal),
        changed,
        apply: () => form.requestSubmit(),
        leave,
      }),
    )
    if (!editor) return
    input = editor
    if (form.dataset.wrong === 'true') take()
    if (isUsed) editor.suggest()
  }
  if (document.activeElement === field) void loadEditor()
  else field.addEventListener('focus', () => void loadEditor(), { once: true })
  startCopyMenu(session, client, camera)
  const save = makeSaveButton(client, () => choiceOf(session.state.filterText, session.state.span, firstUs()))
  save.id = 'filter-save'
  form.append(save)
  clear.addEventListener('click', () => {
    setText('')
    take()
    input.focus()
  })
  document.addEventListener('keydown', (event) => {
    if ((event.key !== 'f' && event.key !== '/') || isTaken(event)) return
    event.preventDefault()
    input.focus()
    input.selection = { start: 0, end: input.text.length }
  })
  session.subscribe(
    ({ filterText }) => {
      if (input.text.trim() !== filterText) setText(filterText)
      clear.hidden = input.text === ''
      input.mark(null)
      tell('')
    },
    ['filterText'],
  )
  session.subscribe(
    ({ matching, filterText, span }) => {
      if (!matching || matching.filterText !== filterText || form.dataset.wrong === 'true') return
      const { flows, bytes } = matching.total
      const where = span ? ' in the span' : ''
      const isAll = filterText === '' && !span
      tell(isAll ? '' : flows === 0 ? `No flow passes${where}` : `${formatCounted(flows, 'flow')} · ${formatBytes(bytes)}${where}`)
      if (!isAll) announce(`Filter: ${note.textContent}`)
    },
    ['matching'],
  )
  return (text) => {
    setText(text)
    take()
  }
}
