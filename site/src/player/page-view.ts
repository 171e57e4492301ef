// What the page lets others see of itself: for tests, and for the curious in a browser's console.
import type { State } from './notice.ts'
import type { Picture } from './picture.ts'

/** Read only, always of this very moment. */
export interface PageView {
  readonly state: State
  /** Undefined until the stage is set up. */
  readonly picture: Picture['kind'] | undefined
  /** Microseconds since the first packet. */
  readonly positionUs: number
  /** One line an arc on the stage: source, target, application. */
  readonly arcs: string[]
  /** Where an arc, as `arcs` names it, or a place is seen on the stage, CSS pixels; null where it is not. */
  locate(name: string): readonly [number, number] | null
}

declare global {
  interface Window {
    rtnvis: PageView
  }
}
