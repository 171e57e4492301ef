// The same report in Debian's Firefox, from file:// and from a host with a strict policy.
import { describe } from 'vitest'
import { openPage } from '../support/browser.ts'
import { FIREFOX } from '../support/firefox.ts'
import { useSampleReport } from '../support/sample-report.ts'
import { testReport } from './player-suite.ts'

describe.skipIf(!FIREFOX)('Firefox (skipped where firefox-esr is not installed)', () => {
  const sample = useSampleReport({ webGl: null })
  const addresses = [
    { name: 'file://', address: () => sample.address },
    { name: 'http with a strict policy', address: () => sample.served },
  ]

  // Headless Firefox gets no WebGL without a graphics card: the report must do with the map.
  describe.each(addresses)('the report over $name', ({ address }) => {
    testReport(
      'map',
      () => openPage(sample.browser, address()),
      () => sample.bytes,
    )
  })
})
