// The built analyzer -> one HTML file that holds all of it but the location database and the manual. What is loaded when it is wanted is text in the page,
// which becomes a script then: its hash is in the page's policy.
import { dataList } from './data-scripts.ts'
import { hashSource, LATE_SCRIPTS, lateScript, swap } from './single-page.ts'

/** What the analyzer loads when it is wanted, besides the data. */
const LOADED = [
  'analyzer/analysis.js',
  'analyzer/digest.js',
  'assets/worker.js',
  'assets/start.js',
  'assets/shared.js',
  'assets/globe.js',
  'assets/app.js',
  ...LATE_SCRIPTS,
]
/** Links to the manual: the words stay, a button goes. */
const MANUAL_BUTTON = /<a class="button" href="\.\/manual\/[^"]*">[^<]*<\/a>/g
const MANUAL_LINK = /<a href="\.\/manual\/[^"]*">([^<]*)<\/a>/g
const END = '</body>'

/**
 * @param read a file of the built analyzer, by its path
 * @param parts of the data beside it, by name
 * @param sha256 of a text, in base64
 */
export async function singleAnalyzer(
  read: (path: string) => Promise<string>,
  parts: Record<string, number>,
  sha256: (text: string) => string,
): Promise<string> {
  const data = Object.entries(parts).flatMap(([name, count]) => Array.from({ length: count }, (_, i) => `analyzer/data/${name}-${i}.js`))
  const paths = [...LOADED, ...data]
  const [page, start, ...texts] = await Promise.all(['analyze.html', 'analyzer/start.js', ...paths].map(read))
  const styles = await Promise.all(['assets/app.css', 'analyzer/start.css'].map(read))
  for (const [i, text] of [start, ...texts].entries())
    if (/<\/script|<!--/i.test(text)) throw new Error(`${paths[i - 1] ?? 'analyzer/start.js'} could not be put inside a page`)
  const list = dataList(parts)
  let html = page
  html = swap(html, /<link rel="stylesheet" href="\.\/assets\/app\.css">/, `<style>${styles[0]}</style>`)
  html = swap(html, /<link rel="stylesheet" href="\.\/analyzer\/start\.css">/, `<style>${styles[1]}</style>`)
  html = swap(html, /<script defer src="\.\/analyzer\/data\/list\.js"><\/script>/, '')
  html = swap(html, /<script defer src="\.\/analyzer\/start\.js"><\/script>/, '')
  html = html.replaceAll(MANUAL_BUTTON, '').replaceAll(MANUAL_LINK, '$1')
  html = swap(html, /script-src 'self'/, `script-src ${[list, start, ...texts].map((text) => hashSource(text, sha256)).join(' ')}`)
  html = swap(html, /style-src 'self'/, `style-src ${styles.map((text) => hashSource(text, sha256)).join(' ')}`)
  const loaded = texts.map((text, i) => lateScript(paths[i], text))
  const at = html.lastIndexOf(END)
  return `${html.slice(0, at)}${loaded.join('')}<script>${list}</script><script>${start}</script>${html.slice(at)}`
}
