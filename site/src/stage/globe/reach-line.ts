// On the globe: the dashed circle around the origin beyond which no struck-out place's host can be, a ribbon as wide on the screen everywhere (three.js).
import * as THREE from 'three'
import type { ArcSlices } from '../../model/arc-slices.ts'
import { EARTH_KM, unitVector } from '../../model/great-circle.ts'
import type { Report } from '../../model/report.ts'
import { rgbOf } from '../../ui/palette.ts'
import { GLOBE_RADIUS } from '../initial-camera.ts'
import { Reach } from '../reach.ts'
import type { Picked } from '../renderer.ts'
import { ribbon } from './arcs.ts'
import { asOverlay, overlayMaterial } from './overlay-layer.ts'

/** Straight pieces of the circle. */
const CUTS = 240
/** A dash and the gap after it, in globe radii. */
const DASH = 0.045

const VERTEX = /* glsl */ `
  uniform vec3 centre;   // unit vector
  uniform float angle;   // radius of the circle, radians
  uniform vec2 viewport; // CSS pixels
  varying float vTurn;
  varying float vSide;
  vec4 project(float turn) {
    vec3 east = normalize(cross(abs(centre.y) > 0.99 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0), centre));
    vec3 outward = east * cos(turn * 6.2831853) + cross(centre, east) * sin(turn * 6.2831853);
    return projectionMatrix * viewMatrix * vec4((centre * cos(angle) + outward * sin(angle)) * ${(GLOBE_RADIUS * 1.003).toFixed(1)}, 1.0);
  }
  void main() {
    vec4 here = project(position.x);
    vec4 there = project(position.x + 0.001);
    vec2 along = (there.xy / there.w - here.xy / here.w) * viewport;
    vec2 across = length(along) > 1e-6 ? normalize(vec2(-along.y, along.x)) : vec2(0.0, 1.0);
    here.xy += across * position.y * 3.0 / viewport * here.w;
    vTurn = position.x;
    vSide = position.y;
    gl_Position = here;
  }
`

const FRAGMENT = /* glsl */ `
  uniform vec3 line;
  uniform float dashes;
  varying float vTurn;
  varying float vSide;
  void main() {
    gl_FragColor = vec4(line, step(fract(vTurn * dashes), 0.6) * (1.0 - smoothstep(0.4, 1.0, abs(vSide))));
  }
`

export class ReachLine {
  readonly mesh: THREE.Mesh<THREE.BufferGeometry, THREE.ShaderMaterial>
  readonly #reach = new Reach()
  #isShown = true
  readonly #uniforms = {
    centre: { value: new THREE.Vector3(0, 1, 0) },
    angle: { value: 0 },
    dashes: { value: 1 },
    viewport: { value: new THREE.Vector2(1, 1) },
    line: { value: new THREE.Color() },
  }

  constructor() {
    const material = overlayMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT }, this.#uniforms, { side: THREE.DoubleSide })
    const { attributes, index } = ribbon(CUTS)
    const geometry = new THREE.BufferGeometry().setAttribute('position', attributes.position).setIndex(index)
    this.mesh = asOverlay(new THREE.Mesh(geometry, material), 1)
    this.mesh.visible = false
  }

  take(report: Report, slices: ArcSlices): void {
    const centre = report.places[report.origin]
    this.#reach.take(report, slices)
    if (centre) this.#uniforms.centre.value.set(...unitVector(centre.latitudeDeg, centre.longitudeDeg))
    this.#renew()
  }

  /** Takes what is under the pointer. */
  point(picked: Picked | null): void {
    this.#reach.pointed = picked?.kind === 'place' ? picked.place : -1
    this.#renew()
  }

  /** Takes the chosen place, or -1. */
  select(place: number): void {
    this.#reach.selected = place
    this.#renew()
  }

  setShown(isShown: boolean): void {
    this.#isShown = isShown
    this.#renew()
  }

  #renew(): void {
    const { km } = this.#reach
    this.mesh.visible = this.#isShown && km !== null
    if (km === null) return
    const angle = Math.min(Math.PI, km / EARTH_KM)
    this.#uniforms.angle.value = angle
    this.#uniforms.dashes.value = Math.max(12, Math.round((2 * Math.PI * Math.sin(angle)) / DASH))
  }

  paint(alert: string): void {
    this.#uniforms.line.value.setRGB(...rgbOf(alert))
  }

  setViewport(width: number, height: number): void {
    this.#uniforms.viewport.value.set(width, height)
  }
}
