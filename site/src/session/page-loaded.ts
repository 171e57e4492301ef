// Says when the page and all its scripts are loaded.
declare global {
  /** Set where this page takes the place of another one, the analyzer's, which loads the scripts. */
  var rtnvisPageLoaded: Promise<void> | undefined
}

/**
 * Resolves when the page and all its scripts are there. `document.readyState` does not tell: it says "interactive" while deferred scripts
 * are still to come (HTML Living Standard, "The end"). Such a script makes this promise, so the event is still ahead.
 */
export const pageLoaded =
  globalThis.rtnvisPageLoaded ??
  new Promise<void>((resolve) => {
    document.addEventListener('DOMContentLoaded', () => resolve(), { once: true })
  })
