// The API of a report or of a running capture. One table of routes makes both the answers and /openapi.json.
import { type Context, Hono } from 'hono'
import { DatabaseError, type DatabaseProblem } from '../../store/report-database.ts'
import { needs } from './access/permission.ts'
import { COLLECTIONS } from './collections.ts'
import type { Env } from './env.ts'
import { openApi } from './openapi.ts'
import { type Parameter, QueryError, readQuery, type Values } from './parameters.ts'
import type { Question } from './questions.ts'
import type { Route, Source } from './route.ts'
import { TRAFFIC_PARAMETERS } from './traffic-query.ts'

const REPORT: Parameter = {
  name: 'report',
  description: 'Which report, where several are served: a name from /api/reports',
  schema: { type: 'string', maxLength: 255, example: 'demo' },
}
/** Clients of the first RTNVIS ask for the latest packets without a report. */
const REPORT_OR_NEWEST: Parameter = { ...REPORT, description: `${REPORT.description}; default: the latest one` }

export function apiRoutes(source: Source): Route[] {
  const ask = async (question: Question, values: Values, signal: AbortSignal, unnamed?: string) =>
    source.query(await pick(source, (values.report as string | undefined) ?? unnamed), question, values, signal)
  return [
    {
      path: '/api/traffic',
      summary: 'The latest packets, newest first',
      needs: 'rows',
      parameters: [...TRAFFIC_PARAMETERS, REPORT_OR_NEWEST],
      answers: 'Traffic',
      answer: async (values, signal) => source.traffic?.(values) ?? ask('traffic', values, signal, await source.newest?.()),
    },
    ...COLLECTIONS.map((collection) => ({
      path: `/api/${collection.name}`,
      summary: collection.description,
      needs: 'rows' as const,
      parameters: [...collection.parameters, REPORT],
      answers: 'Page',
      answer: (values: Values, signal: AbortSignal) => ask(collection.name, values, signal),
    })),
    {
      path: '/api/summary',
      summary: 'Totals and rankings: what `rtnvis analyze --json` prints',
      needs: 'pages',
      parameters: [REPORT],
      answers: 'Summary',
      answer: (values, signal) => ask('summary', values, signal),
    },
    {
      path: '/api/incidents',
      summary: 'Incidents, the gravest first: victims, attacker, steps and indicators',
      needs: 'pages',
      parameters: [REPORT],
      answers: 'Incidents',
      answer: (values, signal) => ask('incidents', values, signal),
    },
    {
      path: '/api/reports',
      summary: 'Names of the reports that are served',
      needs: 'pages',
      parameters: [],
      answers: 'Reports',
      answer: async () => ({ items: (await source.names()).filter((name) => name !== '') }),
    },
  ]
}

/** @param more additional routes of a running capture */
export function apiApp(source: Source, version: string, more: Route[] = []): Hono<Env> {
  const app = new Hono<Env>()
  const routes = [...apiRoutes(source), ...more]
  for (const route of routes)
    app.get(route.path, needs(route.needs), async (context) => {
      try {
        const values = readQuery(new URL(context.req.url).searchParams, route.parameters)
        const answer = await route.answer(values, whileConnected(context))
        return typeof answer === 'string' ? context.body(answer, 200, { 'content-type': 'application/json' }) : context.json(answer)
      } catch (error) {
        if (error instanceof QueryError) return context.json({ error: error.message }, 400)
        if (error instanceof DatabaseError)
          return context.json({ error: databaseLine(error, context.req.query('report')) }, STATUS[error.problem])
        throw error
      }
    })
  const description = openApi(routes, version)
  app.get('/openapi.json', needs('pages'), (context) => context.json(description))
  app.get('/metrics', needs('metrics'), (context) =>
    context.body(source.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )
  return app
}

/** HTTP status of each problem; nobody reads the status for a closed connection. */
export const STATUS = { unusable: 422, busy: 503, slow: 504, gone: 503 } as const satisfies Record<DatabaseProblem, number>

/** One line for the client. */
export function databaseLine({ message }: DatabaseError, report: string | undefined): string {
  return `${report ? `${report}/` : ''}traffic.sqlite: ${message}.`
}

/** A signal that is aborted when the client disconnects. */
export function whileConnected({ env }: Context<Env>): AbortSignal {
  const controller = new AbortController()
  env.outgoing.once('close', () => controller.abort())
  return controller.signal
}

async function pick(source: Source, report: string | undefined): Promise<string> {
  const names = await source.names()
  if (report === undefined) {
    if (names.length === 1) return names[0]
    throw new QueryError(`"report" must be one of ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}.`)
  }
  if (!names.includes(report) || report === '') throw new QueryError('"report" is not the name of a report that is served here.')
  return report
}
