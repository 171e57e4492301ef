// The stage: first a poster, then the globe, or the map where there is no WebGL; and what the pointer finds on it.
import type { SitePoint } from '../../../src/node/site-manifest.ts'
import { byId, make } from './dom.ts'
import { GlobePicture, probeWebGl } from './globe.ts'
import { MapPicture } from './map.ts'
import type { Theme } from './palette.ts'
import type { Inset, Moment, Picked, Picture } from './picture.ts'
import { drawPoster } from './poster.ts'
import type { Report } from './report.ts'

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
  readonly #theme: () => Theme
  readonly #centre: SitePoint
  readonly #pictures: { globe?: Picture; map?: Picture } = {}
  #isCovered = false
  #webGl: 'hardware' | 'software' | null = null
  /** What the picture in use was told last, for the one that takes its place. */
  #report: { report: Report; colours: number[] } | null = null
  #passes: (lane: number) => boolean = () => true
  #moment: Moment = { seconds: 0, cycle: 0 }
  picture: Picture | null = null

  constructor(theme: () => Theme, centre: SitePoint, events: StageEvents) {
    this.#theme = theme
    this.#centre = centre
    this.#watchPointer(events)
    document.addEventListener('visibilitychange', () => this.picture?.setVisible(this.#isVisible))
    addEventListener('resize', () => this.layOut())
  }

  /** Shows the earth at once, then builds the picture. Marks "first-picture" and "picture" on the performance timeline. */
  async start(): Promise<void> {
    const poster = drawPoster(this.#element, this.#theme(), this.#centre, coveredSpace())
    await nextFrame()
    await nextFrame() // the poster is on the screen only after the frame it was drawn in
    performance.mark('first-picture')
    this.#webGl = probeWebGl()
    this.#use(this.#webGl ? 'globe' : 'map')
    await nextFrame()
    await nextFrame()
    poster.remove()
    performance.mark('picture')
  }

  load(report: Report, colours: number[]): void {
    this.#report = { report, colours }
    this.picture?.load(report, colours)
  }

  filter(passes: (lane: number) => boolean): void {
    this.#passes = passes
    this.picture?.filter(passes)
  }

  show(moment: Moment): void {
    this.#moment = moment
    this.picture?.show(moment)
  }

  paint(theme: Theme): void {
    this.picture?.paint(theme)
  }

  /** Whether there is WebGL, and so a globe. Known after start(). */
  get hasGlobe(): boolean {
    return this.#webGl !== null
  }

  get #isVisible(): boolean {
    return !document.hidden && !this.#isCovered
  }

  /** Shows the globe or the map; null: another view lies over the stage, and nothing is drawn. */
  use(kind: Picture['kind'] | null): void {
    this.#isCovered = kind === null
    this.#element.hidden = kind === null
    if (kind && this.picture?.kind !== kind) this.#use(kind)
    else this.picture?.setVisible(this.#isVisible)
  }

  /** Keeps the picture in the middle of the space that the panels leave free. */
  layOut(): void {
    this.picture?.inset(coveredSpace())
  }

  /** Puts one kind of picture on the stage; the other keeps its place but draws nothing. */
  #use(kind: Picture['kind']): void {
    this.picture?.setVisible(false)
    this.#pictures[kind] ??= this.#make(kind)
    const picture = this.#pictures[kind]
    this.picture = picture
    document.documentElement.dataset.picture = kind
    this.#element.setAttribute('aria-label', kind === 'globe' ? 'Traffic on the globe' : 'Traffic on a map')
    picture.setVisible(this.#isVisible)
    picture.paint(this.#theme())
    picture.inset(coveredSpace())
    if (this.#report) {
      picture.load(this.#report.report, this.#report.colours)
      picture.filter(this.#passes)
    }
    picture.show(this.#moment)
  }

  #make(kind: Picture['kind']): Picture {
    const layer = make('div', `layer ${kind}`)
    this.#element.append(layer)
    return kind === 'globe' && this.#webGl
      ? new GlobePicture(layer, this.#webGl, this.#theme(), this.#centre, coveredSpace())
      : new MapPicture(layer, this.#theme())
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
