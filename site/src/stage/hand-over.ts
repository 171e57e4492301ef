// The last data that the stage was given -> the renderer that is on it. One that comes later gets only what it does not have: textures and
// buffers are large.
import type { ArcSlices } from '../model/arc-slices.ts'
import type { Effects } from '../model/effects.ts'
import type { Report } from '../model/report.ts'
import type { Theme } from '../ui/palette.ts'
import type { Renderer } from './renderer.ts'

interface Given {
  theme: Theme
  report: { report: Report; colours: number[] } | null
  slices: ArcSlices | null
  effects: Effects | null
}

export class HandOver {
  #now: Given
  readonly #had = new Map<Renderer, Given>()

  constructor(theme: Theme) {
    this.#now = { theme, report: null, slices: null, effects: null }
  }

  /** A new renderer: it has the theme. */
  add(renderer: Renderer, theme: Theme): void {
    this.#had.set(renderer, { theme, report: null, slices: null, effects: null })
  }

  /** `renderer`: the one on the stage, if there is one. */
  give(renderer: Renderer | null, what: Partial<Given>): void {
    this.#now = { ...this.#now, ...what }
    if (!renderer) return
    this.#had.set(renderer, { ...this.#had.get(renderer)!, ...what })
    if (what.theme) renderer.paint(what.theme)
    if (what.report) renderer.load(what.report.report, what.report.colours)
    if (what.slices) renderer.draw(what.slices)
    if (what.effects) renderer.setEffects(what.effects)
  }

  /** A renderer comes onto the stage. */
  bring(renderer: Renderer): void {
    const had = this.#had.get(renderer)!
    const { theme, report, slices, effects } = this.#now
    this.#had.set(renderer, this.#now)
    const isOther = had.report !== report
    if (had.theme !== theme) renderer.paint(theme)
    if (report && isOther) renderer.load(report.report, report.colours)
    if (slices && (isOther || had.slices !== slices)) renderer.draw(slices)
    if (effects && (isOther || had.effects !== effects)) renderer.setEffects(effects)
  }
}
