// Elements by id, new elements with text, announcements and downloads. Nothing here takes markup.

/** The element with this id. The page has every id that is used. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element as Kind
}

/** A new element with a class and text. */
export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className = '', text = ''): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text) element.textContent = text
  return element
}

const MOST_ANNOUNCED = 3

/** Announces a text to screen readers. A text that follows at once does not take the place of one that was not read yet. */
export function announce(text: string): void {
  const status = byId('status')
  status.append(make('p', '', text))
  if (status.children.length > MOST_ANNOUNCED) status.firstElementChild!.remove()
}

/** Lets the reader save bytes or text as a file. */
export function download(name: string, type: string, content: BlobPart): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** Keeps the height of an element in the custom property of its name, for what stands above it. */
export function trackHeight(id: string): void {
  const element = byId(id)
  new ResizeObserver(() => document.documentElement.style.setProperty(`--${id}`, `${element.offsetHeight}px`)).observe(element)
}

/** Marks at which sides a row can be scrolled (`data-more`: start, end, both or empty), so that what is cut looks cut on purpose. */
export function trackOverflow(id: string): void {
  const element = byId(id)
  const mark = () => {
    const { scrollLeft, clientWidth, scrollWidth } = element
    const isStart = scrollLeft > 1
    const isEnd = scrollLeft + clientWidth < scrollWidth - 1
    element.dataset.more = isStart && isEnd ? 'both' : isStart ? 'start' : isEnd ? 'end' : ''
  }
  element.addEventListener('scroll', mark, { passive: true })
  new ResizeObserver(mark).observe(element)
  new MutationObserver(mark).observe(element, { childList: true, subtree: true, characterData: true })
}
