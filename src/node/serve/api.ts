// The API: what can be asked of a report or of a running capture. One table of routes makes the answers and /openapi.json.
import { Hono } from 'hono'
import { summarize } from '../../report/index.ts'
import { COLLECTIONS, readPage } from './collections.ts'
import { openApi } from './openapi.ts'
import { type Parameter, QueryError, readQuery, type Values } from './parameters.ts'
import type { Route, Source } from './route.ts'
import type { Env } from './server.ts'
import { latestTraffic, TRAFFIC_PARAMETERS } from './traffic-query.ts'

const REPORT: Parameter = {
  name: 'report',
  description: 'Which report, where several are served: a name from /api/reports',
  schema: { type: 'string', maxLength: 255, example: 'demo' },
}
/** Pages that ask for the latest packets know nothing of reports. */
const REPORT_OR_NEWEST: Parameter = { ...REPORT, description: `${REPORT.description}; left out: the one made last` }

export function apiRoutes(source: Source): Route[] {
  const databaseOf = async ({ report }: Values, unnamed?: string) =>
    source.database(await pick(source, (report as string | undefined) ?? unnamed))
  return [
    {
      path: '/api/traffic',
      summary: 'The latest packets, newest first',
      parameters: [...TRAFFIC_PARAMETERS, REPORT_OR_NEWEST],
      answers: 'Traffic',
      answer: async (values) =>
        source.traffic ? source.traffic(values) : latestTraffic(await databaseOf(values, await source.newest?.()), values),
    },
    ...COLLECTIONS.map((collection) => ({
      path: `/api/${collection.name}`,
      summary: collection.description,
      parameters: [...collection.parameters, REPORT],
      answers: 'Page',
      answer: async (values: Values) => readPage(await databaseOf(values), collection, values),
    })),
    {
      path: '/api/summary',
      summary: 'Totals and rankings: what `rtnvis analyze --json` prints',
      parameters: [REPORT],
      answers: 'Summary',
      answer: async (values) => summarize(await databaseOf(values)),
    },
    {
      path: '/api/reports',
      summary: 'Names of the reports that are served',
      parameters: [],
      answers: 'Reports',
      answer: async () => ({ items: (await source.names()).filter((name) => name !== '') }),
    },
  ]
}

/** @param more routes of a running capture */
export function apiApp(source: Source, version: string, more: Route[] = []): Hono<Env> {
  const app = new Hono<Env>()
  const routes = [...apiRoutes(source), ...more]
  for (const route of routes)
    app.get(route.path, async (context) => {
      try {
        const answer = await route.answer(readQuery(new URL(context.req.url).searchParams, route.parameters))
        return typeof answer === 'string' ? context.body(answer, 200, { 'content-type': 'application/json' }) : context.json(answer)
      } catch (error) {
        if (error instanceof QueryError) return context.json({ error: error.message }, 400)
        throw error
      }
    })
  const description = openApi(routes, version)
  app.get('/openapi.json', (context) => context.json(description))
  app.get('/metrics', (context) => context.body(source.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }))
  return app
}

async function pick(source: Source, report: string | undefined): Promise<string> {
  const names = await source.names()
  if (report === undefined) {
    if (names.length === 1) return names[0]!
    throw new QueryError(`"report" must say which report: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}.`)
  }
  if (!names.includes(report) || report === '') throw new QueryError('"report" is not the name of a report that is served here.')
  return report
}
