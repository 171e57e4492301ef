// A ranking as a list of buttons with bars, the same rows for mouse, keyboard and screen reader.
import { make } from '../ui/dom.ts'

export interface Bar {
  label: string
  detail: string
  /** A code before the label, such as a country code; "" for none. */
  code: string
  value: number
  text: string
  /** A CSS colour. */
  colour: string
  /** Tooltip that says how a press changes the filter; "" when the bar is no button. */
  hint: string
  isPressed: boolean
}

/** Replaces a list of bars by another one, or by the text of an empty list. The keyboard focus stays on the same row. */
export function replaceBars(body: HTMLElement, content: HTMLElement): void {
  const bars = [...body.querySelectorAll<HTMLElement>('button.bar')]
  const before = bars.find((bar) => bar === document.activeElement)
  const at = before ? bars.indexOf(before) : -1
  body.replaceChildren(content)
  if (!before) return
  const after = [...body.querySelectorAll<HTMLElement>('button.bar')]
  ;(after.find((bar) => bar.title === before.title) ?? after[Math.min(at, after.length - 1)])?.focus({ preventScroll: true })
}

export function makeBarList(bars: Bar[], press: (index: number) => void): HTMLOListElement {
  const list = make('ol', 'bar-list')
  const most = Math.max(...bars.map(({ value }) => value), 0)
  list.append(
    ...bars.map(({ label, detail, code, value, text, colour, hint, isPressed }, index) => {
      const row = make(hint ? 'button' : 'div', 'bar')
      if (row instanceof HTMLButtonElement) {
        row.type = 'button'
        row.title = hint
        row.setAttribute('aria-pressed', String(isPressed))
        row.addEventListener('click', () => press(index))
      }
      const name = make('span', 'name')
      if (code) name.append(make('span', 'code', code), ' ')
      name.append(make('bdi', '', label))
      if (detail) name.append(' ', make('small', '', detail))
      const track = make('span', 'track')
      const fill = make('i')
      fill.style.width = `${most > 0 ? Math.max(0.5, (value / most) * 100) : 0}%`
      fill.style.background = colour
      track.append(fill)
      row.append(name, ' ', make('b', '', text), track)
      const item = make('li')
      item.append(row)
      return item
    }),
  )
  return list
}
