// The `?` sheet: opened by key or button, closed by Escape, its button or a press beside it.
import { byId } from './dom.ts'

/** Whether a key press belongs to what is typed into. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  return (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    target.closest('input:not([type=range], [type=radio], [type=checkbox]), select, textarea') !== null
  )
}

export function startHelp(): void {
  const sheet = byId<HTMLDialogElement>('help')
  byId('show-help').addEventListener('click', () => sheet.showModal())
  document.addEventListener('keydown', (event) => {
    if (event.key !== '?' || isTyping(event) || sheet.open) return
    event.preventDefault()
    sheet.showModal()
  })
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet) sheet.close()
  })
}
