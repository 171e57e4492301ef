// Dots of all places, sized by their bytes, and the glowing origin: one point cloud (three.js). A place known only by its country or
// region is drawn as such: a hollow diamond, a ring with a small dot. Circles of accuracy: one instanced mesh, radius in kilometres.
import * as THREE from 'three'
import type { ArcSlices } from '../../model/arc-slices.ts'
import { EARTH_KM, unitVector } from '../../model/great-circle.ts'
import type { Report, ReportPlace } from '../../model/report.ts'
import { placeWeights } from '../../model/weight.ts'
import { rgbOf, type Surface } from '../../ui/palette.ts'
import { GLOBE_RADIUS } from '../initial-camera.ts'
import { instanced } from './arcs.ts'
import { asOverlay, noPoints, overlayMaterial } from './overlay-layer.ts'
import { ReachLine } from './reach-line.ts'

const KINDS = ['city', 'region', 'country', 'origin']

const VERTEX = /* glsl */ `
  attribute float weight; // 0 to 1; below 0: nothing passes here
  attribute float kind;   // city, region, country, origin
  attribute float struck; // 1: a host cannot be here
  uniform float scale;    // device pixels per CSS pixel
  uniform float crosses;  // 1: only places that are struck out, 0: only others
  varying float vKind;
  varying float vStruck;
  varying float vPixels;
  void main() {
    vKind = kind;
    vStruck = struck;
    // Over the horizon or not at all: a depth test would cut a dot in half where the ground bends away beneath it.
    if (struck != crosses || (weight < 0.0 && kind < 2.5) || dot(position, cameraPosition) < ${(GLOBE_RADIUS ** 2).toFixed(1)}) {
      gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
      return;
    }
    gl_Position = projectionMatrix * viewMatrix * vec4(position, 1.0);
    vPixels = scale * (kind > 2.5 ? 64.0 : mix(5.5, 20.0, weight * weight) + (kind > 0.5 ? 4.0 : 0.0));
    if (struck > 0.5) vPixels = max(vPixels, scale * 18.0);
    gl_PointSize = vPixels;
  }
`

const FRAGMENT = /* glsl */ `
  uniform float cycle;
  uniform vec3 dot_;
  uniform vec3 edge;
  uniform vec3 origin;
  uniform vec3 aura;
  uniform vec3 cross_;
  varying float vKind;
  varying float vStruck;
  varying float vPixels;
  void main() {
    vec2 at = (gl_PointCoord - 0.5) * 2.0;
    float radius = length(at);
    float soft = 3.0 / vPixels;
    if (vKind > 2.5) {
      float core = 1.0 - smoothstep(0.10, 0.15, radius);
      float pulse = 0.5 + 0.5 * sin(cycle * 6.2831853);
      float halo = pow(max(0.0, 1.0 - radius), 2.4) * (0.65 + 0.35 * pulse);
      float ring = (1.0 - smoothstep(0.0, 0.06, abs(radius - 0.2 - 0.7 * cycle))) * (1.0 - cycle) * 0.7;
      gl_FragColor = vec4(mix(aura, origin, core), clamp(core + halo + ring, 0.0, 1.0));
      return;
    }
    if (vStruck > 0.5) {
      vec2 off = abs(at);
      float line = 1.0 - smoothstep(0.14, 0.14 + soft, abs(off.x - off.y));
      gl_FragColor = vec4(mix(dot_, cross_, line), max(line, 0.3 * (1.0 - smoothstep(0.6, 0.6 + soft, radius))));
      return;
    }
    float reach = vKind > 1.5 ? abs(at.x) + abs(at.y) : radius;
    float disc = 1.0 - smoothstep(1.0 - soft, 1.0, reach);
    float rim = smoothstep(1.0 - 2.4 * soft, 1.0 - 1.4 * soft, reach) * disc;
    float fill = vKind > 1.5 ? 0.16 : vKind > 0.5 ? 0.16 + (1.0 - smoothstep(0.3, 0.3 + soft, radius)) : 0.62;
    gl_FragColor = vec4(mix(dot_, edge, vKind > 0.5 ? 0.0 : rim * 0.75), disc * max(rim, min(1.0, fill)) * 0.92);
  }
`

