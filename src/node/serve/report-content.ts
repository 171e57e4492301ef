// `rtnvis serve DIR`: the installed page for each finished report, the list of reports, and the API of their databases.
// Reports may be untrusted, and all pages of this server share one origin: of a report's folder only the database is sent.

import { type Context, Hono } from 'hono'
import type { IndexEntry } from '../../report/pages.ts'
import { DatabaseError } from '../../store/report-database.ts'
import { renderIndex, renderProblem } from '../output/render.ts'
import { SITE } from '../paths.ts'
import { refusalOf } from './access/permission.ts'
import { Analyzer, isAnalyzerPath } from './analyzer.ts'
import { apiApp, databaseLine, STATUS, whileConnected } from './api.ts'
import type { Content, Counters, Env } from './env.ts'
import { policyOf } from './headers.ts'
import { formatMetrics, serverMetrics } from './metrics.ts'
import { sendPage } from './page.ts'
import { manifestOf, PartScripts, partOf } from './report-scripts.ts'
import type { Reports } from './reports.ts'
import { REVALIDATED, serveAsset, serveDatabase } from './static-files.ts'

const SCRIPT = { 'content-type': 'text/javascript; charset=utf-8' } // RFC 9239
const MARKDOWN = { 'content-type': 'text/markdown; charset=utf-8' }

/** @param siteDir folder of the built page; default: the installed one */
export function reportContent(reports: Reports, version: string, counters: Counters, siteDir = SITE): Content {
  const parts = new PartScripts()
  const analyzer = new Analyzer(siteDir)
  const routes = new Hono<Env>()
  const source = {
    names: () => reports.names(),
    newest: () => reports.newest(),
    query: reports.query.bind(reports),
    metrics: () => formatMetrics(serverMetrics(counters)),
  }
  routes.route('/', apiApp(source, version))
  routes.get('*', async (context) => {
    const path = decode(context.env.incoming.url!)
    const response = path === null ? null : ((await fromAnalyzer(context, path)) ?? (await fromReports(context, path)))
    return response ?? context.notFound()
  })
  return { routes }

  async function fromAnalyzer(context: Context<Env>, path: string): Promise<Response | null> {
    if (!isAnalyzerPath(path)) return null
    // A report of that name comes first.
    if (!reports.isSingle && (await reports.has(path.split('/')[0]))) return null
    return refusalOf(context, 'pages') ?? analyzer.answer(context, path)
  }

  function fromReports(context: Context<Env>, path: string): Promise<Response | null> {
    return reports.isSingle ? fromReport(context, '', path) : inFolder(context, path)
  }

  async function inFolder(context: Context<Env>, path: string): Promise<Response | null> {
    if (path === '' || path === 'index.html')
      return refusalOf(context, 'pages') ?? sendHtml(context, renderIndex(await entries(reports), { analyzerHref: '/analyze' }))
    const slash = path.indexOf('/')
    const name = slash < 0 ? path : path.slice(0, slash)
    if (!(await reports.has(name))) return null
    if (slash < 0) return context.redirect(`/${encodeURIComponent(name)}/`, 301)
    return fromReport(context, name, path.slice(slash + 1))
  }

  async function fromReport(context: Context<Env>, name: string, path: string): Promise<Response | null> {
    const refusal = refusalOf(context, path === 'traffic.sqlite' ? 'database' : 'pages')
    if (refusal) return refusal
    try {
      return await answer(context, name, path)
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
      const line = databaseLine(error, name)
      const status = STATUS[error.problem]
      if (!/^(|index\.html|report\.html)$/.test(path)) return context.json({ error: line }, status)
      return sendHtml(context, renderProblem(line, reports.isSingle ? null : '../'), status)
    }
  }

  async function answer(context: Context<Env>, name: string, path: string): Promise<Response | null> {
    const { incoming } = context.env
    const part = partOf(path)
    if (part) return reports.useVersion(name, part.version, (file) => sendPart(context, file, part.index))
    switch (path) {
      case '':
      case 'index.html':
        // A database that cannot be opened is reported before the page is sent, because the page would be empty.
        await reports.use(name, (file) => reports.summary(file))
        return sendPage(context, siteDir, reports.isSingle ? undefined : '../')
      case 'assets/data/manifest.js':
        return reports.use(name, async (file) => context.body(manifestOf(file, await reports.summary(file)), 200, SCRIPT))
      case 'traffic.sqlite':
        return reports.use(name, async (file) => serveDatabase(incoming, file))
      case 'report.html':
        return sendHtml(context, await reports.query(name, 'reportHtml', {}, whileConnected(context)))
      case 'report.md':
        return context.body(await reports.query(name, 'reportMarkdown', {}, whileConnected(context)), 200, MARKDOWN)
      default:
        return serveAsset(incoming, siteDir, path)
    }
  }

  async function sendPart(context: Context<Env>, file: Parameters<PartScripts['part']>[0], index: number): Promise<Response | null> {
    const etag = `"${file.version}-${index}"`
    const headers = { ...SCRIPT, etag, 'cache-control': REVALIDATED }
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers)
    const script = await parts.part(file, index)
    return script === null ? null : context.body(script, 200, headers)
  }
}

/** Pages from this program's templates: their CSP allows only their own style. */
function sendHtml(context: Context<Env>, html: string, status: 200 | (typeof STATUS)[keyof typeof STATUS] = 200): Response {
  return context.html(html, status, { 'content-security-policy': policyOf(html) })
}

/** The requested path, without the first slash and decoded once; null if it cannot be decoded. */
function decode(target: string): string | null {
  try {
    return decodeURIComponent(target.split(/[?#]/, 1)[0].slice(1))
  } catch {
    return null
  }
}

async function entries(reports: Reports): Promise<{ folder: string; entry: IndexEntry | null }[]> {
  const found: { folder: string; entry: IndexEntry | null }[] = []
  for (const folder of await reports.names()) {
    const entry = await reports.entry(folder)
    found.push({ folder, entry: entry && { ...entry, hasPlayer: true } })
  }
  return found
}
