// Dots of all places and the glowing origin: one point cloud (three.js), lit by a shader, the origin pulsing with the cycle.
import * as THREE from 'three'
import { GLOBE_RADIUS } from './arcs.ts'
import { rgbOf, type Surface } from './palette.ts'
import { placeWeight, unitVector } from './picture.ts'
import type { Report } from './report.ts'

const VERTEX = /* glsl */ `
  attribute float weight; // 0 to 1; 2 for the origin
  uniform float scale;    // device pixels a CSS pixel
  varying float vOrigin;
  void main() {
    vOrigin = step(1.5, weight);
    // Over the horizon or not at all: a depth test would cut a dot in half where the ground bends away beneath it.
    if (dot(position, cameraPosition) < ${(GLOBE_RADIUS ** 2).toFixed(1)}) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
    gl_Position = projectionMatrix * viewMatrix * vec4(position, 1.0);
    gl_PointSize = scale * (vOrigin > 0.5 ? 64.0 : mix(5.0, 10.0, weight));
  }
`

const FRAGMENT = /* glsl */ `
  uniform float cycle;
  uniform vec3 dot_;
  uniform vec3 origin;
  uniform vec3 aura;
  varying float vOrigin;
  void main() {
    float radius = length(gl_PointCoord - 0.5) * 2.0;
    if (vOrigin < 0.5) {
      gl_FragColor = vec4(dot_, (1.0 - smoothstep(0.55, 1.0, radius)) * 0.75);
      return;
    }
    float core = 1.0 - smoothstep(0.10, 0.15, radius);
    float pulse = 0.5 + 0.5 * sin(cycle * 6.2831853);
    float halo = pow(max(0.0, 1.0 - radius), 2.4) * (0.65 + 0.35 * pulse);
    float at = 0.2 + 0.7 * cycle;
    float ring = (1.0 - smoothstep(0.0, 0.06, abs(radius - at))) * (1.0 - cycle) * 0.7;
    gl_FragColor = vec4(mix(aura, origin, core), clamp(core + halo + ring, 0.0, 1.0));
  }
`

export class PlaceLayer {
  readonly points: THREE.Points<THREE.BufferGeometry, THREE.ShaderMaterial>
  readonly #uniforms = {
    cycle: { value: 0 },
    scale: { value: 1 },
    dot_: { value: new THREE.Color() },
    origin: { value: new THREE.Color() },
    aura: { value: new THREE.Color() },
  }

  constructor() {
    const material = new THREE.ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: this.#uniforms,
      transparent: true,
      depthWrite: false,
      depthTest: false,
    })
    this.points = new THREE.Points(new THREE.BufferGeometry(), material)
    this.points.frustumCulled = false
    this.points.raycast = () => {}
    this.points.renderOrder = 1
    this.points.visible = false
  }

  load({ places, lanes }: Report, pixelRatio: number): void {
    const bytes = new Float64Array(places.length)
    for (let lane = 0; lane < lanes.count; lane++) {
      bytes[lanes.source[lane]!]! += lanes.bytes[lane]!
      bytes[lanes.target[lane]!]! += lanes.bytes[lane]!
    }
    const positions = places.flatMap((place) =>
      unitVector(place.latitudeDeg, place.longitudeDeg).map((axis) => axis * GLOBE_RADIUS * 1.003),
    )
    const weights = places.map((place, index) => (place.precision === 'origin' ? 2 : placeWeight(bytes[index]!)))
    this.points.geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3))
    this.points.geometry.setAttribute('weight', new THREE.Float32BufferAttribute(weights, 1))
    this.#uniforms.scale.value = pixelRatio
    this.points.visible = true
  }

  setCycle(cycle: number): void {
    this.#uniforms.cycle.value = cycle
  }

  paint(surface: Surface): void {
    this.#uniforms.dot_.value.setRGB(...rgbOf(surface.place))
    this.#uniforms.origin.value.setRGB(...rgbOf(surface.origin))
    this.#uniforms.aura.value.setRGB(...surface.rim)
  }
}
