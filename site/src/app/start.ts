// What takes longest begins first: the database's engine, the arrival of the data and the search for WebGL, all before the page's own script
// is compiled. The build makes a script of its own of this module and what it imports. The analyzer loads it before there is a report.
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import { type OpenedLive, openLive } from '../live/open-live.ts'
import { ServerSource } from '../live/server-source.ts'
import type { LiveSource } from '../live/source.ts'
import type { Report } from '../model/report.ts'
import { ReportClient } from '../protocol/client.ts'
import { askToOpen, showError, showProgress } from '../session/notice.ts'
import { pageLoaded } from '../session/page-loaded.ts'
import { makeGlobeAhead } from '../stage/globe-ahead.ts'
import { probeWebGl } from '../stage/webgl.ts'
import { costOf } from './manifest.ts'
import { readManifest, sendParts } from './open.ts'

declare global {
  /** For the analyzer, which has a report later than this script. */
  var rtnvisBegin: (() => unknown) | undefined
  /** For the analyzer, when globe.js is there. */
  var rtnvisMakeGlobe: (() => Promise<void>) | undefined
}

export const client = new ReportClient()

/** Null: there is no WebGL. */
export const drawnBy = probeWebGl()

interface Begun {
  /** Null when the page has none that can be followed; `opened` says why. */
  manifest: SiteManifest | null
  /** Null for a report that grows. */
  opened: Promise<Report> | null
  growing: { source: LiveSource; opened: Promise<OpenedLive> } | null
}

let begun: Begun | null = null

/** The report of the page's manifest, which is opened once. */
export function beginReport(): Begun {
  if (begun === null) {
    begun = begin()
    // Whoever awaits these reports the error; without a handler here the browser would report it as unhandled first.
    for (const { opened } of [begun, begun.growing ?? begun]) opened?.catch(() => {})
  }
  return begun
}

function begin(): Begun {
  try {
    const manifest = readManifest()
    if (!manifest.live) return { manifest, opened: openReport(manifest), growing: null }
    const source = globalThis.rtnvisLiveSource ?? new ServerSource(manifest.live)
    return { manifest, opened: null, growing: { source, opened: openLive(client, source) } }
  } catch (error) {
    return { manifest: null, opened: Promise.reject(error), growing: null }
  }
}

async function openReport(manifest: SiteManifest): Promise<Report> {
  const cost = costOf(manifest)
  if (cost) {
    await pageLoaded
    await askToOpen(cost)
  }
  // A damaged part is known to the worker before the last one is sent, so both are waited for at once.
  const [report] = await Promise.all([client.opened, sendParts(manifest, client, showProgress)])
  performance.mark('opened')
  return report
}

void pageLoaded.then(() => {
  if ('rtnvis' in window) return
  const missing = 'rtnvisShared' in window ? 'app.js' : 'shared.js'
  showError(new Error(`assets/${missing} is missing or damaged. Copy the whole report folder again.`))
})

client.opened.catch(() => {})
if (!globalThis.rtnvisPageLoaded) beginReport()
else {
  globalThis.rtnvisBegin = beginReport
  globalThis.rtnvisMakeGlobe = () => drawnBy.then(makeGlobeAhead)
}
