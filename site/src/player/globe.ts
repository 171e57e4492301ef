// The globe: globe.gl keeps sphere, camera and controls; arcs, rings and places are three.js layers in its scene (arcs.ts, places.ts).
import Globe, { type GlobeInstance } from 'globe.gl'
import * as THREE from 'three'
import type { SitePoint } from '../../../src/node/site-manifest.ts'
import { ArcLayer, GLOBE_RADIUS } from './arcs.ts'
import { segmentsAt } from './columns.ts'
import { drawEarthTexture } from './earth.ts'
import { COLOUR_COUNT, colourOf, rgbOf, SURFACES, type Theme } from './palette.ts'
import { type Arc, arcPoint, type Inset, laneArcs, type Moment, type Picked, type Picture, unitVector } from './picture.ts'
import { PlaceLayer } from './places.ts'
import type { Report } from './report.ts'
import { TOP_INSET, viewAltitude, viewCentre } from './view.ts'

const EARTH_VERTEX = /* glsl */ `
  varying vec2 vUv;
  varying vec3 vNormal;
  varying vec3 vEye;
  void main() {
    vUv = uv;
    vNormal = normalize(normalMatrix * normal);
    vec4 eye = modelViewMatrix * vec4(position, 1.0);
    vEye = normalize(-eye.xyz);
    gl_Position = projectionMatrix * eye;
  }
`

const EARTH_FRAGMENT = /* glsl */ `
  uniform sampler2D earth;
  uniform vec3 rim;
  uniform float dark;
  varying vec2 vUv;
  varying vec3 vNormal;
  varying vec3 vEye;
  void main() {
    float facing = clamp(dot(normalize(vNormal), normalize(vEye)), 0.0, 1.0);
    float lit = 0.5 + 0.5 * dot(normalize(vNormal), normalize(vec3(-0.45, 0.6, 0.65)));
    vec3 colour = texture2D(earth, vUv).rgb * mix(mix(0.9, 1.02, lit), mix(0.62, 1.28, lit), dark);
    float edge = pow(1.0 - facing, 3.0);
    gl_FragColor = vec4(mix(colour, rim, edge * mix(0.55, 0.62, dark)), 1.0);
  }
`

const GLOW_VERTEX = /* glsl */ `
  varying vec2 vAt;
  void main() {
    vAt = position.xy;
    vec4 centre = modelViewMatrix * vec4(0.0, 0.0, 0.0, 1.0);
    gl_Position = projectionMatrix * (centre + vec4(position.xy * ${(GLOBE_RADIUS * 1.45).toFixed(1)}, 0.0, 0.0));
  }
`

const GLOW_FRAGMENT = /* glsl */ `
  uniform vec3 rim;
  uniform float dark;
  varying vec2 vAt;
  void main() {
    float radius = length(vAt) * 1.45;
    float light = pow(clamp(1.0 - (radius - 0.98) / 0.46, 0.0, 1.0), 3.4);
    gl_FragColor = vec4(rim, light * mix(0.45, 0.62, dark));
  }
`

/** A moved globe is drawn on for this long: damping settles within it. */
const SETTLE_MS = 900
const ROTATE_SPEED = 0.55
const HIT_PIXELS = 10
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i

/** How WebGL 2 is drawn here, or null without it: then the map takes over. The probe's context is given back at once. */
export function probeWebGl(): 'hardware' | 'software' | null {
  const context = document.createElement('canvas').getContext('webgl2')
  if (!context) return null
  const names = context.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER))
  context.getExtension('WEBGL_lose_context')?.loseContext()
  return SOFTWARE.test(renderer) ? 'software' : 'hardware'
}

export class GlobePicture implements Picture {
  readonly kind = 'globe'
  readonly #globe: GlobeInstance
  readonly #stage: HTMLElement
  readonly #arcs: ArcLayer
  readonly #places = new PlaceLayer()
  readonly #texture: THREE.CanvasTexture
  readonly #textureWidth: number
  readonly #earth: THREE.ShaderMaterial
  readonly #glow: THREE.Mesh<THREE.PlaneGeometry, THREE.ShaderMaterial>
  #report: Report | null = null
  #colours: number[] = []
  #laneArcs: Arc[] = []
  #passes: (lane: number) => boolean = () => true
  #seconds = 0
  #inset: Inset
  #isTouched = false
  #isVisible = true
  #wakes = 0
  #settle: ReturnType<typeof setTimeout> | undefined

