// The globe, made before there is a report to show on it. A page that waits for a capture has time to compile its shaders and to paint the
// earth; later the graphics process has to share the processor with the analysis, and the page stands still while it waits for an answer.
import { make } from '../ui/dom.ts'
import type { Theme } from '../ui/palette.ts'
import type { GlobeRenderer } from './globe/globe.ts'
import { viewCentre } from './initial-camera.ts'
import { type DrawnBy, openWebGl, type WebGl } from './webgl.ts'

interface MadeGlobe {
  renderer: GlobeRenderer
  layer: HTMLElement
  webGl: WebGl
  /** The one it is painted with. */
  theme: Theme
}

let made: MadeGlobe | null = null

/** globe.gl and three.js with it: most of the page's script. */
export async function loadGlobe(): Promise<typeof GlobeRenderer> {
  return (await import('./globe/globe.ts')).GlobeRenderer
}

/** In a place of the page where nobody sees it; not where the report has come first. */
export async function makeGlobeAhead(by: DrawnBy | null): Promise<void> {
  const webGl = by && openWebGl(by)
  const Globe = await loadGlobe()
  if (!webGl || document.documentElement.dataset.state !== 'start') return
  const layer = make('div', 'layer globe')
  const place = make('div', 'ahead')
  place.append(layer)
  document.body.append(place)
  const theme = document.documentElement.dataset.theme as Theme
  const nothing = { left: 0, top: 0, right: 0, bottom: 0 }
  const renderer = new Globe(layer, webGl, Promise.resolve(), theme, viewCentre(undefined), nothing)
  made = { renderer, layer, webGl, theme }
}

/** The globe that was made ahead for this context, once. */
export function takeGlobe(webGl: WebGl | null): MadeGlobe | null {
  const taken = made
  made = null
  return taken && taken.webGl === webGl ? taken : null
}

/** Whether its earth could be shown at once. */
export function isGlobeReady(): boolean {
  return made?.renderer.isComplete ?? false
}
