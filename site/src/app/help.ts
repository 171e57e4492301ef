// The `?` sheet: opened by key or button, closed by Escape, its button or a press beside it.
import { isTaken } from '../session/keys.ts'
import { byId } from '../ui/dom.ts'

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
