// `rtnvis live --serve`: the page of a running capture. The page is the installed one; its data come from the feed.

import { type Context, Hono } from 'hono'
import type { LiveFeed } from '../../contract/live-feed.ts'
import { SEQUENCE_HEADER } from '../../contract/live-message.ts'
import type { SiteManifest } from '../../contract/manifest.ts'
import { manifestScript } from '../../publish/manifest.ts'
import { SITE } from '../paths.ts'
import { DatabaseThreads } from '../workers/database-threads.ts'
import { needs } from './access/permission.ts'
import { apiApp } from './api.ts'
import type { Content, Counters, Env, UpgradeAsked } from './env.ts'
import { LiveHub } from './live-hub.ts'
import { LiveTablesFollower } from './live-tables.ts'
import { formatMetrics, liveMetrics, serverMetrics } from './metrics.ts'
import { sendPage } from './page.ts'
import { type Parameter, QueryError, readQuery } from './parameters.ts'
import type { Route } from './route.ts'
import { serveAsset } from './static-files.ts'
import { refuseUpgrade } from './upgrades.ts'
import { Viewers } from './viewers.ts'

/** Pages that are opened within this time get the same copy of the database. */
const PAGE_AGE_MS = 2_000
/** Greatest age of the API's lists; /api/traffic is always current. */
const API_AGE_MS = 5_000

const SINCE: Parameter = {
  name: 'since',
  description: 'The last sequence (of tables: version) the page has',
  schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 },
}

export interface LiveContent extends Content {
  viewers: Viewers
  /** Disconnects viewers and the feed. */
  close(): void
}

/** @param siteDir folder of the built page; default: the installed one
 *  @param threads closed with the content */
export function liveContent(
  feed: LiveFeed,
  version: string,
  counters: Counters,
  siteDir = SITE,
  threads = new DatabaseThreads(),
): LiveContent {
  const hub = new LiveHub(feed)
  const viewers = new Viewers(hub)
  const routes = new Hono<Env>()
  routes.route(
    '/',
    apiApp(
      {
        names: async () => [''],
        query: async (_, question, values, signal) => {
          const { database, sequence } = await feed.snapshot(API_AGE_MS)
          return threads.query({ version: String(sequence), content: database }, question, values, signal)
        },
        traffic: (values) => hub.traffic(values),
        metrics: () => formatMetrics([...serverMetrics(counters), ...liveMetrics(feed.status(), viewers)]),
      },
      version,
      liveRoutes(feed, hub),
    ),
  )
  const sendDatabase = async (context: Context<Env>) => {
    const { database, sequence } = await feed.snapshot(PAGE_AGE_MS)
    return context.body(database as Uint8Array<ArrayBuffer>, 200, {
      'content-type': 'application/vnd.sqlite3',
      [SEQUENCE_HEADER]: String(sequence),
    })
  }
  routes.get('/traffic.sqlite', needs('database'), sendDatabase)
  // The data of the page, under the addresses that they have in the folder of a finished report.
  routes.get('/assets/data/capture.sqlite', needs('pages'), sendDatabase)
  routes.get('/assets/data/manifest.js', needs('pages'), (context) =>
    context.body(manifestScript(manifestOf(feed)), 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  )
  routes.get('*', needs('pages'), async (context) => {
    const path = context.req.path.slice(1)
    if (path === '' || path === 'index.html') return sendPage(context, siteDir)
    const response = await serveAsset(context.env.incoming, siteDir, path)
    return response ?? context.notFound()
  })
  return {
    routes,
    viewers,
    socket: { path: '/live', needs: 'pages', accept: (asked) => accept(viewers, asked) },
    close: () => {
      viewers.close()
      hub.close()
      void threads.close()
    },
  }
}

function liveRoutes(feed: LiveFeed, hub: LiveHub): Route[] {
  const tables = new LiveTablesFollower(feed)
  return [
    {
      path: '/api/status',
      summary: 'Status of the capture',
      needs: 'pages',
      parameters: [],
      answers: 'Status',
      answer: async () => feed.status(),
    },
    {
      path: '/api/changes',
      summary: 'Conversations and hosts that changed: the messages of /live, for pages without a WebSocket',
      needs: 'pages',
      parameters: [SINCE],
      answers: 'Changes',
      answer: async ({ since }) => {
        const change = hub.messageAfter(since as number)
        return `[${[...(change === null ? [] : [change]), ...(hub.hasEnded ? [hub.endMessage()] : [])].join(',')}]`
      },
    },
    {
      path: '/api/tables',
      summary: 'Rows of alerts, names and other tables that changed since a version answered before',
      needs: 'pages',
      parameters: [SINCE],
      answers: 'Tables',
      answer: ({ since }) => tables.since(since as number),
    },
  ]
}

function accept(viewers: Viewers, asked: UpgradeAsked): void {
  const url = new URL(asked.target, 'http://server')
  try {
    const { since } = readQuery(url.searchParams, [SINCE])
    viewers.accept(asked.request, asked.socket, asked.head, since as number)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    refuseUpgrade(asked.socket, '400 Bad Request')
  }
}

/** The totals are 0: the page gets them with the first change. */
function manifestOf(feed: LiveFeed): SiteManifest {
  const { reportName: name, interfaceName, filter } = feed.status()
  const none = { packets: 0, bytes: 0, flows: 0, hosts: 0, publicHosts: 0, locatedHosts: 0 }
  return {
    databaseBytes: 0,
    partBytes: 1,
    parts: 0,
    hasReportPage: false,
    summary: { name, firstUs: null, lastUs: null, ...none, histogram: [] },
    live: { interfaceName, filter },
  }
}
