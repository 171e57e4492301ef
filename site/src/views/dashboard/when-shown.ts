// The answers of a view: asked for when it is shown, and again when what they depend on changed.

/** `refresh`: what the answers depend on changed; a hidden view asks when it is shown again. */
export interface WhenShown {
  readonly isShown: boolean
  refresh(): void
  show(): void
  hide(): void
}

/**
 * @param panel the view, which is aria-busy until all answers have come
 * @param note says why there are none
 * @param ask the answers, drawn; rejects with an error in words. A later question aborts `signal`
 */
export function whenShown(panel: HTMLElement, note: HTMLElement, ask: (signal: AbortSignal) => Promise<void>): WhenShown {
  let asking: AbortController | null = null
  let isStale = true
  let isShown = false
  const refresh = () => {
    isStale = true
    if (!isShown) return
    isStale = false
    asking?.abort()
    asking = new AbortController()
    const { signal } = asking
    panel.setAttribute('aria-busy', 'true')
    ask(signal).then(
      () => panel.removeAttribute('aria-busy'),
      (error: unknown) => {
        if (!signal.aborted) note.textContent = error instanceof Error ? error.message : String(error)
      },
    )
  }
  return {
    get isShown() {
      return isShown
    },
    refresh,
    show() {
      isShown = true
      if (isStale) refresh()
    },
    hide() {
      isShown = false
    },
  }
}
