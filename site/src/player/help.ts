// The `?` sheet: opened by key or button, closed by Escape, its button or a press beside it.
import { byId } from './dom.ts'

/** Whether a key press belongs to what is typed into, to a dialog or to the browser, and not to the page. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  return (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    document.querySelector('dialog[open]') !== null ||
    target.closest('input:not([type=range], [type=radio], [type=checkbox]), select, textarea') !== null
  )
}

export function startHelp(): void {
  const sheet = byId<HTMLDialogElement>('help')
  byId('show-help').addEventListener('click', () => sheet.showModal())
  document.addEventListener('keydown', (event) => {
    if (event.key !== '?' || isTaken(event)) return
    event.preventDefault()
    sheet.showModal()
  })
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet) sheet.close()
  })
}
