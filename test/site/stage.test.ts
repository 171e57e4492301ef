// Globe and map in real Chromium: clicks on arcs, layers, playback by keys, findings, pictures and videos, frames only when needed.
import { readFile } from 'node:fs/promises'
import type { Download, Page } from 'playwright-core'
import type { Database } from 'sql.js'
import { describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { differingPixels, openPage, shootStill } from '../support/browser.ts'
import { fillFilter } from '../support/filter-field.ts'
import { FIRST_US, HOSTILE } from '../support/sample-database.ts'
import { useSampleReport } from '../support/sample-report.ts'

const TLS = 'Nairobi, Kenya → Berlin, Germany · tls'
const SSH = 'Brazil → Nairobi, Kenya · ssh'

/** The sample with two findings: a hostile title at 10 s, one that the ssh flow shows at 20 to 40 s. */
function addAlerts(database: Database): void {
  const at = (second: number) => FIRST_US + second * 1e6
  const insert = (id: number, severity: string, title: string, first: number, last: number, source: number, flow: number) => {
    database.run(
      `INSERT INTO alerts (id, rule, rule_version, severity, severity_reason, title, next_step, first_us, last_us, source_host_id, target_host_id,
       technique, flows, story_id, evidence) VALUES (?, 'brute-force', 1, ?, 'r', ?, 'n', ?, ?, ?, 2, 'T1110', 1, ?, '{"observed":[],"picture":null}')`,
      [id, severity, title, at(first), at(last), source, id],
    )
    database.run('INSERT INTO alert_flows VALUES (?, ?)', [id, flow])
  }
  insert(1, 'high', '200.160.2.3 guessed passwords of 192.168.1.20', 20, 40, 5, 3)
  insert(2, 'low', HOSTILE.markup, 10, 10, 1, 2)
}

const sample = useSampleReport({ webGl: true, change: addAlerts })

const open = async (hash = '', look = {}) => {
  const opened = await openPage(sample.browser, `${sample.address}#${hash}`, { reducedMotion: 'reduce', ...look })
  await opened.page.waitForFunction(() => window.rtnvis.state === 'ready')
  return opened
}
const position = (page: Page) => page.evaluate(() => window.rtnvis.positionUs / 1e6)
const read = (page: Page, selector: string) => page.locator(selector).textContent()

async function bytesOf(download: Promise<Download>): Promise<{ name: string; bytes: Buffer }> {
  const done = await download
  return { name: done.suggestedFilename(), bytes: await readFile(await done.path()) }
}

/** A screenshot of the picture alone, once it stands still. */
const shoot = (page: Page) => shootStill(page, { x: 160, y: 120, width: 420, height: 250 })

describe.each(['globe', 'map'] as const)('the %s', (view) => {
  it('brings a clicked arc into focus and shows its flows; a click beside lets go', async () => {
    const { page, complaints } = await open(`v=${view}&t=30`)
    const [x, y] = (await page.evaluate((name) => window.rtnvis.locate(name), TLS))!
    await page.mouse.click(x, y)
    await expect.poll(() => read(page, '#flows-title')).toBe(TLS)
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('f=route:0')
    await page.keyboard.press('Escape')
    await page.mouse.click(8, 400)
    await expect.poll(() => page.evaluate(() => location.hash)).not.toContain('f=route')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('shows what layers and links ask for, the same for the same link', async () => {
    const { page, complaints } = await open(`v=${view}&t=30`)
    const plain = await shoot(page)
    await page.getByRole('button', { name: 'Layers' }).click()
    const layers = page.locator('#layers')
    const pictures = [plain]
    for (const name of ['Heat', 'Accuracy circles', 'Names']) {
      await layers.getByLabel(name).click()
      pictures.push(await shoot(page))
    }
    await layers.getByLabel('Accuracy circles').click() // dashes are not drawn to the pixel alike in two pages
    await layers.getByLabel('Countries').selectOption('bytes')
    pictures.push(await shoot(page))
    expect(await read(page, '#shade-most')).toBe('6 kB') // Germany: 5 kB of tls and 1 kB of http
    expect(new Set(pictures.map((picture) => picture.toString('base64'))).size).toBe(pictures.length)
    const { hash } = await page.evaluate(() => ({ hash: location.hash }))
    expect(hash).toContain('o.layers=')
    const again = await open(hash.slice(1))
    // Edges of lines and letters are not drawn to the pixel alike in two pages; a layer that is missing changes thousands of the 105,000.
    const differing = async () => differingPixels(page, pictures.at(-1)!, await shoot(again.page))
    await expect.poll(differing).toBeLessThan(200)
    expect([...complaints, ...again.complaints]).toEqual([])
    await page.context().close()
    await again.page.context().close()
  })
})

describe('the tray', () => {
  it('always says what no arc shows, under the filter, and opens it', async () => {
    const { page } = await open('t=45')
    await expect.poll(() => read(page, '#tray-unlocated-share')).toBe('1 kB · 2 flows')
    expect(await read(page, '#tray-local-share')).toBe('1.6 kB · 1 flow')
    expect(await page.locator('#tray-unlocated').getAttribute('data-active')).toBe('true')
    await page
      .getByRole('button', { name: /^Unlocated 1/ })
      .first()
      .click()
    await expect.poll(() => read(page, '#flows-summary')).toContain('2 flows · 1 kB')
    await page.keyboard.press('Escape')
    await fillFilter(page, 'app:tls')
    await page.keyboard.press('Enter')
    await expect.poll(() => read(page, '#tray-unlocated-share')).toBe('none')
    expect(await page.locator('#tray').isVisible()).toBe(true)
    await page.context().close()
  })
})

describe('keys', () => {
  it('move, step, speed up and jump as in a video player', async () => {
    const { page } = await open()
    const press = async (key: string) => {
      await page.keyboard.press(key)
      return Number((await position(page)).toFixed(3))
    }
    expect(await press('ArrowRight')).toBe(0.6)
    expect(await press('Shift+ArrowRight')).toBe(6.6)
    expect(await press('ArrowLeft')).toBe(6)
    expect(await press('.')).toBe(7)
    expect(await press(',')).toBe(6)
    expect(await press('End')).toBe(60)
    expect(await press('Home')).toBe(0)
    await page.keyboard.press(']')
    expect(await page.locator('#speed').inputValue()).toBe('5')
    await page.keyboard.press('[')
    expect(await page.locator('#speed').inputValue()).toBe('2')
    await page.keyboard.press('m')
    await expect.poll(() => page.evaluate(() => window.rtnvis.picture)).toBe('map')
    await page.keyboard.press('g')
    await expect.poll(() => page.evaluate(() => window.rtnvis.picture)).toBe('globe')
    await page.context().close()
  })

  it('a speed may be typed, and a wrong one changes nothing', async () => {
    const { page } = await open()
    await page.locator('#speed').selectOption('Other…')
    await page.keyboard.type('fast')
    await page.keyboard.press('Enter')
    expect(await page.locator('#speed-typed').getAttribute('aria-invalid')).toBe('true')
    await page.locator('#speed-typed').fill('7.5x')
    await page.keyboard.press('Enter')
    expect(await page.locator('#speed option:checked').textContent()).toBe('7.5×')
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('x=7.5')
    await page.context().close()
  })

  it('a brushed span is played in a loop', async () => {
    const { page } = await open('s=20-21&x=4&o.loop=1&t=20')
    await page.keyboard.press('Space')
    const seen = new Set<number>()
    // Some places of the span, one of them before another that was seen earlier: it has begun again.
    let last = 0
    let hasBegunAgain = false
    await expect
      .poll(async () => {
        const at = await position(page)
        expect(at >= 20 && at < 21).toBe(true)
        hasBegunAgain ||= at < last
        last = at
        return seen.add(at).size > 3 && hasBegunAgain
      })
      .toBe(true)
    await page.context().close()
  })
})

describe('findings', () => {
  it('are walked through by n: time, focus, speed and caption follow, hostile titles stay text', async () => {
    const { page, complaints } = await open()
    await page.keyboard.press('n')
    expect(await position(page)).toBe(10)
    expect(await read(page, '#caption-title')).toBe(HOSTILE.markup)
    expect(await read(page, '#caption-count')).toBe('finding 1 of 2')
    await page.keyboard.press('n')
    expect(await read(page, '#caption-title')).toBe('200.160.2.3 guessed passwords of 192.168.1.20')
    expect(await page.locator('#caption').getAttribute('data-severity')).toBe('high')
    expect(await page.evaluate(() => window.rtnvis.arcs)).toEqual([SSH])
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('f=alert:1')
    await page.keyboard.press('Shift+N')
    expect(await read(page, '#caption-count')).toBe('finding 1 of 2')
    await page.getByRole('button', { name: 'Leave the findings' }).click()
    expect(await page.locator('#caption').isVisible()).toBe(false)
    expect(await page.locator('#speed').inputValue()).toBe('2')
    expect(await page.evaluate(() => document.querySelectorAll('img').length)).toBe(0)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('are captioned while they play', async () => {
    const { page } = await open('t=5')
    expect(await page.locator('#caption').isVisible()).toBe(false)
    await page.getByLabel('Time', { exact: true }).fill(String(21e6))
    await expect.poll(() => read(page, '#caption-title')).toContain('guessed passwords')
    await page.context().close()
  })
})

describe('saving', () => {
  it('gives the picture as PNG, with its bar, at the size of what no panel covers', async () => {
    const { page } = await open('t=30')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: /Save this picture/ }).click()
    const { name, bytes } = await bytesOf(download)
    expect(name).toBe('sample-100030.png')
    expect(bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
    const sidebar = (await page.locator('#sidebar').boundingBox())!
    expect(bytes.readUInt32BE(16)).toBe(Math.floor((1280 - sidebar.width - 16) / 2) * 2)
    // Not one colour: the earth is on it, although a WebGL canvas is empty once it was shown.
    const colours = await page.evaluate(async (base64) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]))
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')!
      context.drawImage(image, 0, 0)
      const { data } = context.getImageData(0, 0, image.width, image.height - 80)
      const seen = new Set<number>()
      for (let at = 0; at < data.length; at += 400) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2])
      return seen.size
    }, bytes.toString('base64'))
    expect(colours).toBeGreaterThan(100)
    await page.context().close()
  })

  it('gives the playback of a span as WebM that has a length and can be sought in', async () => {
    const { page } = await open('v=map&s=20-24&t=20&x=2', { width: 640, height: 640 })
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Record a video (WebM)' }).click()
    await expect.poll(() => page.locator('#record').getAttribute('aria-pressed')).toBe('true')
    const { name, bytes } = await bytesOf(download)
    expect(name).toMatch(/^sample-\d{6}\.webm$/)
    expect(bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3') // EBML
    expect(bytes.includes('webm') && /V_VP[89]/.test(bytes.toString('latin1'))).toBe(true)
    expect(await page.locator('#record').getAttribute('aria-pressed')).toBe('false')
    const player = await page.context().newPage()
    const [seconds, at] = await player.evaluate(async (base64) => {
      const video = document.createElement('video')
      video.src = URL.createObjectURL(await (await fetch(`data:video/webm;base64,${base64}`)).blob())
      await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }))
      video.currentTime = 1
      await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }))
      return [video.duration, video.currentTime] as const
    }, bytes.toString('base64'))
    expect(seconds).toBeGreaterThan(1.5) // four seconds at twice the speed, or a little more where frames come late
    expect(seconds).toBeLessThan(20)
    expect(at).toBe(1)
    await page.context().close()
  })
})

