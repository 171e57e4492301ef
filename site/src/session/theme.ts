// Dark or light: what the system asks for, until the reader chooses; the choice is kept on this device where that is allowed.
import { byId } from '../ui/dom.ts'
import type { Theme } from '../ui/palette.ts'

const KEY = 'rtnvis-theme'

/** Sets the theme and its button; `onChange` is called at every change, not at once. */
export function startTheme(onChange: (theme: Theme) => void): Theme {
  const wish = matchMedia('(prefers-color-scheme: light)')
  const current = (): Theme => readChoice() ?? (wish.matches ? 'light' : 'dark')
  const apply = () => {
    const theme = current()
    document.documentElement.dataset.theme = theme
    byId('theme').setAttribute('aria-label', theme === 'dark' ? 'Switch to light colours' : 'Switch to dark colours')
    return theme
  }
  wish.addEventListener('change', () => onChange(apply()))
  byId('theme').addEventListener('click', () => {
    keepChoice(current() === 'dark' ? 'light' : 'dark')
    onChange(apply())
  })
  return apply()
}

/** Without storage, the choice lasts as long as the page. */
let chosen: Theme | null = null

function readChoice(): Theme | null {
  if (chosen) return chosen
  try {
    const stored = localStorage.getItem(KEY)
    return stored === 'dark' || stored === 'light' ? stored : null
  } catch {
    return null
  }
}

function keepChoice(theme: Theme): void {
  chosen = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Refused by the browser's settings: `chosen` holds it.
  }
}
