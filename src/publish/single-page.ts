// The built page and the parts of a database -> one HTML file with everything in it.
import type { SiteManifest } from '../contract/manifest.ts'
import { scriptJson } from './manifest.ts'

/** Files of the built page that are included. */
export interface PageFiles {
  html: string
  style: string
  /** In the order of execution. */
  scripts: string[]
  /** Those of LATE_SCRIPTS. */
  late: string[]
}

/** Scripts that the page loads when they are wanted (site/src/ui/load-script.ts); no element of it names them. */
export const LATE_SCRIPTS = ['assets/editor.js']

/** The page's scripts, in order; the script with the data is left out. */
const SCRIPT = /<script defer src="\.\/(assets\/[\w-]+\.js)"><\/script>/g

/** @param read a file of the built page, by its path below the page's folder */
export async function readSinglePage(read: (path: string) => Promise<string>): Promise<PageFiles> {
  const [html, style] = await Promise.all(['index.html', 'assets/app.css'].map(read))
  const scripts = await Promise.all([...html.matchAll(SCRIPT)].map(([, path]) => read(path)))
  return { html, style, scripts, late: await Promise.all(LATE_SCRIPTS.map(read)) }
}

/**
 * In pieces, because the whole page can be longer than the engine's longest string.
 * @param sha256 digest of a text, in base64
 */
export async function* singlePage(
  files: PageFiles,
  manifest: SiteManifest,
  parts: AsyncIterable<string>,
  sha256: (text: string) => string,
): AsyncGenerator<string> {
  const { style, scripts, late } = files
  let html = files.html
  html = swap(html, /<link rel="stylesheet" href="\.\/assets\/app\.css">/, `<style>${style}</style>`)
  html = swap(html, /<script defer src="\.\/assets\/data\/manifest\.js"><\/script>/, '')
  if (scripts.length === 0) throw new Error('index.html has no script: build the site again')
  html = html.replaceAll(SCRIPT, '')
  html = swap(html, /script-src 'self'/, `script-src ${[...scripts, ...late].map((script) => hashSource(script, sha256)).join(' ')}`)
  html = swap(html, /style-src 'self'/, `style-src ${hashSource(style, sha256)}`)
  // The page's own scripts run before the data arrives, so that the first picture does not wait for it.
  const own = scripts.map((script) => `<script>${script}</script>`)
  const head = `<script type="application/json" id="rtnvis-manifest">${scriptJson(manifest)}</script>${own.join('')}${late.map((text, i) => lateScript(LATE_SCRIPTS[i], text)).join('')}`
  if (!html.includes(END)) throw new Error(`index.html has no ${END}: build the site again`)
  const at = html.lastIndexOf(END)
  yield html.slice(0, at) + head
  let index = 0
  for await (const part of parts) yield `<script type="text/plain" id="rtnvis-part-${index++}">${part}</script>`
  yield html.slice(at)
}

/** A script as text in the page, which becomes a script when it is wanted. */
export function lateScript(path: string, text: string): string {
  return `<script type="text/plain" data-path="${path}">${text}</script>`
}

/** Content Security Policy Level 3, hash-source: of an element's text. @param sha256 of a text, in base64 */
export function hashSource(text: string, sha256: (text: string) => string): string {
  return `'sha256-${sha256(text)}'`
}

/** Replaces by a function, because "$" in a replacement string is special. */
export function swap(html: string, pattern: RegExp, text: string): string {
  if (!pattern.test(html)) throw new Error(`the page has no ${pattern}: build the site again`)
  return html.replace(pattern, () => text)
}

const END = '</body>'
