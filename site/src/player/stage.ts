// The stage: first a poster, then the globe, or the map where there is no WebGL; and what the pointer finds on it.
import type { SitePoint } from '../../../src/node/site-manifest.ts'
import { byId } from './dom.ts'
import { GlobePicture, probeWebGl } from './globe.ts'
import { MapPicture } from './map.ts'
import type { Theme } from './palette.ts'
import type { Inset, Picked, Picture } from './picture.ts'
import { drawPoster } from './poster.ts'

/** A press that moves farther than this (CSS pixels) turns the globe and is no click. */
const CLICK_PIXELS = 5

/** The sidebar covers part of the stage from this width of the window on; below, it lies over everything. */
export const WIDE_PIXELS = 900

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

export interface StageEvents {
  /** What stands in the tooltip. */
  title(picked: Picked): string
  click(picked: Picked): void
}

export class Stage {
  readonly #element = byId('stage')
  picture: Picture | null = null

  constructor(events: StageEvents) {
    this.#watchPointer(events)
    document.addEventListener('visibilitychange', () => this.picture?.setVisible(!document.hidden))
    addEventListener('resize', () => this.layOut())
  }

  /** Shows the earth at once, then builds the picture. Marks "first-picture" and "picture" on the performance timeline. */
  async start(theme: () => Theme, centre: SitePoint): Promise<Picture> {
    const poster = drawPoster(this.#element, theme(), centre, coveredSpace())
    await nextFrame()
    await nextFrame() // the poster is on the screen only after the frame it was drawn in
    performance.mark('first-picture')
    const webGl = probeWebGl()
    this.picture = webGl ? new GlobePicture(this.#element, webGl, theme(), centre, coveredSpace()) : new MapPicture(this.#element, theme())
    this.picture.setVisible(!document.hidden)
    document.documentElement.dataset.picture = this.picture.kind
    this.layOut()
    await nextFrame()
    await nextFrame()
    poster.remove()
    performance.mark('picture')
    return this.picture
  }

  /** Keeps the picture in the middle of the space that the panels leave free. */
  layOut(): void {
    this.picture?.inset(coveredSpace())
  }

  #watchPointer({ title, click }: StageEvents): void {
    const tooltip = byId('tooltip')
    let down: { x: number; y: number } | null = null
    let isWaiting = false
    this.#element.addEventListener('pointermove', ({ offsetX, offsetY, clientX, clientY, buttons }) => {
      if (isWaiting) return
      isWaiting = true
      requestAnimationFrame(() => {
        isWaiting = false
        const found = buttons === 0 ? this.picture?.pick(offsetX, offsetY) : null
        tooltip.hidden = !found
        this.#element.style.cursor = found ? 'pointer' : ''
        if (!found) return
        tooltip.textContent = title(found)
        tooltip.style.left = `${Math.min(clientX + 14, innerWidth - tooltip.offsetWidth - 8)}px`
        tooltip.style.top = `${Math.max(8, clientY - tooltip.offsetHeight - 12)}px`
      })
    })
    this.#element.addEventListener('pointerleave', () => {
      tooltip.hidden = true
    })
    this.#element.addEventListener('pointerdown', ({ clientX, clientY }) => {
      down = { x: clientX, y: clientY }
    })
    this.#element.addEventListener('click', ({ offsetX, offsetY, clientX, clientY }) => {
      if (!down || Math.hypot(clientX - down.x, clientY - down.y) > CLICK_PIXELS) return
      const found = this.picture?.pick(offsetX, offsetY)
      if (found) click(found)
    })
  }
}

/** CSS pixels at the stage's right and bottom that panels cover. */
function coveredSpace(): Inset {
  const isBeside = innerWidth >= WIDE_PIXELS && document.documentElement.dataset.sidebar === 'open'
  return { right: isBeside ? byId('sidebar').offsetWidth + 16 : 0, bottom: byId('dock').offsetHeight + 4 }
}
