// All arcs are one instanced mesh, all landing rings another, over the same entries (three.js). The entries are uploaded once per filter,
// the routes' shapes once per report; playback moves the uniforms `now` and `cycle` and the stretch of entries that is drawn: exactly one
// slice. Few arcs are drawn as glowing ribbons, many as comets of thin lines. Hot path: setMoment allocates only when a slice begins.
import * as THREE from 'three'
import { type ArcSlices, ENTRY, sliceAt } from '../../model/arc-slices.ts'
import type { Report } from '../../model/report.ts'
import { ALERT_SEVERITY, GEOMETRY } from '../../model/routes.ts'
import { spread } from '../../model/weight.ts'
import type { DrawnBy } from '../webgl.ts'
import {
  ALERT_SLOT,
  COMET_FRAGMENT,
  COMET_VERTEX,
  RIBBON_FRAGMENT,
  RIBBON_VERTEX,
  RING_FRAGMENT,
  RING_VERTEX,
  ROUTES_A_ROW,
  SLOTS,
  TEXELS,
} from './arc-shaders.ts'
import { asOverlay, overlayMaterial } from './overlay-layer.ts'

/** Arcs at once up to which they are ribbons, and straight pieces of all ribbons together: an arc is cut into as many as that leaves. */
const RIBBONS = {
  hardware: { arcs: 3000, pieces: 150_000 },
  software: { arcs: 400, pieces: 16_000 },
}
const CUTS = { most: 48, least: 20 }
const COMET_CUTS = 8

/** Arcs drawn at once that are still calm to look at. */
const CALM_ARCS = 60

type Layer<Kind extends THREE.Mesh | THREE.LineSegments> = Kind & { geometry: THREE.InstancedBufferGeometry }