  constructor(stage: HTMLElement, webGl: 'hardware' | 'software', theme: Theme, centre: SitePoint, inset: Inset) {
    const isFast = webGl === 'hardware'
    this.#stage = stage
    this.#inset = inset
    this.#arcs = new ArcLayer(webGl)
    this.#globe = new Globe(stage, {
      animateIn: false,
      waitForGlobeReady: false,
      rendererConfig: { antialias: isFast, alpha: true, powerPreference: 'high-performance' },
    })
    if (!isFast) this.#globe.renderer().setPixelRatio(1)
    this.#textureWidth = isFast ? 4096 : 2048
    this.#texture = new THREE.CanvasTexture(document.createElement('canvas'))
    this.#texture.generateMipmaps = isFast
    this.#texture.minFilter = isFast ? THREE.LinearMipmapLinearFilter : THREE.LinearFilter
    this.#texture.anisotropy = isFast ? 8 : 1
    const shared = { rim: { value: new THREE.Color() }, dark: { value: 1 } }
    this.#earth = new THREE.ShaderMaterial({
      vertexShader: EARTH_VERTEX,
      fragmentShader: EARTH_FRAGMENT,
      uniforms: { ...shared, earth: { value: this.#texture } },
    })
    this.#glow = new THREE.Mesh(
      new THREE.PlaneGeometry(2, 2),
      new THREE.ShaderMaterial({
        vertexShader: GLOW_VERTEX,
        fragmentShader: GLOW_FRAGMENT,
        uniforms: shared,
        transparent: true,
        depthWrite: false,
      }),
    )
    this.#glow.frustumCulled = false
    this.#glow.raycast = () => {}
    this.#glow.renderOrder = -1
    this.#globe.backgroundColor('rgba(0,0,0,0)').showAtmosphere(false).enablePointerInteraction(false).globeMaterial(this.#earth)
    this.#globe.lights([])
    this.#globe.renderer().debug.checkShaderErrors = false // reading them back waits for the GPU
    this.#globe.scene().add(this.#glow, this.#arcs.group, this.#places.points)
    this.#controlCamera()
    this.paint(theme)
    this.#lookAt(centre)
    new ResizeObserver(() => this.#resize()).observe(stage)
    this.#resize()
  }

  load(report: Report, colours: number[]): void {
    this.#report = report
    this.#colours = colours
    this.#laneArcs = laneArcs(report)
    this.#places.load(report, this.#globe.renderer().getPixelRatio())
    const origin = report.places[report.origin]
    if (origin && !this.#isTouched) this.#lookAt(viewCentre(origin))
    this.filter(() => true)
  }

  filter(passes: (lane: number) => boolean): void {
    if (!this.#report) return
    this.#passes = passes
    this.#arcs.load(this.#report, this.#colours, passes)
    this.#wake()
  }

  show({ seconds, cycle }: Moment): void {
    this.#seconds = seconds
    this.#arcs.setMoment(seconds, cycle)
    this.#places.setCycle(cycle)
    this.#wake()
  }

  paint(theme: Theme): void {
    const surface = SURFACES[theme]
    drawEarthTexture(this.#texture.image as HTMLCanvasElement, this.#textureWidth, surface)
    this.#texture.needsUpdate = true
    this.#earth.uniforms.rim!.value.setRGB(...surface.rim)
    this.#earth.uniforms.dark!.value = theme === 'dark' ? 1 : 0
    const colours = Array.from({ length: COLOUR_COUNT }, (_, slot) => new THREE.Color().setRGB(...rgbOf(colourOf(theme, slot))))
    this.#arcs.setColours(colours, theme === 'dark')
    this.#places.paint(surface)
    this.#wake()
  }

  inset(inset: Inset): void {
    this.#inset = inset
    this.#resize()
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (isVisible) this.#wake()
    else this.#globe.pauseAnimation()
  }

  pick(x: number, y: number): Picked | null {
    const report = this.#report
    if (!report) return null
    const camera = this.#globe.camera() as THREE.PerspectiveCamera
    const { clientWidth, clientHeight } = this.#stage
    const point = new THREE.Vector3()
    const toScreen = (axes: readonly [number, number, number]): [number, number] | null => {
      point.set(axes[0], axes[1], axes[2]).multiplyScalar(GLOBE_RADIUS)
      if (isBehindGlobe(camera.position, point)) return null
      point.project(camera)
      return [((point.x + 1) / 2) * clientWidth, ((1 - point.y) / 2) * clientHeight]
    }
    let best: Picked | null = null
    let nearest = HIT_PIXELS
    report.places.forEach((place, index) => {
      const at = toScreen(unitVector(place.latitudeDeg, place.longitudeDeg).map((axis) => axis * 1.003) as [number, number, number])
      const distance = at ? Math.hypot(at[0] - x, at[1] - y) : Infinity
      if (distance < nearest) {
        nearest = distance
        best = { kind: 'place', place: index }
      }
    })
    if (best) return best
    for (const segment of segmentsAt(report.segments, this.#seconds)) {
      const lane = report.segments.lane[segment]!
      if (!this.#passes(lane) || this.#laneArcs[lane]!.angle < 1e-4) continue
      let before: [number, number] | null = null
      for (let step = 0; step <= 24; step++) {
        const at = toScreen(arcPoint(this.#laneArcs[lane]!, step / 24))
        const distance = at && before ? distanceToLine(x, y, before, at) : Infinity
        if (distance < nearest) {
          nearest = distance
          best = { kind: 'lane', lane }
        }
        before = at
      }
    }
    return best
  }

  /** Turns slowly until touched, and never for those who asked for less motion. */
  #controlCamera(): void {
    const controls = this.#globe.controls()
    controls.minDistance = GLOBE_RADIUS * 1.15
    controls.maxDistance = GLOBE_RADIUS * 8
    controls.autoRotate = !matchMedia('(prefers-reduced-motion: reduce)').matches
    controls.autoRotateSpeed = ROTATE_SPEED
    const touched = () => {
      controls.autoRotate = false
      this.#isTouched = true
      this.#wake()
    }
    for (const event of ['pointerdown', 'wheel', 'touchstart'] as const) this.#stage.addEventListener(event, touched, { passive: true })
    controls.addEventListener('change', () => this.#wake())
  }

  #lookAt({ latitudeDeg, longitudeDeg }: SitePoint): void {
    this.#globe.pointOfView({ lat: latitudeDeg, lng: longitudeDeg })
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    if (clientWidth === 0 || clientHeight === 0) return
    this.#globe
      .width(clientWidth)
      .height(clientHeight)
      .globeOffset([-this.#inset.right / 2, (TOP_INSET - this.#inset.bottom) / 2])
    if (!this.#isTouched) this.#globe.pointOfView({ altitude: viewAltitude(clientWidth, clientHeight, this.#inset) })
    this.#arcs.setViewport(clientWidth, clientHeight)
    this.#wake()
  }

  /** Draws now and a little longer, then stops: a still picture costs nothing. */
  #wake(): void {
    if (!this.#isVisible) return
    this.#globe.resumeAnimation()
    const wake = ++this.#wakes
    clearTimeout(this.#settle)
    const rest = () => {
      if (wake === this.#wakes && !this.#globe.controls().autoRotate) this.#globe.pauseAnimation()
    }
    // A frame may take longer than the timer on a slow machine: one more is waited for, so that the last change is drawn.
    this.#settle = setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(rest)), SETTLE_MS)
  }
}

/** Whether the globe stands between the eye and a point. */
function isBehindGlobe(eye: THREE.Vector3, point: THREE.Vector3): boolean {
  const x = point.x - eye.x
  const y = point.y - eye.y
  const z = point.z - eye.z
  const a = x * x + y * y + z * z
  const b = eye.x * x + eye.y * y + eye.z * z
  const c = eye.lengthSq() - GLOBE_RADIUS * GLOBE_RADIUS
  const root = b * b - a * c
  return root > 0 && (-b - Math.sqrt(root)) / a < 0.999
}

function distanceToLine(x: number, y: number, from: [number, number], to: [number, number]): number {
  const dx = to[0] - from[0]
  const dy = to[1] - from[1]
  const along = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy)
}
