// Sections of the manual -> a search box in its sidebar. A classic script that contains the sections, because a page from file:// cannot fetch files.
import MiniSearch from 'minisearch'

interface Section {
  /** Relative address: page.html#heading. */
  href: string
  page: string
  heading: string
  text: string
}

/** Set by the build (build/manual-search.mjs). */
declare const MANUAL_SECTIONS: Section[]

const MOST_RESULTS = 12
/** Characters shown around the first match. */
const EXCERPT = 110

const index = new MiniSearch<Section & { id: number }>({
  fields: ['heading', 'page', 'text'],
  // Options (--max-memory), columns (server_port) and addresses (/api/flows) are found as a whole and by their parts.
  tokenize: (text) =>
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+(?:[_.-][\p{L}\p{N}]+)*/gu)
      ?.flatMap((word) => [word, ...partsOf(word)]) ?? [],
  searchOptions: { boost: { heading: 4, page: 2 }, prefix: true, fuzzy: (word) => (word.length > 4 ? 0.2 : false), combineWith: 'AND' },
})
index.addAll(MANUAL_SECTIONS.map((section, id) => ({ id, ...section })))

function partsOf(word: string): string[] {
  const parts = word.split(/[_.-]/)
  return parts.length > 1 ? parts : []
}

const input = document.createElement('input')
input.type = 'search'
input.placeholder = 'Search the manual'
input.setAttribute('aria-label', 'Search the manual')
const results = document.createElement('ol')
results.setAttribute('aria-label', 'Sections found')
const status = document.createElement('p')
status.setAttribute('role', 'status')
document.querySelector('nav')?.prepend(input, status, results)
input.addEventListener('input', show)

function show(): void {
  const words = input.value.trim()
  const found = words === '' ? [] : index.search(words)
  const shown = found.slice(0, MOST_RESULTS)
  results.replaceChildren(...shown.map(({ id, match }) => resultOf(MANUAL_SECTIONS[id], Object.keys(match))))
  if (words === '') status.textContent = ''
  else if (found.length === 0) status.textContent = 'Nothing found'
  else status.textContent = found.length > shown.length ? `The best ${shown.length} of ${found.length}` : `${found.length} found`
}

function resultOf({ href, page, heading, text }: Section, words: string[]): HTMLElement {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = href
  link.textContent = heading === page ? page : `${page}: ${heading}`
  const excerpt = document.createElement('small')
  excerpt.textContent = excerptOf(text, words)
  item.append(link, excerpt)
  return item
}

function excerptOf(text: string, words: string[]): string {
  const lower = text.toLowerCase()
  const at = Math.min(...words.map((word) => lower.indexOf(word)).filter((index) => index >= 0))
  if (!Number.isFinite(at)) return text.slice(0, EXCERPT)
  const from = Math.max(0, lower.lastIndexOf(' ', Math.max(0, at - 30)) + 1)
  return `${from > 0 ? '… ' : ''}${text.slice(from, from + EXCERPT)} …`
}
