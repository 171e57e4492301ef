// The page's state, and what stands in the middle of the stage while there is nothing to play.
import { announce, byId } from '../ui/dom.ts'

export type State = 'loading' | 'ready' | 'empty' | 'error'

export function readState(): State {
  return document.documentElement.dataset.state as State
}

export function showProgress(share: number): void {
  byId<HTMLProgressElement>('progress').value = share
}

/** An error stays. */
export function showReady(): void {
  if (readState() === 'error') return
  document.documentElement.dataset.state = 'ready'
  byId('notice').hidden = true
}

/** A valid report with nothing to play. */
export function showEmpty(packets: number): void {
  if (packets === 0)
    show(
      'empty',
      'No packets in this capture',
      'The file is a valid capture and was read to its end. Nothing was recorded in it, so there is nothing to play.',
    )
  else show('empty', 'No IP traffic in this capture', `Of the ${packets} packets read, none is IP: none has a place on the globe.`)
}

/** The report cannot be shown; the error says what to do. */
export function showError(error: Error): void {
  show('error', 'This report cannot be opened', error.message)
}

function show(state: State, title: string, text: string): void {
  document.documentElement.dataset.state = state
  byId('notice-title').textContent = title
  byId('notice-text').textContent = text
  byId('progress').hidden = true
  announce(`${title}. ${text}`)
}
