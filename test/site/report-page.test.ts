// report.html and the list of reports in a browser: nothing is cut off on paper, and no word of a severity is on another line.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { renderIndex, renderReport } from '../../src/node/output/render.ts'
import { summarize } from '../../src/report/index.ts'
import { parseEntry } from '../../src/report/pages.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { launchChromium } from '../support/browser.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
/** A4 with margins of 1 cm, 96 dots an inch. */
const PAPER = { width: 718, height: 1000 }

let browser: Awaited<ReturnType<typeof launchChromium>>
let html: string
beforeAll(async () => {
  browser = await launchChromium({ webGl: false })
  html = renderReport(summarize(await analyzeBytes(await readFile(CAPTURE)))).html
})
afterAll(() => browser?.close())

it('every table of the report is as wide as the paper at most', async () => {
  const page = await browser.newPage({ viewport: PAPER })
  await page.setContent(html)
  await page.emulateMedia({ media: 'print' })
  const widths = await page.locator('table').evaluateAll((tables) => tables.map((table) => table.getBoundingClientRect().right))
  expect(widths.length).toBeGreaterThan(8)
  expect(Math.max(...widths)).toBeLessThanOrEqual(PAPER.width)
  await page.close()
})

it.each([390, 740, 1440])('severities in the list have one line at %d pixels', async (width) => {
  const page = await browser.newPage({ viewport: { width, height: 800 } })
  await page.setContent(renderIndex([{ folder: 'demo', entry: parseEntry(html) }]))
  const heights = await page.locator('.severity').evaluateAll((badges) => badges.map((badge) => badge.getBoundingClientRect().height))
  expect(heights).toHaveLength(2) // 2 medium, 3 info
  expect(Math.max(...heights)).toBeLessThan(30)
  await page.close()
})