const CIRCLE_VERTEX = /* glsl */ `
  attribute vec4 iCircle; // unit vector, radius in globe radii
  attribute float iLook;  // 1: the middle of a country, not a place
  varying vec2 vAt;
  varying float vLook;
  void main() {
    vec3 up = iCircle.xyz;
    vec3 east = normalize(cross(vec3(0.0, 1.0, 0.0), abs(up.y) > 0.999 ? vec3(0.0, 0.0, 1.0) : up));
    vec3 north = cross(up, east);
    vAt = position.xy * 1.4;
    vLook = iLook;
    vec3 flat_ = up + (east * vAt.x + north * vAt.y) * iCircle.w;
    gl_Position = projectionMatrix * viewMatrix * vec4(normalize(flat_) * ${(GLOBE_RADIUS * 1.003).toFixed(1)}, 1.0);
  }
`

const CIRCLE_FRAGMENT = /* glsl */ `
  uniform vec3 line;
  varying vec2 vAt;
  varying float vLook;
  void main() {
    float radius = length(vAt);
    float pixel = fwidth(radius);
    float rim = 1.0 - smoothstep(0.6, 1.6, abs(radius - 1.0) / pixel);
    if (vLook > 0.5) rim *= step(0.5, fract(atan(vAt.y, vAt.x) * 7.639437)); // dashed
    float fill = (1.0 - smoothstep(1.0 - pixel, 1.0, radius)) * 0.07;
    gl_FragColor = vec4(line, max(rim * 0.75, fill));
  }
`

/** Squares an edge of a circle is cut into, so that large ones follow the ground. */
const CIRCLE_CUTS = 6

