// How near the camera is, and what draws -> how many arcs are drawn.
import type { DrawnBy } from './webgl.ts'

/** At once, at most. Without a graphics card fewer arcs, not fewer frames (measured: 1,200 comets at some 20 frames a second). */
const AT_ONCE = { hardware: 60_000, software: 1200, map: 3000 }

/** In a whole picture, at most, by how near the camera is: more of them are joined (model/route-groups.ts). */
const OF_WHOLE = { hardware: [160, 640, 2500], software: [160, 400, 400], map: [160, 640, 2000] }

/** Zoom, in multiples of that at the start, from which the second and the third of them are used. */
const NEARER = [2, 5]

/** Time that the camera rests before other arcs are drawn. */
const REST_MS = 60

export class ArcLimits {
  readonly #onChange: () => void
  #level = 0
  #timer = 0

  /** @param onChange called when the camera has come so much nearer or farther that `ofWhole` is another */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** The camera moves; `zoom` says how near it is, see Renderer. */
  watch(zoom: () => number): void {
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => {
      const level = NEARER.filter((least) => zoom() >= least).length
      if (level === this.#level) return
      this.#level = level
      this.#onChange()
    }, REST_MS)
  }

  atOnce(by: DrawnBy | 'map'): number {
    return AT_ONCE[by]
  }

  ofWhole(by: DrawnBy | 'map'): number {
    return OF_WHOLE[by][this.#level]
  }
}
