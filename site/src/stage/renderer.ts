// What the globe and the flat map have in common: either draws a moment of a report, with the same layers.
import type { SitePoint } from '../../../src/contract/manifest.ts'
import type { ArcSlices } from '../model/arc-slices.ts'
import type { Effects } from '../model/effects.ts'
import type { Report } from '../model/report.ts'
import type { PictureName } from '../session/session.ts'
import type { Theme } from '../ui/palette.ts'
import type { Box } from './labels.ts'
import type { Layers } from './layers.ts'

/** A moment: all that a picture needs to know of the clock. */
export interface Moment {
  /** Seconds since the timeline's start. */
  seconds: number
  /** Where comets and rings are in their cycle, 0 to 1. */
  cycle: number
  /** Capture seconds that pass in a second of playback. */
  rate: number
  /** Where the sun stands overhead; null: day everywhere. */
  sun: SitePoint | null
}

/** Before there is a clock. */
export const FIRST_MOMENT: Moment = { seconds: 0, cycle: 0, rate: 1, sun: null }

/** What the camera is to see, and where on the stage: in the part that nothing covers. */
export interface Aim {
  points: readonly SitePoint[]
  /** One per point: what the camera sees first where it cannot see all. Default: all alike. */
  weights?: ArrayLike<number>
  /** CSS pixels. */
  free: Box
}

/** CSS pixels at the edges of the stage that panels cover. */
export interface Inset {
  left: number
  top: number
  right: number
  bottom: number
}

/** On the globe and the map. */
export type GeoPicked = { kind: 'route'; route: number } | { kind: 'place'; place: number }

/** On the local network: indexes in LocalMap. */
export type LocalPicked = { kind: 'node'; node: number } | { kind: 'link'; link: number } | { kind: 'group'; group: number }

export type Picked = GeoPicked | LocalPicked

export function isGeo(picked: Picked): picked is GeoPicked {
  return picked.kind === 'route' || picked.kind === 'place'
}

/** A promise, and what fulfils it. */
export function makeSignal(): { heard: Promise<void>; give(): void } {
  let give = () => {}
  const heard = new Promise<void>((resolve) => {
    give = resolve
  })
  return { heard, give }
}

export interface Renderer {
  readonly kind: PictureName
  /** Whether everything is drawn; parts are drawn one after another. */
  readonly isComplete: boolean
  /** Resolves when the earth is on the stage, or when the stage is covered. */
  readonly shown: Promise<void>
  /** Gives the report to draw; `colours` has one colour slot per application. */
  load(report: Report, colours: number[]): void
  /** Takes what passes the filter. */
  draw(slices: ArcSlices): void
  /** Takes the marks of the findings that pass it. */
  setEffects(effects: Effects): void
  show(moment: Moment): void
  /** Highlights routes with a 1; null: none. `place`: the one that was chosen, or -1. */
  focus(routes: Uint8Array | null, place: number): void
  /** Highlights what the pointer is on. */
  point(picked: Picked | null): void
  setLayers(layers: Layers): void
  paint(theme: Theme): void
  /** Moves the picture to the middle of what the panels leave free. */
  inset(inset: Inset): void
  /** Places no label inside these boxes, CSS pixels. */
  avoid(panels: readonly Box[]): void
  /** What is under a point of the stage, in CSS pixels from its left and top; nothing farther away than `reach` pixels counts. */
  pick(x: number, y: number, reach: number): Picked | null
  /** A point of the stage where an arc or a dot is seen now, CSS pixels; null where the globe hides it. */
  locate(picked: Picked): readonly [number, number] | null
  /** Turns and zooms so that the aim is in view; null: to where the picture stood at the start. `isSudden`: at once. */
  lookAt(aim: Aim | null, isSudden: boolean): void
  /** Where the camera stands, for a link: three numbers. */
  camera: readonly number[]
  /** How many times nearer the camera is than where all of the picture is seen. */
  readonly zoom: number
  /** Called when the camera moves. */
  onMove: (() => void) | null
  /** Whether the page is visible: a hidden page draws nothing. */
  setVisible(isVisible: boolean): void
  /** Draws the picture as it stands now on another canvas, which has the stage's shape. */
  drawOn(context: CanvasRenderingContext2D, width: number, height: number): void
}
