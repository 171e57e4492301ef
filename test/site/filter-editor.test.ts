// The filter's editor: it takes the place of the input when that is first used, completes, marks what is wrong and keeps to one line.
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { partsOf } from '../../site/src/editor/filter-colours.ts'
import { type OpenPage, openPage } from '../support/browser.ts'
import { fillFilter, filterField, filterText } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'

const sample = useSampleReport({ webGl: false })
let opened: OpenPage
let page: Page

const open = () => openPage(sample.browser, `${sample.address}#v=map`, { reducedMotion: 'reduce' })
const inEditor = (selector: string) => opened.page.locator(`#filter-field ${selector}`)
const wrong = () => inEditor('.wrong').allTextContents()
const note = () => page.locator('#filter-note').textContent()
const options = () => inEditor('[role="option"]').allTextContents()
const isTyping = () => page.evaluate(() => document.activeElement?.id === 'filter-field')

beforeAll(async () => {
  opened = await open()
  page = opened.page
})
afterAll(() => page.context().close())

it('loads its script when the input is first used, and loses nothing that is typed meanwhile', async () => {
  const hasScript = () => page.evaluate(() => document.querySelector('script[src$="assets/editor.js"]') !== null)
  expect(await hasScript()).toBe(false)
  expect(await filterField(page).evaluate((field) => field.localName)).toBe('input')
  await page.keyboard.press('/')
  await page.keyboard.type('app:tls')
  await inEditor('.cm-content').waitFor()
  expect(await hasScript()).toBe(true)
  await page.keyboard.type(' port:443')
  expect(await filterText(page)).toBe('app:tls port:443')
  await page.keyboard.press('Enter')
  await expect.poll(note).toContain('1 flow')
  expect(await isTyping()).toBe(true)
})

it('completes fields, comparisons and values by keyboard; Enter applies where nothing is chosen', async () => {
  await fillFilter(page, 'count')
  await expect.poll(options).toEqual([expect.stringMatching(/^country/)])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await expect.poll(() => filterText(page)).toBe('country:')
  await expect.poll(async () => (await options()).length).toBeGreaterThan(2)
  await page.keyboard.type('br')
  await expect.poll(options).toEqual(['BrazilBR1 flow'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect(await filterText(page)).toBe('country:BR ')
  await expect.poll(note).toContain('1 flow')
  await fillFilter(page, 'bytes')
  await expect.poll(async () => (await options()).map((text) => text.split(/\s|[A-Zi]/)[0])).toContain('bytes>=')
  await page.keyboard.press('Escape')
  await expect.poll(options).toEqual([])
  expect(await isTyping()).toBe(true)
  await page.keyboard.press('Escape')
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
})

it('keeps the cursor, the list and what is wrong in sight in a narrow window', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await fillFilter(page, 'country:BR and port:443 and app:')
  await expect.poll(note).toContain('needs a value')
  await expect.poll(async () => (await options()).length).toBeGreaterThan(0)
  const [cursor, said, field] = await Promise.all([
    inEditor('.cm-cursor-primary').boundingBox(),
    page.locator('#filter-note').boundingBox(),
    page.locator('#filter-field').boundingBox(),
  ])
  expect(cursor!.x).toBeGreaterThan(field!.x)
  expect(cursor!.x).toBeLessThanOrEqual(field!.x + field!.width)
  expect(said!.y).toBeGreaterThanOrEqual(field!.y + field!.height)
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 1280, height: 720 })
})

it('marks what is wrong where it stands until the text changes', async () => {
  await fillFilter(page, 'app:tls foo:bar port:443')
  await expect.poll(wrong).toEqual(['foo'])
  const line = (await inEditor('.cm-line').boundingBox())!
  const mark = (await inEditor('.wrong').boundingBox())!
  const before = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d')!
    context.font = getComputedStyle(document.getElementById('filter-field')!.shadowRoot!.querySelector('.cm-line')!).font
    return context.measureText('app:tls ').width
  })
  expect(Math.abs(mark.x - line.x - before)).toBeLessThan(1)
  expect(await filterField(page).getAttribute('aria-invalid')).toBe('true')
  await page.keyboard.press('End')
  await page.keyboard.type('0')
  await expect.poll(wrong, { interval: 10 }).toEqual([])
  await fillFilter(page, '(app:tls or')
  await expect.poll(async () => (await wrong()).join('')).not.toBe('')
  await fillFilter(page, 'app:tls')
  await expect.poll(note).toContain('1 flow')
  expect(await filterField(page).getAttribute('aria-invalid')).toBe('false')
})

it('shows the pair of parentheses at the cursor, undoes, and follows a text that is longer than the field', async () => {
  const long = Array.from({ length: 40 }, (_, index) => `port:${index + 1}`).join(' or ')
  await fillFilter(page, 'app:dns')
  await fillFilter(page, `(${long})`)
  await page.keyboard.press('End')
  await expect.poll(() => inEditor('.cm-scroller').evaluate((element) => element.scrollLeft)).toBeGreaterThan(100)
  await fillFilter(page, 'app:tls (port:1 or port:443)')
  await page.keyboard.press('End')
  await expect.poll(() => inEditor('.cm-matchingBracket').allTextContents()).toEqual(['(', ')'])
  await page.keyboard.press('Backspace')
  await page.keyboard.press('ControlOrMeta+z')
  expect(await filterText(page)).toBe('app:tls (port:1 or port:443)')
})

it('makes one line of several that are pasted', async () => {
  await fillFilter(page, '')
  await page.evaluate(() => {
    const field = document.body.appendChild(document.createElement('textarea'))
    field.value = 'app:tls\n  port:443\n'
    field.select()
  })
  await page.keyboard.press('ControlOrMeta+c')
  await filterField(page).focus()
  await page.keyboard.press('ControlOrMeta+v')
  await expect.poll(() => filterText(page)).toBe('app:tls port:443 ')
  expect(await inEditor('.cm-line').count()).toBe(1)
  expect(opened.complaints).toEqual([])
})

it('without its script stays an input that filters', async () => {
  await rm(join(dirname(sample.database), 'assets/editor.js'))
  const { page } = await open()
  await filterField(page).fill('app:tls')
  await filterField(page).press('Enter')
  await expect.poll(() => page.locator('#filter-note').textContent()).toContain('1 flow')
  await page.waitForTimeout(300)
  expect(await filterField(page).evaluate((field) => field.localName)).toBe('input')
  await filterField(page).fill('foo:bar')
  await expect.poll(() => filterField(page).getAttribute('aria-invalid')).toBe('true')
  await filterField(page).press('Escape')
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
  await page.context().close()
})

it('colours the parts of a filter', () => {
  const coloured = (text: string) => {
    let from = 0
    return partsOf(text).flatMap(({ end, tag }) => {
      const part = text.slice(from, end)
      from = end
      return tag ? [`${tag} ${part}`] : []
    })
  }
  expect(coloured('bytes >= 1M -(app:tls or foo:bar) word')).toEqual([
    'propertyName bytes',
    'compareOperator  >= ',
    'literal 1M',
    'keyword -',
    'paren (',
    'propertyName app',
    'compareOperator :',
    'literal tls',
    'keyword or',
    'compareOperator :',
    'literal bar',
    'paren )',
  ])
  expect(coloured('name:"a (b" "c d" name:"e')).toEqual([
    'propertyName name',
    'compareOperator :',
    'string "a (b"',
    'string "c d"',
    'propertyName name',
    'compareOperator :',
    'string "e',
  ])
  expect(coloured('"')).toEqual(['string "'])
  expect(coloured('fe80::1')).toEqual([])
})
