// A menu at a position on the page (ARIA menu button pattern): arrow keys move, Escape and clicks outside close it.
import { make } from './dom.ts'

export interface MenuItem {
  label: string
  /** Shows a check mark; such an item leaves the menu open. */
  isChecked?: boolean
  /** Draws a line above this item. */
  isApart?: boolean
  run(): void
}

let close: (() => void) | null = null

/** Opens a menu and closes any other; when it closes, the focus returns to where it was. */
export function openMenu(label: string, items: MenuItem[], x: number, y: number): void {
  close?.()
  const opener = document.activeElement
  const menu = make('div', 'menu')
  menu.setAttribute('role', 'menu')
  menu.setAttribute('aria-label', label)
  const buttons = items.map((item) => {
    const button = make('button', item.isApart ? 'apart' : '', item.label)
    button.type = 'button'
    const isCheck = item.isChecked !== undefined
    button.setAttribute('role', isCheck ? 'menuitemcheckbox' : 'menuitem')
    if (isCheck) button.setAttribute('aria-checked', String(item.isChecked))
    button.tabIndex = -1
    button.addEventListener('click', () => {
      if (isCheck) button.setAttribute('aria-checked', String(button.getAttribute('aria-checked') !== 'true'))
      else close?.()
      item.run()
    })
    return button
  })
  menu.append(...buttons)
  document.body.append(menu)
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`
  menu.style.top = `${Math.max(8, y + menu.offsetHeight > innerHeight - 8 ? innerHeight - menu.offsetHeight - 8 : y)}px`
  const away = (event: Event) => {
    if (!menu.contains(event.target as Node)) close?.()
  }
  close = () => {
    close = null
    document.removeEventListener('pointerdown', away, true)
    menu.remove()
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
  }
  document.addEventListener('pointerdown', away, true)
  menu.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget as Node)) close?.()
  })
  menu.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1 + buttons.length, Home: 0, End: buttons.length - 1 }
    const to = moves[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') close?.()
    else if (to !== undefined) buttons[to % buttons.length].focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  menu.addEventListener('contextmenu', (event) => event.preventDefault())
  buttons[0]?.focus()
}

/** A button that opens a menu below it. */
export function makeMenuButton(label: string, items: () => MenuItem[]): HTMLButtonElement {
  const button = make('button', 'button small', label)
  button.type = 'button'
  button.setAttribute('aria-haspopup', 'menu')
  button.addEventListener('click', () => {
    const box = button.getBoundingClientRect()
    openMenu(label, items(), box.left, box.bottom + 4)
  })
  return button
}
