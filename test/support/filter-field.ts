// The filter of an open page: the plain input, or the editor that takes its place when it is first used.
import type { Locator, Page } from 'playwright-core'

/** What has the focus while one writes. */
export function filterField(page: Page): Locator {
  return page.locator('#filter-field').locator('input, .cm-content')
}

/** Replaces the text as if it were typed, with the editor; not applied yet. */
export async function fillFilter(page: Page, text: string): Promise<void> {
  await filterField(page).focus()
  const editor = page.locator('#filter-field .cm-content')
  await editor.press('ControlOrMeta+a') // Firefox's fill() adds to what is there
  await editor.press('Delete')
  if (text !== '') await editor.fill(text)
}

export function filterText(page: Page): Promise<string> {
  return page.locator('#filter-field').evaluate((host) => {
    const line = host.shadowRoot?.querySelector('.cm-line')
    if (!line) return host.querySelector('input')!.value
    return line.querySelector('.cm-placeholder') ? '' : line.textContent
  })
}
