// A short message over the page that goes by itself, with a button for what it is about.
import { make } from './dom.ts'

/** Long enough to read two lines twice. */
const SHOWN_MS = 12_000
const MOST = 3

/** Texts are shown as text. `action`: what the button says and does; it also ends the message. */
export function toast(text: string, { kind = '', action }: { kind?: string; action?: { label: string; run(): void } } = {}): void {
  const list = document.getElementById('toasts') ?? makeList()
  const same = [...list.children].find((other) => other.firstChild?.textContent === text)
  same?.remove()
  const item = make('div', 'toast panel')
  item.dataset.kind = kind
  item.append(make('p', '', text))
  const end = () => {
    clearTimeout(timer)
    item.remove()
  }
  if (action) item.append(makeButton('button', action.label, action.run, end))
  const close = makeButton('button icon bare', '×', () => {}, end)
  close.setAttribute('aria-label', 'Close this message')
  item.append(close)
  list.append(item)
  while (list.children.length > MOST) list.firstElementChild!.remove()
  const timer = setTimeout(end, SHOWN_MS)
}

function makeButton(className: string, label: string, run: () => void, end: () => void): HTMLButtonElement {
  const button = make('button', className, label)
  button.type = 'button'
  button.addEventListener('click', () => {
    end()
    run()
  })
  return button
}

function makeList(): HTMLElement {
  const list = make('div')
  list.id = 'toasts'
  list.setAttribute('role', 'status')
  document.body.append(list)
  return list
}
