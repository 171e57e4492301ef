// Where the camera was sent last: a renderer that comes onto the stage later is sent there, too, once.
import type { SitePoint } from '../../../src/contract/manifest.ts'
import { freeSpace } from './covered-space.ts'
import type { Renderer } from './renderer.ts'

/** A new object each time, so that it can be compared. */
interface Sent {
  to(renderer: Renderer, isSudden: boolean): void
}

export class StageAim {
  #sent: Sent | null = null
  readonly #done = new Map<Renderer, Sent>()

  /** These points, in the part of a stage of this size that no panel covers; without any, the earth as at the start. */
  atPoints(points: readonly SitePoint[], weights: ArrayLike<number> | undefined, size: () => { width: number; height: number }): void {
    this.#sent = {
      to: (renderer, isSudden) => {
        const { width, height } = size()
        const free = freeSpace(width, height)
        renderer.lookAt(points.length > 0 ? { points, ...(weights && { weights }), free } : null, isSudden)
      },
    }
  }

  /** @param text as textOf() gives it, in a link; another text changes nothing */
  atText(text: string): void {
    const [kind, ...rest] = text.split(/[:,]/)
    const numbers = rest.map(Number)
    if (numbers.length !== 3 || !numbers.every(Number.isFinite) || !(numbers[2] > 0) || Math.abs(numbers[0]) > 90) return
    this.#sent = {
      to: (renderer) => {
        if (renderer.kind === kind) renderer.camera = numbers
      },
    }
  }

  /** The reader has moved the camera, which is left where it is. */
  forget(): void {
    this.#sent = null
  }

  /** Unless this renderer was sent there already. */
  send(renderer: Renderer | null, isSudden: boolean): void {
    if (!renderer || !this.#sent || this.#done.get(renderer) === this.#sent) return
    this.#done.set(renderer, this.#sent)
    this.#sent.to(renderer, isSudden)
  }

  /** The stage, or what covers it, has another size. */
  sendAgain(renderer: Renderer | null): void {
    if (renderer) this.#sent?.to(renderer, true)
  }
}

/** Where the camera stands, for a link. */
export function textOf(renderer: Renderer): string {
  return `${renderer.kind}:${renderer.camera.map((value) => Number(value.toFixed(3))).join(',')}`
}
