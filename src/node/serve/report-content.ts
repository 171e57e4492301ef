// `rtnvis serve DIR`: the files of finished reports, their index page, and the API over their databases.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { type IndexEntry, parseEntry, renderIndex } from '../render.ts'
import { apiApp } from './api.ts'
import { policyOf } from './headers.ts'
import { formatMetrics, serverMetrics } from './metrics.ts'
import type { Reports } from './reports.ts'
import type { Content, Env, RunningServer } from './server.ts'
import { serveFile } from './static-files.ts'

/** Enough of a report.html to find its entry for the index page. */
const ENTRY_BYTES = 32_768

export function reportContent(reports: Reports, version: string, counters: Pick<RunningServer, 'requests' | 'failedKeys'>): Content {
  const routes = new Hono<Env>()
  const source = {
    names: () => reports.names(),
    newest: () => reports.newest(),
    database: (name: string) => reports.database(name),
    metrics: () => formatMetrics(serverMetrics(counters)),
  }
  routes.route('/', apiApp(source, version))
  routes.get('*', async (context) => {
    const path = decode(context.env.incoming.url!)
    const response = path === null ? null : await (reports.isSingle ? fileOf(context, '', path) : inFolder(context, path))
    return response ?? context.json({ error: 'There is nothing at this address.' }, 404)
  })
  return { routes }

  async function inFolder(context: Context<Env>, path: string): Promise<Response | null> {
    if (path === '' || path === 'index.html') {
      const html = renderIndex(await entries(reports))
      return context.html(html, 200, { 'content-security-policy': policyOf(html) })
    }
    const slash = path.indexOf('/')
    const name = slash < 0 ? path : path.slice(0, slash)
    if (!(await reports.has(name))) return null
    if (slash < 0) return context.redirect(`/${encodeURIComponent(name)}/`, 301)
    return fileOf(context, name, path.slice(slash + 1))
  }

  function fileOf(context: Context<Env>, name: string, path: string): Promise<Response | null> {
    return serveFile(context.env.incoming, reports.pathOf(name), path === '' ? 'index.html' : path)
  }
}

/** The path asked for, without the first slash and decoded once; null if it cannot be decoded. */
function decode(target: string): string | null {
  try {
    return decodeURIComponent(target.split(/[?#]/, 1)[0]!.slice(1))
  } catch {
    return null
  }
}

async function entries(reports: Reports): Promise<{ folder: string; entry: IndexEntry }[]> {
  const found: { folder: string; entry: IndexEntry }[] = []
  for (const folder of await reports.names()) {
    const page = await readFile(join(reports.pathOf(folder), 'report.html'), 'utf8').catch(() => '')
    const entry = parseEntry(page.slice(0, ENTRY_BYTES))
    if (entry !== null) found.push({ folder, entry })
  }
  return found
}
