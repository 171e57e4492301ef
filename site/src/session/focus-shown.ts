// What had the focus is gone with its view or page: the focus goes to what is shown in its place, so that the next Tab goes on from there.

/** Leaves a focus that can be seen where it is. */
export function focusShown(): void {
  const { activeElement } = document
  if (activeElement !== document.body && activeElement?.checkVisibility()) return
  const shown = document.querySelector<HTMLElement>('#views > .view:not([hidden])') ?? document.querySelector<HTMLElement>('#stage')!
  shown.tabIndex = -1
  shown.focus({ preventScroll: true })
}