export class PlaceLayer {
  readonly points: THREE.Points<THREE.BufferGeometry, THREE.ShaderMaterial>
  /** The same points where a host cannot be; over the arcs, whose rings would hide them. */
  readonly #crosses: THREE.Points<THREE.BufferGeometry, THREE.ShaderMaterial>
  readonly circles: THREE.Mesh<THREE.InstancedBufferGeometry, THREE.ShaderMaterial>
  readonly reach = new ReachLine()
  #isShown = false
  #hasStruck = false
  readonly #uniforms = {
    cycle: { value: 0 },
    scale: { value: 1 },
    dot_: { value: new THREE.Color() },
    edge: { value: new THREE.Color() },
    origin: { value: new THREE.Color() },
    aura: { value: new THREE.Color() },
    line: { value: new THREE.Color() },
    cross_: { value: new THREE.Color() },
  }

  constructor() {
    const dot = (crosses: 0 | 1) => {
      const uniforms = { ...this.#uniforms, crosses: { value: crosses } }
      return overlayMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT }, uniforms, { depthTest: false })
    }
    const circle = overlayMaterial({ vertexShader: CIRCLE_VERTEX, fragmentShader: CIRCLE_FRAGMENT }, this.#uniforms, {
      side: THREE.DoubleSide,
    })
    this.circles = asOverlay(new THREE.Mesh(grid(), circle), 1)
    this.points = asOverlay(new THREE.Points(noPoints(), dot(0)), 2)
    this.#crosses = asOverlay(new THREE.Points(this.points.geometry, dot(1)), 6)
    this.circles.visible = this.points.visible = this.#crosses.visible = false
  }

  get layers(): THREE.Object3D[] {
    return [this.circles, this.reach.mesh, this.points, this.#crosses]
  }

  load({ places }: Report, pixelRatio: number): void {
    const positions = places.flatMap((place) =>
      unitVector(place.latitudeDeg, place.longitudeDeg).map((axis) => axis * GLOBE_RADIUS * 1.003),
    )
    const kinds = places.map((place) => Math.max(0, KINDS.indexOf(place.precision)))
    this.points.geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3))
    this.points.geometry.setAttribute('kind', new THREE.Float32BufferAttribute(kinds, 1))
    this.points.geometry.setAttribute('struck', new THREE.Float32BufferAttribute(places.map(isStruck), 1))
    this.points.geometry.setAttribute('weight', new THREE.Float32BufferAttribute(new Float32Array(places.length).fill(-1), 1))
    this.#uniforms.scale.value = pixelRatio
  }

  /** Sizes dots by the bytes of each place; a place without any is left out, and so is its circle. */
  weigh(report: Report, slices: ArcSlices): void {
    const { places, origin, isOriginDrawn } = report
    const { placeBytes } = slices
    this.reach.take(report, slices)
    const weight = this.points.geometry.getAttribute('weight') as THREE.BufferAttribute
    const weights = placeWeights(placeBytes, origin)
    for (let place = 0; place < weights.length; place++) weight.setX(place, place === origin && !isOriginDrawn ? -1 : weights[place])
    weight.needsUpdate = true
    const struck = this.points.geometry.getAttribute('struck') as THREE.BufferAttribute
    for (const [index, place] of places.entries()) struck.setX(index, isStruck(place))
    struck.needsUpdate = true
    this.#hasStruck = places.some(isStruck)
    this.setShown(this.#isShown)
    const circles: number[] = []
    const looks: number[] = []
    places.forEach(({ latitudeDeg, longitudeDeg, accuracyKm, precision }, place) => {
      if (accuracyKm === null || precision === 'origin' || !(placeBytes[place] > 0)) return
      circles.push(...unitVector(latitudeDeg, longitudeDeg), accuracyKm / EARTH_KM)
      looks.push(precision === 'country' ? 1 : 0)
    })
    this.circles.geometry.dispose()
    this.circles.geometry = grid()
    this.circles.geometry.setAttribute('iCircle', new THREE.InstancedBufferAttribute(new Float32Array(circles), 4))
    this.circles.geometry.setAttribute('iLook', new THREE.InstancedBufferAttribute(new Float32Array(looks), 1))
    this.circles.geometry.instanceCount = looks.length
  }

  setShown(isShown: boolean): void {
    this.#isShown = isShown
    this.points.visible = isShown
    this.#crosses.visible = isShown && this.#hasStruck
    this.reach.setShown(isShown)
  }

  setCycle(cycle: number): void {
    this.#uniforms.cycle.value = cycle
  }

  paint(surface: Surface, alert: string): void {
    this.reach.paint(alert)
    this.#uniforms.cross_.value.setRGB(...rgbOf(alert))
    this.#uniforms.dot_.value.setRGB(...rgbOf(surface.place))
    this.#uniforms.edge.value.setRGB(...rgbOf(surface.placeEdge))
    this.#uniforms.origin.value.setRGB(...rgbOf(surface.origin))
    this.#uniforms.aura.value.setRGB(...surface.rim)
    this.#uniforms.line.value.setRGB(...rgbOf(surface.place))
  }
}

const isStruck = ({ reachKm }: ReportPlace): number => (reachKm === undefined ? 0 : 1)

function grid(): THREE.InstancedBufferGeometry {
  const positions: number[] = []
  const triangles: number[] = []
  const side = CIRCLE_CUTS + 1
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) positions.push((x / CIRCLE_CUTS) * 2 - 1, (y / CIRCLE_CUTS) * 2 - 1, 0)
  for (let y = 0; y < CIRCLE_CUTS; y++)
    for (let x = 0; x < CIRCLE_CUTS; x++) {
      const at = y * side + x
      triangles.push(at, at + 1, at + side, at + side, at + 1, at + side + 1)
    }
  return instanced(positions, triangles)
}
