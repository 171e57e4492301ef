// The demo's report in Chromium -> the manual's pictures, and the film of the README, as WebP.
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { isOpen, type Look } from '../support/browser.ts'

/** A picture of the manual: what the address asks for, and which part of the page is shown. */
interface View {
  hash: string
  /** Left out: all of the page. */
  part?: string
  /** The globe: drawn by software, so by no other machine to the pixel. */
  needsWebGl?: boolean
}

/** By file name, in the order of the manual. */
export const VIEWS: Record<string, View> = {
  page: { hash: 't=38', needsWebGl: true },
  map: { hash: 'v=map&t=38&q=app:tls' },
  flows: { hash: 'v=flows&q=country:DE' },
  dashboard: { hash: 'v=dashboard' },
  alerts: { hash: 'v=alerts' },
  timeline: { hash: 'v=map&t=38&s=20-60', part: '#dock' },
}

/** A globe that is drawn by software takes its time. */
const PATIENCE_MS = 240_000

const SIZE = { width: 1280, height: 800 }

async function open(
  browser: Browser,
  address: string,
  { width, height, ...look }: Look & { width: number; height: number },
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height }, ...look })
  await page.goto(address)
  await page.waitForFunction(isOpen, undefined, { timeout: PATIENCE_MS })
  return page
}

/** Until two pictures in a row are alike. */
async function shootStill(page: Page, clip: { x: number; y: number; width: number; height: number }): Promise<Buffer> {
  let before: Buffer | null = null
  for (;;) {
    await page.waitForTimeout(1000)
    const now = await page.screenshot({ clip })
    if (before?.equals(now)) return now
    before = now
  }
}

/** @returns WebP, 1,000 pixels wide at most */
export async function shootView(browser: Browser, address: string, { hash, part, needsWebGl }: View): Promise<Buffer> {
  const page = await open(browser, `${address}#${hash}`, { ...SIZE, reducedMotion: 'reduce' })
  try {
    if (needsWebGl) await page.waitForFunction(() => window.rtnvis.isComplete, undefined, { timeout: PATIENCE_MS })
    const box = part === undefined ? null : await page.locator(part).boundingBox()
    const png = await shootStill(page, box ?? { x: 0, y: 0, ...SIZE })
    return await sharp(png).resize({ width: 1000, withoutEnlargement: true }).webp({ quality: 80 }).toBuffer()
  } finally {
    await page.context().close()
  }
}

const FILM = { frames: 56, fromSeconds: 226, stepSeconds: 0.7, delayMs: 90, width: 800 }

/** The stage while it plays, frame by frame as the page's own button saves it: as smooth on a slow machine as on a fast one. */
export async function film(browser: Browser, address: string): Promise<Buffer> {
  const page = await open(browser, `${address}#t=${FILM.fromSeconds}`, { width: 1100, height: 720, colorScheme: 'dark' })
  try {
    const frames: Buffer[] = []
    for (let frame = 0; frame < FILM.frames; frame++) {
      const seconds = FILM.fromSeconds + frame * FILM.stepSeconds
      await page.evaluate((hash) => location.replace(hash), `#t=${seconds.toFixed(1)}`)
      await page.waitForFunction((us) => Math.abs(window.rtnvis.positionUs - us) < 1000 && window.rtnvis.isComplete, seconds * 1e6, {
        timeout: PATIENCE_MS,
      })
      frames.push(
        await sharp(await savedPicture(page))
          .resize({ width: FILM.width })
          .png()
          .toBuffer(),
      )
    }
    return await sharp(frames, { join: { animated: true } })
      .webp({ quality: 60, effort: 5, delay: frames.map(() => FILM.delayMs), loop: 0 })
      .toBuffer()
  } finally {
    await page.context().close()
  }
}

async function savedPicture(page: Page): Promise<Buffer> {
  const download = page.waitForEvent('download')
  await page.locator('#save-picture').click()
  return readFile(await (await download).path())
}
