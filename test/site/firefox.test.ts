// The same report in Debian's Firefox, from file:// and from a host with a strict policy.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { publishSite } from '../../src/node/output/publish.ts'
import { ensureSite, fileAddress, launchFirefox, openPage, SITE_DIR, serveStrictly } from '../support/browser.ts'
import { FIREFOX } from '../support/firefox.ts'
import { makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'
import { testReport } from './player-suite.ts'

describe.skipIf(!FIREFOX)('Firefox (skipped where firefox-esr is not installed)', () => {
  let folder: string
  let browser: Browser
  let server: Awaited<ReturnType<typeof serveStrictly>>
  let database: Uint8Array

  beforeAll(async () => {
    await ensureSite()
    folder = await mkdtemp(join(tmpdir(), 'rtnvis-firefox-'))
    database = await makeSampleDatabase()
    await publishSite({ siteDir: SITE_DIR, outDir: folder, database, summary: SAMPLE_SUMMARY, singleFile: false })
    browser = await launchFirefox()
    server = await serveStrictly(folder)
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const addresses = [
    { name: 'file://', address: () => fileAddress(folder) },
    { name: 'http with a strict policy', address: () => server.address },
  ]

  // Headless Firefox gets no WebGL without a graphics card: the report must do with the map.
  describe.each(addresses)('the report over $name', ({ address }) => {
    testReport(
      'map',
      () => openPage(browser, address()),
      () => database,
    )
  })
})
