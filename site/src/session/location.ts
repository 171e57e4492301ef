// Keeps the page's address in step with the session, and the session with the address: back, forward and pasted links.
import { formatHash, type Linked, readHash } from './hash.ts'
import type { Session } from './session.ts'

/** Shortest time between two changes of the address while playing: browsers refuse more than about 100 in 30 seconds. */
const PAUSE_MS = 500

/**
 * `writeFilter` receives the text of a filter that cannot be read, `showCamera` where a link to a picture puts the camera.
 * Returns what reads once more the address that the page was opened with.
 */
export function startLocation(session: Session, writeFilter: (text: string) => void, showCamera: (camera: string) => void): () => void {
  const first = location.hash.slice(1)
  let written = first
  let timer = 0
  const start: Linked = { ...session.state, filterText: '', span: null, selection: null, detail: null, options: {} }

  let isStepDue = false
  const write = (isStep: boolean) => {
    timer = 0
    isStepDue = false
    const hash = formatHash(session.state, session.home)
    if (hash === written) return
    written = hash
    const address = `#${hash}`
    if (isStep) history.pushState(null, '', address)
    else history.replaceState(null, '', address)
  }
  const restore = (hash = location.hash.slice(1)) => {
    written = hash
    const { filterText, ...rest } = readHash(written, { ...start, clock: session.state.clock }, session.home)
    if (session.filterBy(filterText)) writeFilter(filterText)
    session.set(rest)
    const camera = /(?:^|&)c=([^&]*)/.exec(written)
    if (camera) showCamera(decodeURIComponent(camera[1]))
  }
  restore()
  // Changes that "back" should undo make a history entry; others replace the current one.
  session.subscribe(
    (_, changed) => {
      clearTimeout(timer)
      const isStep = changed.has('view') || changed.has('detail') || changed.has('filterText')
      if (isStepDue) return
      // What changes at once is one step: a tab that is chosen also closes the page of a host.
      isStepDue = isStep
      if (isStep) queueMicrotask(() => write(true))
      else timer = window.setTimeout(write, PAUSE_MS, false)
    },
    ['view', 'filterText', 'clock', 'isWhole', 'span', 'selection', 'detail', 'options'],
  )
  addEventListener('hashchange', () => {
    if (location.hash.slice(1) !== written) restore()
  })
  addEventListener('popstate', () => {
    if (location.hash.slice(1) !== written) restore()
  })
  return () => restore(first)
}

/** The page's address with everything in it as it is now, the camera too (Stage.camera). */
export function currentLink(session: Session, camera: string): string {
  const hash = formatHash({ ...session.state, clock: { ...session.state.clock, isPlaying: false } }, session.home)
  return `${location.href.split('#')[0]}#${[hash, camera && `c=${camera}`].filter(Boolean).join('&')}`
}
