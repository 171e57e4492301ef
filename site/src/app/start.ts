// What takes longest begins first: the database's engine, the arrival of the data and the search for WebGL, all before the page's own script
// is compiled. The build makes a script of its own of this module and what it imports.
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import type { Report } from '../model/report.ts'
import { ReportClient } from '../protocol/client.ts'
import { askToOpen, showError, showProgress } from '../session/notice.ts'
import { pageLoaded } from '../session/page-loaded.ts'
import { probeWebGl } from '../stage/webgl.ts'
import { costOf } from './manifest.ts'
import { readManifest, sendParts } from './open.ts'

export const client = new ReportClient()

/** Null when the page has none that can be followed; `opened` says why. */
export const { manifest, trouble } = manifestOrTrouble()

function manifestOrTrouble(): { manifest: SiteManifest | null; trouble: unknown } {
  try {
    return { manifest: readManifest(), trouble: null }
  } catch (error) {
    return { manifest: null, trouble: error }
  }
}

/** Null: there is no WebGL. */
export const drawnBy = probeWebGl()

/** Null for a running capture, which has no data yet. */
export const opened = manifest?.live ? null : openReport()

async function openReport(): Promise<Report> {
  if (!manifest) throw trouble
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
for (const begun of [client.opened, opened]) begun?.catch(() => {})
