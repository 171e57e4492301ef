// The filter's input: passes on what is typed, shows its errors and how much passes.
import { choiceOf } from '../model/slice-command.ts'
import { makeSaveButton } from '../packets/save-dialog.ts'
import type { ReportClient } from '../protocol/client.ts'
import { isTaken } from '../session/keys.ts'
import type { Session } from '../session/session.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatBytes, formatCounted } from '../ui/format.ts'
import { startCopyMenu } from './copy-menu.ts'
import { startCompletion } from './filter-completion.ts'
import { startMarks } from './filter-marks.ts'

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
  const input = byId<HTMLInputElement>('filter-text')
  const note = byId('filter-note')
  const clear = byId<HTMLButtonElement>('filter-clear')
  const mark = startMarks(input)
  let timer = 0

  const tell = (text: string, isWrong = false) => {
    note.textContent = text
    form.dataset.wrong = String(isWrong)
    input.setAttribute('aria-invalid', String(isWrong))
  }
  const take = () => {
    clearTimeout(timer)
    const error = session.filterBy(input.value)
    mark(error ?? null)
    if (error) tell(error.message, true)
    else if (form.dataset.wrong === 'true') tell('')
    return error
  }
  input.addEventListener('input', () => {
    clear.hidden = input.value === ''
    clearTimeout(timer)
    timer = window.setTimeout(take, PAUSE_MS)
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const error = take()
    if (!error) return
    input.setSelectionRange(error.start, error.end)
    announce(error.message)
  })
  startCompletion(client, take)
  // Escape has closed the suggestions already, if there were any (filter-completion.ts).
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    if (input.value !== session.state.filterText) take()
    input.blur()
  })
  startCopyMenu(session, client, camera)
  const save = makeSaveButton(client, () => choiceOf(session.state.filterText, session.state.span, firstUs()))
  save.id = 'filter-save'
  form.append(save)
  clear.addEventListener('click', () => {
    input.value = ''
    take()
    input.focus()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'f' || isTaken(event)) return
    event.preventDefault()
    input.select()
  })
  session.subscribe(
    ({ filterText }) => {
      if (input.value.trim() !== filterText) input.value = filterText
      clear.hidden = input.value === ''
      mark(null)
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
    input.value = text
    clear.hidden = text === ''
    take()
  }
}
