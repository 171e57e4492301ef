// The stage: first a poster, then the globe, or the map where there is no WebGL; and what the pointer finds on it.
import type { SitePoint } from '../../../src/contract/manifest.ts'
import type { ArcSlices } from '../model/arc-slices.ts'
import type { Effects } from '../model/effects.ts'
import type { Report } from '../model/report.ts'
import { nextTurn } from '../protocol/time-slicing.ts'
import { pageLoaded } from '../session/page-loaded.ts'
import type { PictureName } from '../session/session.ts'
import { byId, make } from '../ui/dom.ts'
import type { Theme } from '../ui/palette.ts'
import { StageAim, textOf } from './aim.ts'
import { ArcLimits } from './arc-limits.ts'
import { coveredSpace, PANELS, panelBoxes, placeStory } from './covered-space.ts'
import type { GlobeRenderer } from './globe/globe.ts'
import { isGlobeReady, loadGlobe, takeGlobe } from './globe-ahead.ts'
import { HandOver } from './hand-over.ts'
import type { Box } from './labels.ts'
import { type Layers, USUAL_LAYERS } from './layers.ts'
import { LocalRenderer } from './local/local.ts'
import { MapRenderer } from './map/map.ts'
import { type StageEvents, watchPointer } from './pointer.ts'
import { drawPoster } from './poster.ts'
import { FIRST_MOMENT, type Moment, type Renderer } from './renderer.ts'
import { type DrawnBy, openWebGl, type WebGl } from './webgl.ts'

const LABELS = { globe: 'Traffic on the globe', map: 'Traffic on a map', local: 'Traffic in the local network' }

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

export class Stage {
  readonly #element = byId('stage')
  readonly #theme: () => Theme
  readonly #centre: SitePoint
  readonly #renderers: { globe?: Renderer; map?: Renderer; local?: Renderer } = {}
  /** The local network; drawn when it is the picture. */
  readonly local: LocalRenderer
  #isCovered = false
  /** The kind that was requested last. */
  #wanted: Renderer['kind'] = 'globe'
  /** Null: there is no WebGL. Known before a renderer exists. */
  readonly #willBeDrawnBy: Promise<DrawnBy | null>
  readonly #calm: Promise<void>
  #drawnBy: DrawnBy | null = null
  #webGl: WebGl | null = null
  #Globe: typeof GlobeRenderer | null = null
  readonly #handOver: HandOver
  #inFocus: { routes: Uint8Array | null; place: number } = { routes: null, place: -1 }
  #layers: Layers = USUAL_LAYERS
  #moment: Moment = FIRST_MOMENT
  #panels: Box[] = []
  /** The space covered when the parts were laid out last, as JSON. */
  #covered = ''
  readonly #aim = new StageAim()
  renderer: Renderer | null = null
  readonly #limits = new ArcLimits(() => this.onZoom?.())
  /** Called when the camera has come so much nearer or farther that other arcs are to be drawn (mostWhole). */
  onZoom: (() => void) | null = null

