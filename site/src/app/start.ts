// What takes longest begins first: the database's engine, the arrival of the data and the search for WebGL, all before the page's own script
// is compiled. The build makes a script of its own of this module and what it imports. The analyzer loads it before there is a report.
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import type { Report } from '../model/report.ts'
import { ReportClient } from '../protocol/client.ts'
import { askToOpen, showError, showProgress } from '../session/notice.ts'
import { pageLoaded } from '../session/page-loaded.ts'
import { probeWebGl } from '../stage/webgl.ts'
import { costOf } from './manifest.ts'
import { readManifest, sendParts } from './open.ts'

export const client = new ReportClient()

/** Null: there is no WebGL. */
export const drawnBy = probeWebGl()

interface Begun {
  /** Null when the page has none that can be followed; `opened` says why. */
  manifest: SiteManifest | null
  /** Null for a running capture, which has no data yet. */
  opened: Promise<Report> | null
}

let begun: Begun | null = null

/** The report of the page's manifest, which is opened once. */
export function beginReport(): Begun {
  begun ??= begin()
  return begun
}

function begin(): Begun {
  try {
    const manifest = readManifest()
    return { manifest, opened: manifest.live ? null : openReport(manifest) }
  } catch (error) {
    return { manifest: null, opened: Promise.reject(error) }
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
  if (!('rtnvis' in window)) showError(new Error('assets/app.js is missing or damaged. Copy the whole report folder again.'))
})

// Whoever awaits these reports the error; without a handler here the browser would report it as unhandled first.
client.opened.catch(() => {})
if (!globalThis.rtnvisPageLoaded) beginReport().opened?.catch(() => {})
