// Marks in the filter's text: what is wrong has a wavy line where it stands, under its letters; the pair of parentheses at the cursor is shown.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pairAt } from '../../site/src/filter-bar/filter-marks.ts'
import { type OpenPage, openPage } from '../support/browser.ts'
import { useSampleReport } from '../support/sample-report.ts'

const sample = useSampleReport({ webGl: false })
let opened: OpenPage

beforeAll(async () => {
  opened = await openPage(sample.browser, `${sample.address}#v=map`, { reducedMotion: 'reduce' })
})
afterAll(() => opened.page.context().close())

const wrong = () => opened.page.locator('#filter-marks .wrong').allTextContents()

it('marks what is wrong until the text changes', async () => {
  const { page } = opened
  await page.fill('#filter-text', 'app:tls foo:bar port:443')
  await expect.poll(wrong).toEqual(['foo'])
  // Its line stands where the word does: as far to the right as the text before it is wide.
  const [input, mark] = await Promise.all(['#filter-text', '#filter-marks .wrong'].map((part) => page.locator(part).boundingBox()))
  const before = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d')!
    context.font = getComputedStyle(document.getElementById('filter-text')!).font
    return context.measureText('app:tls ').width
  })
  expect(Math.abs(mark!.x - input!.x - before)).toBeLessThan(1)
  expect(mark!.y).toBeGreaterThan(input!.y)
  expect(mark!.y + mark!.height).toBeLessThan(input!.y + input!.height)
  await page.press('#filter-text', 'End')
  await page.keyboard.type('0')
  expect(await wrong()).toEqual([])
  await page.fill('#filter-text', 'app:tls')
  await expect.poll(() => page.locator('#filter-note').textContent()).toContain('1 flow')
  expect(await page.locator('#filter-marks').textContent()).toBe('')
})

it('marks what is missing behind the end', async () => {
  await opened.page.fill('#filter-text', '(app:tls or')
  await expect.poll(() => opened.page.getAttribute('#filter-text', 'aria-invalid')).toBe('true')
  expect((await wrong()).join('')).not.toBe('')
})

it('shows the pair of parentheses at the cursor, and follows a text that is longer than the field', async () => {
  const { page } = opened
  const long = Array.from({ length: 40 }, (_, index) => `port:${index + 1}`).join(' or ')
  await page.fill('#filter-text', `app:tls (${long})`)
  await page.press('#filter-text', 'End')
  expect(await page.locator('#filter-marks .pair').allTextContents()).toEqual(['(', ')'])
  const scrolled = () => page.evaluate(() => ['filter-text', 'filter-marks'].map((id) => document.getElementById(id)!.scrollLeft))
  await expect.poll(async () => Math.abs((await scrolled())[0] - (await scrolled())[1])).toBeLessThan(2)
  expect((await scrolled())[0]).toBeGreaterThan(100)
  expect(opened.complaints).toEqual([])
})

it('takes no parenthesis in quotes, and none without its counterpart', () => {
  expect(pairAt('(a or (b))', 0, 0)).toEqual([{ start: 0, end: 1 }, { start: 9, end: 10 }]) // biome-ignore format: a pair a line is longer
  expect(pairAt('(a or (b))', 6, 6).map(({ start }) => start)).toEqual([6, 8])
  expect(pairAt('name:"(" (a)', 7, 7)).toEqual([])
  expect(pairAt('((a)', 0, 0)).toEqual([])
  expect(pairAt('name:"(a)', 7, 7)).toEqual([])
})
