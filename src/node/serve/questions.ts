// What the server asks a database, by name: each is answered in a thread (database-thread.ts), as text that goes out as it is.

import { summaryOf } from '../../publish/site-summary.ts'
import { readIncidents } from '../../report/incidents.ts'
import { summarize } from '../../report/index.ts'
import type { SqlDatabase } from '../../types.ts'
import { renderReport } from '../output/render.ts'
import { COLLECTIONS, readPage } from './collections.ts'
import type { Values } from './parameters.ts'
import { latestTraffic } from './traffic-query.ts'

export type Question = 'flows' | 'hosts' | 'alerts' | 'traffic' | 'incidents' | 'summary' | 'siteSummary' | 'reportHtml' | 'reportMarkdown'

const lists = Object.fromEntries(
  COLLECTIONS.map((collection) => [
    collection.name,
    (database: SqlDatabase, values: Values) => JSON.stringify(readPage(database, collection, values)),
  ]),
) as Record<'flows' | 'hosts' | 'alerts', (database: SqlDatabase, values: Values) => string>

export const QUESTIONS: Record<Question, (database: SqlDatabase, values: Values) => string> = {
  ...lists,
  traffic: (database, values) => JSON.stringify(latestTraffic(database, values)),
  incidents: (database) => JSON.stringify({ items: readIncidents(database) }),
  summary: (database) => JSON.stringify(summarize(database)),
  /** SiteSummary of the page's manifest. */
  siteSummary: (database) => JSON.stringify(summaryOf(summarize(database))),
  reportHtml: (database) => renderReport(summarize(database)).html,
  reportMarkdown: (database) => renderReport(summarize(database)).md,
}
