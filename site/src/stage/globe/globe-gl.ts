// What rtnvis takes from globe.gl: a sphere, a camera and its controls.
import Globe, { type GlobeInstance } from 'globe.gl'
import type { Material } from 'three'
import { GLOBE_RADIUS } from '../initial-camera.ts'
import type { WebGl } from '../webgl.ts'

/** Distance of the camera from the earth's middle, in radii. */
const NEAREST = 1.06
const FARTHEST = 16

/** No light, no atmosphere, no frames of its own. */
export function makeGlobe(stage: HTMLElement, { canvas, context, by }: WebGl, material: Material): GlobeInstance {
  const globe = new Globe(stage, { animateIn: false, waitForGlobeReady: false, rendererConfig: { canvas, context } }).pauseAnimation()
  const renderer = globe.renderer()
  if (by === 'software') renderer.setPixelRatio(1)
  renderer.debug.checkShaderErrors = false // reading them back waits for the GPU
  globe.backgroundColor('rgba(0,0,0,0)').showAtmosphere(false).enablePointerInteraction(false).globeMaterial(material)
  globe.lights([])
  return globe
}

/** `touched`: the reader takes the camera; `moved`: it is elsewhere. */
export function watchCamera(globe: GlobeInstance, stage: HTMLElement, { touched, moved }: { touched(): void; moved(): void }): void {
  const controls = globe.controls()
  controls.minDistance = GLOBE_RADIUS * NEAREST
  controls.maxDistance = GLOBE_RADIUS * FARTHEST
  controls.enableDamping = !matchMedia('(prefers-reduced-motion: reduce)').matches
  for (const event of ['pointerdown', 'wheel', 'touchstart'] as const) stage.addEventListener(event, touched, { passive: true })
  controls.addEventListener('change', moved)
}
