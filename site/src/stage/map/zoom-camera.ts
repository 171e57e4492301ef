// The camera of a picture on a 2D canvas: the reader's own zooming and panning (d3-zoom), and flights to where the page wants to look.
import { select } from 'd3-selection'
import { type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom'
import { MapFlight } from './map-flight.ts'

/** Canvas pixels per CSS pixel, at most. */
const MOST_RATIO = 2

export class ZoomCamera {
  readonly #stage: HTMLElement
  readonly #requestFrame: () => void
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #zoom = zoom<HTMLElement, unknown>()
  readonly #flight = new MapFlight()
  /** From the picture's own coordinates to CSS pixels of the stage. */
  at: ZoomTransform = zoomIdentity

  /** @param onMove called after each move; `isReader`: the reader moved it */
  constructor(stage: HTMLElement, requestFrame: () => void, onMove: (isReader: boolean) => void) {
    this.#stage = stage
    this.#requestFrame = requestFrame
    this.#zoom.on('zoom', ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: Event | null }) => {
      if (sourceEvent) this.#flight.stop()
      this.at = transform
      onMove(sourceEvent !== null)
    })
    select(stage).call(this.#zoom)
  }

  /** How near it comes, and how far away. */
  limitScale(farthest: number, nearest: number): void {
    this.#zoom.scaleExtent([farthest, nearest])
  }

  /** How far it pans: the corners of what it may see, in the picture's own coordinates. */
  limitPan(topLeft: [number, number], bottomRight: [number, number]): void {
    this.#zoom.translateExtent([topLeft, bottomRight])
  }

  /** Ends a flight: where it was to end may not be right any more. */
  moveTo(to: ZoomTransform): void {
    this.#flight.stop()
    this.#set(to)
  }

  flyTo(to: ZoomTransform, isSudden: boolean): void {
    if (isSudden || this.#isStill.matches) this.moveTo(to)
    else this.#flight.start(this.at, to)
    this.#requestFrame()
  }

  /** Moves along the flight. @returns whether it goes on */
  step(nowMs: number): boolean {
    const next = this.#flight.step(nowMs, this.#stage.clientWidth, this.#stage.clientHeight)
    if (next) this.#set(next)
    return this.#flight.isOn
  }

  #set(to: ZoomTransform): void {
    select(this.#stage).call(this.#zoom.transform, to)
  }

  /** What is in the middle of the stage, in the picture's own coordinates. */
  get middle(): [number, number] {
    return this.at.invert([this.#stage.clientWidth / 2, this.#stage.clientHeight / 2])
  }

  /** With a point of the picture in the middle of the stage. */
  centredOn(x: number, y: number, k: number): ZoomTransform {
    return zoomIdentity.translate(this.#stage.clientWidth / 2 - k * x, this.#stage.clientHeight / 2 - k * y).scale(k)
  }
}

/** A canvas' size for an element's, `ratio` canvas pixels per CSS pixel. */
export function pixelsOf({ clientWidth, clientHeight }: HTMLElement): { width: number; height: number; ratio: number } {
  const ratio = Math.min(MOST_RATIO, devicePixelRatio)
  return { width: Math.round(clientWidth * ratio), height: Math.round(clientHeight * ratio), ratio }
}

/** Empties a canvas, and gives it a size if it has another. */
export function clearCanvas(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')!
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.globalAlpha = 1
  context.clearRect(0, 0, width, height)
  return context
}
