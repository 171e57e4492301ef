// The sample report (sample-database.ts) published, and a browser to open it in: Chromium where it takes WebGL, around the tests of a file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { Database } from 'sql.js'
import { afterAll, beforeAll } from 'vitest'
import { publishSite } from '../../src/node/output/publish.ts'
import { ensureSite, fileAddress, launchBrowser, launchChromium, launchFirefox, SITE_DIR, serveStrictly } from './browser.ts'
import { makeSampleDatabase, SAMPLE_SUMMARY } from './sample-database.ts'

export interface SampleReport {
  browser: Browser
  /** file:// address of its index.html. */
  address: string
  /** The same from a host with a strict policy. */
  served: string
  /** Beside the page, for the sqlite3 command. */
  database: string
  bytes: Uint8Array
}

export interface SampleOptions {
  /** Null: Firefox. */
  webGl: boolean | null
  /** Another database than the sample's own. */
  make?(): Promise<Uint8Array>
  /** The sample's own, changed. */
  change?(database: Database): void
  /** What its summary has otherwise. */
  summary?: Partial<typeof SAMPLE_SUMMARY>
}

/** What it returns is filled in before the first test. */
export function useSampleReport({ webGl, change, make = () => makeSampleDatabase(change), summary }: SampleOptions): SampleReport {
  const sample = {} as SampleReport
  let folder = ''
  let server: Awaited<ReturnType<typeof serveStrictly>> | undefined
  beforeAll(async () => {
    await ensureSite()
    folder = await mkdtemp(join(tmpdir(), 'rtnvis-sample-'))
    sample.bytes = await make()
    sample.database = join(folder, 'traffic.sqlite')
    await writeFile(sample.database, sample.bytes)
    await publishSite({
      siteDir: SITE_DIR,
      outDir: folder,
      database: sample.bytes,
      summary: { ...SAMPLE_SUMMARY, ...summary },
      singleFile: false,
    })
    sample.address = fileAddress(folder)
    server = await serveStrictly(folder)
    sample.served = server.address
    sample.browser = await (webGl === null ? launchFirefox() : webGl ? launchChromium({ webGl }) : launchBrowser())
  })
  afterAll(async () => {
    await sample.browser?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })
  return sample
}