export class ArcLayer {
  readonly group = new THREE.Group()
  readonly #uniforms = {
    now: { value: 0 },
    cycle: { value: 0 },
    trail: { value: 1 },
    glow: { value: 1 },
    calm: { value: 1 },
    isFocused: { value: 0 },
    pointed: { value: -1 },
    whole: { value: 0 },
    viewport: { value: new THREE.Vector2(1, 1) },
    routes: { value: routeTexture(new Float32Array(4), 1, 1) },
    colours: { value: Array.from({ length: SLOTS }, () => new THREE.Color()) },
  }
  readonly #webGl: DrawnBy
  readonly #ribbons: Layer<THREE.Mesh>
  readonly #comets: Layer<THREE.LineSegments>
  readonly #rings: Layer<THREE.Mesh>
  #buffer = new THREE.InstancedInterleavedBuffer(new Float32Array(ENTRY), ENTRY)
  #slices: ArcSlices | null = null
  #slice = -1

  constructor(webGl: DrawnBy) {
    this.#webGl = webGl
    const material = (vertexShader: string, fragmentShader: string) =>
      overlayMaterial({ vertexShader, fragmentShader }, this.#uniforms, {
        // The shaders multiply by alpha themselves, so that light adds up only in part: otherwise many arcs would turn white.
        blending: THREE.CustomBlending,
        blendSrc: THREE.OneFactor,
        blendDst: THREE.OneMinusSrcAlphaFactor,
        side: THREE.DoubleSide,
      })
    this.#rings = asOverlay(new THREE.Mesh(square(), material(RING_VERTEX, RING_FRAGMENT)), 4)
    this.#ribbons = asOverlay(new THREE.Mesh(ribbon(CUTS.most), material(RIBBON_VERTEX, RIBBON_FRAGMENT)), 5)
    this.#comets = asOverlay(new THREE.LineSegments(comet(), material(COMET_VERTEX, COMET_FRAGMENT)), 5)
    for (const layer of [this.#rings, this.#ribbons, this.#comets]) {
      layer.visible = false // its shaders are compiled when there is something to draw: the earth comes first
      this.group.add(layer)
    }
  }

  /** Uploads the routes' shapes. `colours` has one colour slot per application. */
  load({ routes }: Report, colours: number[]): void {
    const rows = Math.max(1, Math.ceil(routes.count / ROUTES_A_ROW))
    const data = new Float32Array(rows * ROUTES_A_ROW * TEXELS * 4)
    for (let route = 0; route < routes.count; route++) {
      const at = route * TEXELS * 4
      data.set(routes.geometry.subarray(route * GEOMETRY, (route + 1) * GEOMETRY), at)
      const isAlert = routes.severity[route] >= ALERT_SEVERITY
      data[at + GEOMETRY] = isAlert ? ALERT_SLOT : colours[routes.application[route]]
      data[at + GEOMETRY + 1] = spread(route)
      data[at + GEOMETRY + 2] = isAlert ? 1 : 0
    }
    this.#uniforms.routes.value.dispose()
    this.#uniforms.routes.value = routeTexture(data, ROUTES_A_ROW * TEXELS, rows)
  }

  /** Lets the routes with a 1 stand out; null: none does. */
  focus(inFocus: Uint8Array | null): void {
    this.#uniforms.isFocused.value = inFocus ? 1 : 0
    if (!inFocus) return
    const texture = this.#uniforms.routes.value
    const data = texture.image.data as Float32Array
    for (let route = 0; route < inFocus.length; route++) data[route * TEXELS * 4 + GEOMETRY + 3] = inFocus[route]
    texture.needsUpdate = true
  }

  /** Takes the route under the pointer, or -1. */
  point(route: number): void {
    this.#uniforms.pointed.value = route
  }

  /** Uploads what is drawn under a filter. */
  draw(slices: ArcSlices): void {
    this.#slices = slices
    this.#slice = -1
    this.#uniforms.trail.value = slices.trailSeconds
    this.#uniforms.whole.value = slices.whole ? 1 : 0
    this.#buffer = new THREE.InstancedInterleavedBuffer(slices.entries.length > 0 ? slices.entries : new Float32Array(ENTRY), ENTRY)
    const { arcs, pieces } = RIBBONS[this.#webGl]
    const areRibbons = slices.most <= arcs
    this.#ribbons.visible = areRibbons
    this.#rings.visible = areRibbons
    this.#comets.visible = !areRibbons
    // New geometries, not new attributes on the old ones: three.js keeps the first buffer's length as the most it will ever draw.
    for (const layer of [this.#ribbons, this.#comets, this.#rings]) layer.geometry.dispose()
    this.#ribbons.geometry = ribbon(Math.round(Math.min(CUTS.most, Math.max(CUTS.least, pieces / Math.max(1, slices.most)))))
    this.#comets.geometry = comet()
    this.#rings.geometry = square()
    this.setMoment(this.#uniforms.now.value, this.#uniforms.cycle.value)
  }

  /** `seconds` since the timeline's start; `cycle` 0 to 1. */
  setMoment(seconds: number, cycle: number): void {
    this.#uniforms.now.value = seconds
    this.#uniforms.cycle.value = cycle
    if (!this.#slices) return
    const slice = sliceAt(this.#slices, seconds)
    if (slice === this.#slice) return
    this.#slice = slice
    const from = this.#slices.sliceStart[slice]
    const to = this.#slices.sliceStart[slice + 1]
    this.#uniforms.calm.value = Math.min(1, Math.sqrt(CALM_ARCS / Math.max(1, to - from)))
    // WebGL 2 has no first instance, so the attribute moves instead.
    for (const { geometry } of [this.#ribbons, this.#comets, this.#rings]) {
      geometry.instanceCount = to - from
      geometry.setAttribute('iEntry', new THREE.InterleavedBufferAttribute(this.#buffer, ENTRY, from * ENTRY))
    }
  }

  setColours(colours: THREE.Color[], isDark: boolean): void {
    this.#uniforms.colours.value = colours
    this.#uniforms.glow.value = isDark ? 1 : 0
  }

  setViewport(width: number, height: number): void {
    this.#uniforms.viewport.value.set(width, height)
  }
}

function routeTexture(data: Float32Array<ArrayBuffer>, width: number, height: number): THREE.DataTexture {
  const texture = new THREE.DataTexture(data, width, height, THREE.RGBAFormat, THREE.FloatType)
  texture.needsUpdate = true
  return texture
}

/** A strip from (0, -1..1) to (1, -1..1): x runs along the arc, y across it. */
export function ribbon(cuts: number): THREE.InstancedBufferGeometry {
  const positions: number[] = []
  const triangles: number[] = []
  for (let cut = 0; cut <= cuts; cut++) {
    positions.push(cut / cuts, -1, 0, cut / cuts, 1, 0)
    if (cut < cuts) triangles.push(2 * cut, 2 * cut + 1, 2 * cut + 2, 2 * cut + 2, 2 * cut + 1, 2 * cut + 3)
  }
  return instanced(positions, triangles)
}

/** Pieces of a line from 0 (tail) to 1 (head). */
function comet(): THREE.InstancedBufferGeometry {
  const positions: number[] = []
  const lines: number[] = []
  for (let cut = 0; cut <= COMET_CUTS; cut++) {
    positions.push(cut / COMET_CUTS, 0, 0)
    if (cut < COMET_CUTS) lines.push(cut, cut + 1)
  }
  return instanced(positions, lines)
}

function square(): THREE.InstancedBufferGeometry {
  return instanced([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0], [0, 1, 2, 0, 2, 3])
}

export function instanced(positions: number[], indices: number[]): THREE.InstancedBufferGeometry {
  const geometry = new THREE.InstancedBufferGeometry()
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3))
  geometry.setIndex(indices)
  return geometry
}