describe('a recording', () => {
  it('ends when another view covers the stage, and what was recorded is saved', async () => {
    const { page } = await open('v=map&t=0&x=1', { width: 640, height: 640 })
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Record a video (WebM)' }).click()
    await page.waitForTimeout(1500)
    await page.getByRole('tab', { name: 'Flows' }).click()
    const { bytes } = await bytesOf(download)
    expect(bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3') // EBML
    expect(await page.locator('#record').getAttribute('aria-pressed')).toBe('false')
    await page.context().close()
  })
})

describe('frames', () => {
  const countDraws = `
    window.draws = 0
    for (const name of ['drawArrays', 'drawElements', 'drawElementsInstanced']) {
      const draw = WebGL2RenderingContext.prototype[name]
      WebGL2RenderingContext.prototype[name] = function (...values) { window.draws++; return draw.apply(this, values) }
    }`

  it('are drawn while it plays, not while it stands, and not in a hidden tab', async () => {
    const context = await sample.browser.newContext({ reducedMotion: 'reduce', viewport: { width: 900, height: 640 } })
    const page = await context.newPage()
    await page.addInitScript(countDraws)
    await page.goto(`${sample.address}#t=30`)
    await page.waitForFunction(() => window.rtnvis?.state === 'ready')
    const draws = () => page.evaluate(() => (window as unknown as { draws: number }).draws)
    await page.waitForFunction(() => window.rtnvis.isComplete)
    let rested = 0
    const comesToRest = async () => {
      rested = await draws()
      await page.waitForTimeout(1500)
      return (await draws()) - rested
    }
    await expect.poll(comesToRest).toBe(0)
    expect(rested).toBeGreaterThan(0)
    await page.keyboard.press('Space')
    await expect.poll(draws).toBeGreaterThan(rested)
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { get: () => true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    const hidden = await draws()
    await page.waitForTimeout(500)
    expect(await draws()).toBe(hidden)
    await context.close()
  })

  it('come back as they were after the graphics card was lost', async () => {
    const { page } = await open('t=30&o.layers=aplhb')
    const before = await shoot(page)
    await page.evaluate(async () => {
      const context = document.querySelector<HTMLCanvasElement>('.layer.globe canvas')!.getContext('webgl2')!
      const loss = context.getExtension('WEBGL_lose_context')!
      loss.loseContext()
      await new Promise((resolve) => setTimeout(resolve, 300))
      loss.restoreContext()
    })
    await page.waitForTimeout(1000)
    expect(await differingPixels(page, await shoot(page), before)).toBe(0)
    await page.context().close()
  })
})

describe('touch', () => {
  it('a tap near an arc is on it', async () => {
    const context = await sample.browser.newContext({ reducedMotion: 'reduce', viewport: { width: 360, height: 740 }, hasTouch: true })
    const page = await context.newPage()
    await page.goto(`${sample.address}#t=0.5&v=map`)
    await page.waitForFunction(() => window.rtnvis?.state === 'ready')
    const [x, y] = (await page.evaluate((name) => window.rtnvis.locate(name), TLS))!
    await page.touchscreen.tap(x + 12, y)
    await expect.poll(() => read(page, '#flows-title')).toBe(TLS)
    await context.close()
  })
})
