// The page's state, and what stands in the middle of the stage while there is nothing to play.
import { announce, byId } from '../ui/dom.ts'

export type State = 'loading' | 'ready' | 'empty' | 'error'

export function readState(): State {
  return document.documentElement.dataset.state as State
}

export function showProgress(share: number): void {
  byId<HTMLProgressElement>('progress').value = share
}

/** Shows what opening costs, and resolves when the user chooses to open it. */
export function askToOpen(cost: string): Promise<void> {
  const title = byId('notice-title')
  const text = byId('notice-text')
  const progress = byId('progress')
  const button = byId<HTMLButtonElement>('notice-open')
  const before = [title.textContent, text.textContent]
  title.textContent = 'This report is large'
  text.textContent = cost
  progress.hidden = true
  button.hidden = false
  announce(`This report is large. ${cost}`)
  return new Promise((resolve) => {
    button.addEventListener('click', () => {
      ;[title.textContent, text.textContent] = before
      progress.hidden = false
      button.hidden = true
      resolve()
    })
  })
}

/** An error stays. */
export function showReady(): void {
  if (readState() === 'error') return
  document.documentElement.dataset.state = 'ready'
  byId('notice').hidden = true
}

/** A valid report with nothing to play. */
export function showEmpty(): void {
  show(
    'empty',
    'No packets in this capture',
    'The file is a valid capture and was read to its end. Nothing was recorded in it, so there is nothing to play.',
  )
}

/** The report cannot be shown; the error says what to do. */
export function showError(error: Error, title = 'This report cannot be opened'): void {
  show('error', title, error.message)
}

function show(state: State, title: string, text: string): void {
  document.documentElement.dataset.state = state
  byId('notice-title').textContent = title
  byId('notice-text').textContent = text
  byId('progress').hidden = true
  announce(`${title}. ${text}`)
}