  /** @param calm nothing more urgent is to be done: layers may be prepared that nobody wants yet */
  constructor(drawnBy: Promise<DrawnBy | null>, calm: Promise<void>, theme: () => Theme, centre: SitePoint, events: StageEvents) {
    this.#willBeDrawnBy = drawnBy
    this.#calm = calm
    void drawnBy.then((by) => {
      this.#drawnBy = by
    })
    this.#theme = theme
    this.#centre = centre
    for (const event of ['pointerdown', 'wheel']) this.#element.addEventListener(event, () => this.#aim.forget(), { passive: true })
    this.#handOver = new HandOver(theme())
    this.local = new LocalRenderer(this.#addLayer('local'), theme())
    this.#handOver.add(this.local, theme())
    this.local.setVisible(false)
    watchPointer(this.#element, () => this.renderer, events)
    document.addEventListener('visibilitychange', () => this.renderer?.setVisible(this.#isVisible))
    addEventListener('resize', () => this.layOut())
    const panels = new ResizeObserver(() => (JSON.stringify(coveredSpace()) === this.#covered ? this.#findPanels() : this.layOut()))
    for (const id of PANELS) panels.observe(byId(id))
  }

  /** Shows the earth at once, then builds the picture. Marks "first-picture" and "picture" on the performance timeline. */
  async start(): Promise<void> {
    await nextTurn() // the page's other parts start first
    const poster = isGlobeReady() ? null : await drawPoster(this.#element, this.#theme(), this.#centre, coveredSpace())
    await nextFrame()
    await nextFrame() // the poster is on the screen only after the frame it was drawn in
    performance.mark('first-picture')
    // The page answers before most of its script is loaded.
    await pageLoaded
    await nextTurn()
    this.#Globe = await loadGlobe()
    const by = await this.#willBeDrawnBy
    await nextTurn()
    this.#webGl = by && openWebGl(by)
    await nextTurn()
    const kind = () => (this.#wanted === 'globe' && !this.#webGl ? 'map' : this.#wanted)
    this.#renderers[kind()] ??= this.#make(kind())
    this.#renderers[kind()]?.setVisible(this.#isVisible)
    await nextTurn() // a renderer takes long to make, and to load
    this.#use(kind())
    await this.renderer?.shown
    poster?.remove()
    await nextFrame()
    await nextFrame()
    performance.mark('picture')
  }

  load(report: Report, colours: number[]): void {
    this.#handOver.give(this.renderer, { report: { report, colours } })
  }

  draw(slices: ArcSlices): void {
    this.#handOver.give(this.renderer, { slices })
  }

  setEffects(effects: Effects): void {
    this.#handOver.give(this.renderer, { effects })
  }

  show(moment: Moment): void {
    this.#moment = moment
    this.renderer?.show(moment)
  }

  focus(routes: Uint8Array | null, place: number): void {
    this.#inFocus = { routes, place }
    this.renderer?.focus(routes, place)
  }

  setLayers(layers: Layers): void {
    this.#layers = layers
    this.renderer?.setLayers(layers)
  }

  paint(theme: Theme): void {
    this.#handOver.give(this.renderer, { theme })
  }

  /** Shows these points in the part of the stage that no panel covers; without any, the earth as at the start. */
  lookAt(points: readonly SitePoint[], { weights, isSudden = false }: { weights?: ArrayLike<number>; isSudden?: boolean } = {}): void {
    this.#aim.atPoints(points, weights, () => this.size)
    this.#aim.send(this.renderer, isSudden)
  }

  /** Where the camera stands, for a link; "" before there is a picture. */
  get camera(): string {
    return this.renderer ? textOf(this.renderer) : ''
  }

  /** Puts the camera where a link says, now or as soon as there is a picture. */
  set camera(text: string) {
    this.#aim.atText(text)
    this.#aim.send(this.renderer, true)
  }

  /** Back to where the picture stood at the start. */
  lookAtEarth(): void {
    this.lookAt([])
  }

  /** CSS pixels. */
  get size(): { width: number; height: number } {
    return { width: this.#element.clientWidth, height: this.#element.clientHeight }
  }

  /** The part of the stage that no panel covers. */
  get free(): { left: number; top: number; width: number; height: number } {
    const { left, top, right, bottom } = coveredSpace()
    const { width, height } = this.size
    return { left, top, width: Math.max(2, width - left - right), height: Math.max(2, height - bottom - top) }
  }

  /** Whether there is WebGL, and so a globe. Known after start(). */
  get hasGlobe(): boolean {
    return this.#webGl !== null
  }

  /** Arcs drawn at once, at most. */
  get mostArcs(): number {
    return this.#limits.atOnce(this.#drawingBy)
  }

  /** Arcs of a whole picture at most, where the camera is now. */
  get mostWhole(): number {
    return this.#limits.ofWhole(this.#drawingBy)
  }

  /** What draws, or will draw, the current picture. */
  get #drawingBy(): DrawnBy | 'map' {
    return (this.renderer?.kind ?? this.#wanted) === 'map' ? 'map' : (this.#drawnBy ?? 'map')
  }

  get isSoftware(): boolean {
    return this.#drawnBy === 'software' && this.renderer?.kind === 'globe'
  }

  get #isVisible(): boolean {
    return !document.hidden && !this.#isCovered
  }

  /** Shows the globe or the map, at once or when it can be; null: another view lies over the stage, and nothing is drawn. */
  use(kind: Renderer['kind'] | null): void {
    this.#isCovered = kind === null
    this.#element.hidden = kind === null
    if (kind) this.#wanted = kind
    if (kind && this.renderer && this.renderer.kind !== kind) this.#use(kind)
    else this.renderer?.setVisible(this.#isVisible)
  }

  /** The picture to show to a reader of a table: the report's first one, as far as this browser can draw it. */
  pictureFor(home: PictureName): PictureName {
    if (home === 'local') return 'local'
    return this.hasGlobe ? 'globe' : 'map'
  }

  /** Keeps the picture in the middle of the space that the panels leave free. */
  layOut(): void {
    const { style } = document.documentElement
    style.setProperty('--dock', `${byId('dock').offsetHeight}px`)
    style.setProperty('--filter', `${byId('filter').getBoundingClientRect().bottom}px`)
    placeStory()
    const covered = coveredSpace()
    this.#covered = JSON.stringify(covered)
    this.renderer?.inset(covered)
    this.#findPanels()
    this.#aim.sendAgain(this.renderer)
  }

  #findPanels(): void {
    const panels = panelBoxes()
    if (JSON.stringify(panels) === JSON.stringify(this.#panels)) return
    this.#panels = panels
    this.renderer?.avoid(panels)
  }

  /** Puts one kind of picture on the stage; the other keeps its place but draws nothing. */
  #use(kind: Renderer['kind']): void {
    this.renderer?.setVisible(false)
    this.#renderers[kind] ??= this.#make(kind)
    const renderer = this.#renderers[kind]
    renderer.onMove = () => this.#limits.watch(() => this.renderer?.zoom ?? 1)
    this.renderer = renderer
    document.documentElement.dataset.picture = kind
    this.#element.setAttribute('aria-label', LABELS[kind])
    this.#element.setAttribute('role', kind === 'local' ? 'group' : 'img') // the hosts of the local network are elements of their own
    renderer.setVisible(this.#isVisible)
    renderer.inset(coveredSpace())
    renderer.avoid(this.#panels)
    renderer.setLayers(this.#layers)
    this.#handOver.bring(renderer)
    renderer.focus(this.#inFocus.routes, this.#inFocus.place)
    renderer.show(this.#moment)
    this.#aim.send(renderer, true)
  }

  #make(kind: Renderer['kind']): Renderer {
    if (kind === 'local') return this.local
    const ahead = kind === 'globe' ? takeGlobe(this.#webGl) : null
    if (ahead) {
      this.#element.append(ahead.layer)
      this.#handOver.add(ahead.renderer, ahead.theme)
      return ahead.renderer
    }
    const layer = this.#addLayer(kind)
    const theme = this.#theme()
    const renderer =
      kind === 'globe' && this.#webGl && this.#Globe
        ? new this.#Globe(layer, this.#webGl, this.#calm, theme, this.#centre, coveredSpace())
        : new MapRenderer(layer, theme)
    this.#handOver.add(renderer, theme)
    return renderer
  }

  #addLayer(kind: Renderer['kind']): HTMLElement {
    const layer = make('div', `layer ${kind}`)
    this.#element.append(layer)
    return layer
  }
}
