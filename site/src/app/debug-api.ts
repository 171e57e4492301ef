// The page's read-only interface for tests and for the browser's console: window.rtnvis.
import type { Report } from '../model/report.ts'
import { readState, type State } from '../session/notice.ts'
import type { EffectsController, SeenEffect } from '../stage/effects/effects-controller.ts'
import type { LocalController } from '../stage/local/local-controller.ts'
import type { GeoPicked, Renderer } from '../stage/renderer.ts'
import { titleOf } from '../stage/titles.ts'

/** Read only; each property has the value of this moment. */
export interface DebugApi {
  readonly state: State
  /** Undefined until the stage is set up. */
  readonly picture: Renderer['kind'] | undefined
  /** Whether everything for this moment is drawn. */
  readonly isComplete: boolean
  /** Microseconds since the first packet. */
  readonly positionUs: number
  /** One line for each arc on the stage: source, target, application. */
  readonly arcs: string[]
  /** One line for each host or closed group of the local network, as in its tooltip; empty until that was shown. */
  readonly nodes: string[]
  /** Sparks and pulses of this moment, by time. */
  readonly effects: readonly SeenEffect[]
  /** Position of an arc (named as in `arcs`), a place or a node (by what its line begins with) on the stage, CSS pixels; null if it is not visible. */
  locate(name: string): readonly [number, number] | null
}

declare global {
  interface Window {
    rtnvis: DebugApi
  }
}

/** The state that it reads. */
interface Shown {
  readonly renderer: Renderer | null
  readonly report: Report | null
  positionUs(): number
  /** Routes drawn as arcs at this moment. */
  routes(): number[]
  local(): LocalController | null
  effects(): EffectsController | null
}

export function showPage(shown: Shown): void {
  window.rtnvis = {
    get state() {
      return readState()
    },
    get picture() {
      return shown.renderer?.kind
    },
    get isComplete() {
      return shown.renderer?.isComplete ?? false
    },
    get positionUs() {
      return shown.positionUs()
    },
    get arcs() {
      return shown.routes().map((route) => titleOf(shown.report!, { kind: 'route', route }))
    },
    get nodes() {
      return shown.local()?.titles ?? []
    },
    get effects() {
      return shown.effects()?.seen ?? []
    },
    locate(name) {
      const { report } = shown
      if (!report) return null
      if (shown.renderer?.kind === 'local') {
        const node = this.nodes.findIndex((title) => title.startsWith(name))
        return node < 0 ? null : shown.renderer.locate({ kind: 'node', node })
      }
      const picked: GeoPicked[] = [
        ...shown.routes().map((route): GeoPicked => ({ kind: 'route', route })),
        ...report.places.map((_, place): GeoPicked => ({ kind: 'place', place })),
      ]
      const found = picked.find((one) => titleOf(report, one) === name)
      return (found && shown.renderer?.locate(found)) ?? null
    },
  }
}
