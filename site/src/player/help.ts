// The `?` sheet: opened by key or button, closed by Escape, its button or a press beside it.
import { byId } from './dom.ts'
import { isTaken } from './keys.ts'

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
