// The globe: globe.gl keeps sphere, camera and controls; arcs, rings and places are three.js layers in its scene (arcs.ts, places.ts).
// Frames are ours (frames.ts): globe.gl would draw at full rate while nothing moves.
import Globe, { type GlobeInstance } from 'globe.gl'
import * as THREE from 'three'
import type { SitePoint } from '../../../src/node/site-manifest.ts'
import { ArcLayer, GLOBE_RADIUS } from './arcs.ts'
import { Flight, framePoints } from './camera.ts'
import type { Drawn } from './drawn.ts'
import { drawEarthTexture, flatProjection } from './earth.ts'
import { FrameLoop } from './frames.ts'
import { arcPoint, unitVector } from './great-circle.ts'
import { LabelLayer } from './labels.ts'
import { GEOMETRY } from './lanes.ts'
import { type Layers, USUAL_LAYERS } from './layers.ts'
import { drawOverlay } from './overlay.ts'
import { ALERT, COLOUR_COUNT, colourOf, rgbOf, SURFACES, type Theme } from './palette.ts'
import { pickLane } from './pick.ts'
import type { Inset, Moment, Picked, Picture } from './picture.ts'
import { PlaceLayer } from './places.ts'
import type { Report } from './report.ts'
import { viewAltitude, viewCentre } from './view.ts'

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
  uniform sampler2D overlay;
  uniform float hasOverlay;
  uniform vec3 rim;
  uniform float dark;
  varying vec2 vUv;
  varying vec3 vNormal;
  varying vec3 vEye;
  void main() {
    float facing = clamp(dot(normalize(vNormal), normalize(vEye)), 0.0, 1.0);
    float lit = 0.5 + 0.5 * dot(normalize(vNormal), normalize(vec3(-0.45, 0.6, 0.65)));
    vec3 ground = texture2D(earth, vUv).rgb;
    if (hasOverlay > 0.5) {
      vec4 over = texture2D(overlay, vUv);
      ground = mix(ground, over.rgb, over.a);
    }
    vec3 colour = ground * mix(mix(0.9, 1.02, lit), mix(0.62, 1.28, lit), dark);
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
  readonly #labels: LabelLayer
  readonly #texture: THREE.CanvasTexture
  readonly #overlay = new THREE.CanvasTexture(document.createElement('canvas'))
  readonly #textureWidth: number
  readonly #earth: THREE.ShaderMaterial
  readonly #frames = new FrameLoop((nowMs) => this.#frame(nowMs))
  readonly #flight: Flight
  readonly #matrix = new THREE.Matrix4()
  #theme: Theme
  #report: Report | null = null
  #drawn: Drawn | null = null
  #layers: Layers = USUAL_LAYERS
  #units: [number, number, number][] = []
  #seconds = 0
  #inset: Inset
  #isTouched = false
  #isMoved = true

  constructor(stage: HTMLElement, webGl: 'hardware' | 'software', theme: Theme, centre: SitePoint, inset: Inset) {
    const isFast = webGl === 'hardware'
    this.#stage = stage
    this.#theme = theme
    this.#inset = inset
    this.#arcs = new ArcLayer(webGl)
    this.#globe = new Globe(stage, {
      animateIn: false,
      waitForGlobeReady: false,
      rendererConfig: { antialias: isFast, alpha: true, powerPreference: 'high-performance' },
    }).pauseAnimation()
    this.#flight = new Flight(this.#globe)
    const renderer = this.#globe.renderer()
    if (!isFast) renderer.setPixelRatio(1)
    this.#textureWidth = isFast ? 4096 : 2048
    this.#texture = new THREE.CanvasTexture(document.createElement('canvas'))
    // Its size is that of the first upload for good.
    Object.assign(this.#overlay.image as HTMLCanvasElement, { width: 2048, height: 1024 })
    for (const texture of [this.#texture, this.#overlay]) {
      texture.generateMipmaps = isFast
      texture.minFilter = isFast ? THREE.LinearMipmapLinearFilter : THREE.LinearFilter
      texture.anisotropy = isFast ? 8 : 1
    }
    const shared = { rim: { value: new THREE.Color() }, dark: { value: 1 } }
    this.#earth = new THREE.ShaderMaterial({
      vertexShader: EARTH_VERTEX,
      fragmentShader: EARTH_FRAGMENT,
      uniforms: { ...shared, earth: { value: this.#texture }, overlay: { value: this.#overlay }, hasOverlay: { value: 0 } },
    })
    const glow = new THREE.Mesh(
      new THREE.PlaneGeometry(2, 2),
      new THREE.ShaderMaterial({
        vertexShader: GLOW_VERTEX,
        fragmentShader: GLOW_FRAGMENT,
        uniforms: shared,
        transparent: true,
        depthWrite: false,
      }),
    )
    glow.frustumCulled = false
    glow.raycast = () => {}
    glow.renderOrder = -1
    this.#globe.backgroundColor('rgba(0,0,0,0)').showAtmosphere(false).enablePointerInteraction(false).globeMaterial(this.#earth)
    this.#globe.lights([])
    renderer.debug.checkShaderErrors = false // reading them back waits for the GPU
    this.#globe.scene().add(glow, this.#arcs.group, this.#places.circles, this.#places.points)
    this.#labels = new LabelLayer(theme)
    stage.append(this.#labels.canvas)
    this.#controlCamera()
    // three.js restores everything it had uploaded; the picture is then drawn again.
    renderer.domElement.addEventListener('webglcontextrestored', () => setTimeout(() => this.#frames.request()))
    this.paint(theme)
    this.#globe.pointOfView({ lat: centre.latitudeDeg, lng: centre.longitudeDeg })
    new ResizeObserver(() => this.#resize()).observe(stage)
    this.#resize()
    // globe.gl takes its settings in a later turn.
    setTimeout(() => this.#frames.request(), 20)
  }

  load(report: Report, colours: number[]): void {
    this.#report = report
    this.#units = report.places.map(({ latitudeDeg, longitudeDeg }) => unitVector(latitudeDeg, longitudeDeg))
    this.#arcs.load(report, colours)
    this.#places.load(report, this.#globe.renderer().getPixelRatio())
    const origin = report.places[report.origin]
    if (!origin || this.#isTouched) return
    const { latitudeDeg, longitudeDeg } = viewCentre(origin)
    this.#globe.pointOfView({ lat: latitudeDeg, lng: longitudeDeg })
  }

  draw(drawn: Drawn): void {
    if (!this.#report) return
    this.#drawn = drawn
    this.#arcs.draw(drawn)
    this.#places.weigh(this.#report, drawn.placeBytes)
    this.#labels.weigh(this.#report, drawn.placeBytes)
    this.#drawGround()
    this.setLayers(this.#layers)
  }

  show({ seconds, cycle }: Moment): void {
    this.#seconds = seconds
    this.#arcs.setMoment(seconds, cycle)
    this.#places.setCycle(cycle)
    this.#frames.request()
  }

  focus(lanes: Uint8Array | null): void {
    this.#arcs.focus(lanes)
    this.#frames.request()
  }

  point(picked: Picked | null): void {
    this.#arcs.point(picked?.kind === 'lane' ? picked.lane : -1)
    this.#frames.request()
  }

  setLayers(layers: Layers): void {
    const isGround = layers.countries !== this.#layers.countries || layers.heat !== this.#layers.heat
    this.#layers = layers
    this.#arcs.group.visible = layers.arcs
    this.#places.points.visible = layers.places && this.#drawn !== null
    this.#places.circles.visible = layers.accuracy && this.#drawn !== null
    this.#labels.setShown(layers.labels)
    if (isGround) this.#drawGround()
    this.#isMoved = true
    this.#frames.request()
  }

  paint(theme: Theme): void {
    this.#theme = theme
    const surface = SURFACES[theme]
    drawEarthTexture(this.#texture.image as HTMLCanvasElement, this.#textureWidth, surface)
    this.#texture.needsUpdate = true
    this.#earth.uniforms.rim!.value.setRGB(...surface.rim)
    this.#earth.uniforms.dark!.value = theme === 'dark' ? 1 : 0
    const colours = Array.from({ length: COLOUR_COUNT }, (_, slot) => colourOf(theme, slot))
    this.#arcs.setColours(
      [...colours, ALERT[theme]].map((colour) => new THREE.Color().setRGB(...rgbOf(colour))),
      theme === 'dark',
    )
    this.#places.paint(surface)
    this.#labels.paint(theme)
    this.#drawGround()
    this.#isMoved = true
    this.#frames.request()
  }

  inset(inset: Inset): void {
    this.#inset = inset
    this.#resize()
  }

  setVisible(isVisible: boolean): void {
    this.#frames.setVisible(isVisible)
  }

  pick(x: number, y: number, reach: number): Picked | null {
    const report = this.#report
    if (!report) return null
    const { clientWidth, clientHeight } = this.#stage
    let best: Picked | null = null
    let nearest = reach
    if (this.#layers.places || this.#layers.labels)
      report.places.forEach((place, index) => {
        if ((this.#drawn?.placeBytes[index] ?? 0) <= 0 && place.precision !== 'origin') return
        const at = this.#onScreen(index)
        const distance = at ? Math.hypot(at[0] - x, at[1] - y) : Number.POSITIVE_INFINITY
        if (distance < nearest) {
          nearest = distance
          best = { kind: 'place', place: index }
        }
      })
    if (best || !this.#layers.arcs || !this.#drawn) return best
    const camera = this.#globe.camera()
    this.#updateMatrix()
    const eye: [number, number, number] = [camera.position.x, camera.position.y, camera.position.z]
    const scale = { matrix: this.#matrix.elements, width: clientWidth, height: clientHeight, radius: GLOBE_RADIUS, eye }
    const lane = pickLane(this.#drawn, report.lanes, this.#seconds, scale, x, y, reach)
    return lane < 0 ? null : { kind: 'lane', lane }
  }

  locate(picked: Picked): readonly [number, number] | null {
    this.#updateMatrix()
    if (picked.kind === 'place') return this.#onScreen(picked.place)
    const { geometry } = this.#report!.lanes
    const point: number[] = []
    for (const t of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
      arcPoint(geometry, picked.lane * GEOMETRY, t, point)
      const at = this.#project(point[0]!, point[1]!, point[2]!)
      if (this.#isInFront(point)) return at
    }
    return null
  }

  lookAt(points: SitePoint[], isSudden: boolean): void {
    const { clientWidth, clientHeight } = this.#stage
    const rest = viewAltitude(clientWidth, clientHeight, this.#inset)
    this.#isTouched = points.length > 0
    const home = viewCentre(this.#report?.places[this.#report.origin])
    this.#flight.start(
      points.length > 0 ? framePoints(points, rest) : { lat: home.latitudeDeg, lng: home.longitudeDeg, altitude: rest },
      isSudden,
    )
    this.#frames.request()
  }

  drawOn(context: CanvasRenderingContext2D, width: number, height: number): void {
    // A WebGL canvas may be read only in the turn it was drawn in.
    this.#globe.renderer().render(this.#globe.scene(), this.#globe.camera())
    context.drawImage(this.#globe.renderer().domElement, 0, 0, width, height)
    context.drawImage(this.#labels.canvas, 0, 0, width, height)
  }

  #frame(nowMs: number): boolean {
    const isFlying = this.#flight.step(nowMs)
    const isTurning = this.#globe.controls().update()
    this.#globe.renderer().render(this.#globe.scene(), this.#globe.camera())
    if (this.#isMoved || isFlying || isTurning) {
      this.#isMoved = false
      this.#updateMatrix()
      this.#labels.draw((place) => this.#onScreen(place))
    }
    return isFlying || isTurning
  }

  /** Countries and heat: a texture of their own over the earth's. */
  #drawGround(): void {
    const { countries, heat } = this.#layers
    const isOn = countries !== 'off' || heat
    this.#earth.uniforms.hasOverlay!.value = isOn ? 1 : 0
    if (!isOn || !this.#report || !this.#drawn) return
    const canvas = this.#overlay.image as HTMLCanvasElement
    canvas.width = 2048 // also clears it
    const what = { report: this.#report, drawn: this.#drawn, layers: this.#layers, theme: this.#theme }
    drawOverlay(canvas, flatProjection(2048), 2048 / (2 * Math.PI), what)
    this.#overlay.needsUpdate = true
  }

  #updateMatrix(): void {
    const camera = this.#globe.camera() as THREE.PerspectiveCamera
    camera.updateMatrixWorld()
    this.#matrix.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse)
  }

  /** Where a place stands on the stage, null behind the horizon. */
  #onScreen(place: number): readonly [number, number] | null {
    const unit = this.#units[place]!
    const { position } = this.#globe.camera()
    const radius = GLOBE_RADIUS * 1.003
    if ((unit[0] * position.x + unit[1] * position.y + unit[2] * position.z) * radius < GLOBE_RADIUS ** 2) return null
    return this.#project(unit[0] * 1.003, unit[1] * 1.003, unit[2] * 1.003)
  }

  /** Whether the eye sees a point (globe radii) past the horizon. */
  #isInFront(point: ArrayLike<number>): boolean {
    const { position } = this.#globe.camera()
    return (point[0]! * position.x + point[1]! * position.y + point[2]! * position.z) * GLOBE_RADIUS > GLOBE_RADIUS ** 2
  }

  /** Globe radii -> CSS pixels. */
  #project(unitX: number, unitY: number, unitZ: number): [number, number] {
    const e = this.#matrix.elements
    const [x, y, z] = [unitX * GLOBE_RADIUS, unitY * GLOBE_RADIUS, unitZ * GLOBE_RADIUS]
    const w = e[3]! * x + e[7]! * y + e[11]! * z + e[15]!
    const { clientWidth, clientHeight } = this.#stage
    return [
      (((e[0]! * x + e[4]! * y + e[8]! * z + e[12]!) / w + 1) / 2) * clientWidth,
      ((1 - (e[1]! * x + e[5]! * y + e[9]! * z + e[13]!) / w) / 2) * clientHeight,
    ]
  }

  #controlCamera(): void {
    const controls = this.#globe.controls()
    controls.minDistance = GLOBE_RADIUS * 1.06
    controls.maxDistance = GLOBE_RADIUS * 8
    controls.enableDamping = !matchMedia('(prefers-reduced-motion: reduce)').matches
    const touched = () => {
      this.#flight.stop()
      this.#isTouched = true
      this.#frames.request()
    }
    for (const event of ['pointerdown', 'wheel', 'touchstart'] as const) this.#stage.addEventListener(event, touched, { passive: true })
    controls.addEventListener('change', () => {
      this.#isMoved = true
      this.#frames.request()
    })
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    if (clientWidth === 0 || clientHeight === 0) return
    this.#globe
      .width(clientWidth)
      .height(clientHeight)
      .globeOffset([-this.#inset.right / 2, (this.#inset.top - this.#inset.bottom) / 2])
    if (!this.#isTouched) this.#globe.pointOfView({ altitude: viewAltitude(clientWidth, clientHeight, this.#inset) })
    this.#arcs.setViewport(clientWidth, clientHeight)
    this.#labels.resize(clientWidth, clientHeight)
    this.#isMoved = true
    // globe.gl takes its new size in a later turn.
    setTimeout(() => {
      this.#isMoved = true
      this.#frames.request()
    }, 20)
  }
}
