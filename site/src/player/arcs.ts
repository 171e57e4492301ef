// All arcs are one instanced mesh, all landing rings another, over the same buffer (three.js). Uploaded once a filter; playback moves
// the uniforms `now` and `cycle` and the stretch of the buffer that is drawn. Hot path: setMoment allocates only when a slice begins.
import * as THREE from 'three'
import { segmentWindow } from './columns.ts'
import { COLOUR_COUNT } from './palette.ts'
import { laneArcs, spread, weightOf } from './picture.ts'
import type { Report } from './report.ts'

/** Floats an instance: start xyz + angle, tangent xyz + height, start + end + linger + cycle offset, two weights + colour + unused. */
const STRIDE = 16

/** Radius of globe.gl's globe. */
export const GLOBE_RADIUS = 100

const COMMON = /* glsl */ `
  attribute vec4 iStart;   // unit vector of the source, angle to the target (radians)
  attribute vec4 iTangent; // unit vector at the source towards the target, height in radii
  attribute vec4 iTime;    // seconds: start, end, linger; cycle offset
  attribute vec4 iLook;    // weight at start and end, colour slot
  uniform float now;
  uniform float calm;    // 1 with few arcs, falling with their number: a crowd must not turn into one white ball
  uniform vec3 colours[${COLOUR_COUNT}];
  varying vec3 vColour;
  varying float vFade;
  float weightNow() {
    return mix(iLook.x, iLook.y, clamp((now - iTime.x) / max(iTime.y - iTime.x, 1e-6), 0.0, 1.0));
  }
  bool isSeen() {
    return iTime.x <= now && (now < iTime.y || (iTime.z > 0.0 && now <= iTime.y + iTime.z));
  }
  void lookUp() {
    vColour = colours[int(iLook.z)];
    vFade = iTime.z > 0.0 ? 1.0 - 0.9 * clamp((now - iTime.y) / iTime.z, 0.0, 1.0) : 1.0;
  }
  const vec4 nowhere = vec4(2.0, 2.0, 2.0, 1.0);
`

const ARC_VERTEX = /* glsl */ `
  ${COMMON}
  uniform vec2 viewport; // CSS pixels
  varying float vAlong;
  varying float vSide;
  varying float vOffset;
  varying float vTrips;
  varying float vWide;
  vec4 project(float t) {
    float x = iStart.w * t;
    vec3 unit = iStart.xyz * cos(x) + iTangent.xyz * sin(x);
    return projectionMatrix * viewMatrix * vec4(unit * ${GLOBE_RADIUS.toFixed(1)} * (1.002 + iTangent.w * 4.0 * t * (1.0 - t)), 1.0);
  }
  void main() {
    if (!isSeen() || iStart.w < 1e-4) { gl_Position = nowhere; return; }
    lookUp();
    float t = position.x;
    vec4 here = project(t);
    vec4 there = project(t < 0.5 ? t + 0.01 : t - 0.01);
    vec2 along = (there.xy / there.w - here.xy / here.w) * viewport * (t < 0.5 ? 1.0 : -1.0);
    vec2 across = length(along) > 1e-6 ? normalize(vec2(-along.y, along.x)) : vec2(0.0, 1.0);
    float width = mix(4.5, 15.0, weightNow()) * mix(0.5, 1.0, calm);
    here.xy += across * position.y * width / viewport * here.w;
    vAlong = t;
    vSide = position.y;
    vOffset = iTime.w;
    vTrips = 1.0 + floor(iStart.w * 0.8);
    vWide = width;
    gl_Position = here;
  }
`

const ARC_FRAGMENT = /* glsl */ `
  uniform float cycle;
  uniform float glow; // 1 on dark: light partly adds up; 0 on light: ink covers
  uniform float calm;
  varying vec3 vColour;
  varying float vFade;
  varying float vAlong;
  varying float vSide;
  varying float vOffset;
  varying float vTrips;
  varying float vWide;
  void main() {
    float side = abs(vSide);
    float core = 1.0 - smoothstep(0.12, 0.12 + 2.2 / vWide, side);
    float halo = (1.0 - side) * (1.0 - side);
    float behind = fract(cycle + vOffset - vAlong * vTrips); // 0 at a comet's head, growing towards its tail
    float comet = exp(-behind * 5.0) * smoothstep(0.0, 0.02, behind) ;
    float light = core * (0.38 * mix(0.45, 1.0, calm) + 0.9 * comet) + halo * (0.10 + 0.42 * comet) * mix(0.3, 1.0, calm);
    vec3 colour = mix(vColour, vec3(1.0), glow * core * comet * 0.6 * calm);
    float alpha = clamp(light * vFade * mix(1.15, 1.0, glow), 0.0, 1.0) * mix(0.55, 1.0, calm);
    gl_FragColor = vec4(colour * alpha, alpha * mix(1.0, 0.7, glow));
  }
`

const RING_VERTEX = /* glsl */ `
  ${COMMON}
  varying vec2 vAt;
  varying float vOffset;
  void main() {
    if (!isSeen()) { gl_Position = nowhere; return; }
    lookUp();
    vec3 up = iStart.xyz * cos(iStart.w) + iTangent.xyz * sin(iStart.w);
    vec3 east = normalize(cross(abs(up.y) > 0.99 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0), up));
    vec3 north = cross(up, east);
    float size = mix(5.0, 11.0, weightNow()) * mix(0.6, 1.0, calm);
    vAt = position.xy;
    vOffset = iTime.w;
    gl_Position = projectionMatrix * viewMatrix * vec4(up * ${(GLOBE_RADIUS * 1.004).toFixed(1)} + (east * position.x + north * position.y) * size, 1.0);
  }
`

const RING_FRAGMENT = /* glsl */ `
  uniform float cycle;
  uniform float glow;
  varying vec3 vColour;
  varying float vFade;
  varying vec2 vAt;
  varying float vOffset;
  float ripple(float radius, float at) {
    return (1.0 - smoothstep(0.0, 0.13, abs(radius - at * 0.87))) * (1.0 - at);
  }
  void main() {
    float radius = length(vAt);
    float at = fract(cycle + vOffset);
    float light = ripple(radius, at) + ripple(radius, fract(at + 0.5)) + 0.9 * (1.0 - smoothstep(0.06, 0.14, radius));
    float alpha = clamp(light * vFade, 0.0, 1.0);
    gl_FragColor = vec4(vColour * alpha, alpha * mix(1.0, 0.6, glow));
  }
`

/** Straight pieces an arc is cut into. Where arcs are many each gets fewer, so that a frame stays within a budget of pieces. */
const CUTS = { most: 48, least: 20, budget: { hardware: 400_000, software: 20_000 } }

/** Arcs drawn at once that are still calm to look at. */
const CALM_ARCS = 60

export class ArcLayer {
  readonly group = new THREE.Group()
  readonly #uniforms = {
    now: { value: 0 },
    cycle: { value: 0 },
    glow: { value: 1 },
    calm: { value: 1 },
    viewport: { value: new THREE.Vector2(1, 1) },
    colours: { value: Array.from({ length: COLOUR_COUNT }, () => new THREE.Color()) },
  }
  readonly #arcs: THREE.Mesh<THREE.InstancedBufferGeometry, THREE.ShaderMaterial>
  readonly #rings: THREE.Mesh<THREE.InstancedBufferGeometry, THREE.ShaderMaterial>
  #buffer = new THREE.InstancedInterleavedBuffer(new Float32Array(STRIDE), STRIDE)
  #report: Report | null = null
  /** Instances before each segment: segment windows -> stretches of the buffer. */
  #before = new Int32Array(1)
  #from = -1
  #to = -1

  readonly #budget: number

  constructor(webGl: 'hardware' | 'software') {
    this.#budget = CUTS.budget[webGl]
    const material = (vertexShader: string, fragmentShader: string) =>
      new THREE.ShaderMaterial({
        vertexShader,
        fragmentShader,
        uniforms: this.#uniforms,
        transparent: true,
        depthWrite: false,
        // The shaders multiply by alpha themselves, so that light may add up in part: all of it would turn many arcs white.
        blending: THREE.CustomBlending,
        blendSrc: THREE.OneFactor,
        blendDst: THREE.OneMinusSrcAlphaFactor,
        side: THREE.DoubleSide,
      })
    this.#arcs = new THREE.Mesh(ribbon(CUTS.most), material(ARC_VERTEX, ARC_FRAGMENT))
    this.#rings = new THREE.Mesh(square(), material(RING_VERTEX, RING_FRAGMENT))
    for (const mesh of [this.#rings, this.#arcs]) {
      mesh.frustumCulled = false
      mesh.raycast = () => {}
      this.group.add(mesh)
    }
    this.#rings.renderOrder = 2
    this.#arcs.renderOrder = 3
    this.group.visible = false // its shaders are compiled when there is something to draw: the earth comes first
  }

  /** Uploads the segments whose lane passes. `colours` has one colour slot an application. */
  load(report: Report, colours: number[], passes: (lane: number) => boolean): void {
    const { segments, lanes } = report
    const circles = laneArcs(report)
    const data = new Float32Array(Math.max(1, segments.count) * STRIDE)
    this.#before = new Int32Array(segments.count + 1)
    let count = 0
    for (let index = 0; index < segments.count; index++) {
      this.#before[index] = count
      const lane = segments.lane[index]!
      if (!passes(lane)) continue
      const circle = circles[lane]!
      data.set(circle.a, count * STRIDE)
      data[count * STRIDE + 3] = circle.angle
      data.set(circle.tangent, count * STRIDE + 4)
      data[count * STRIDE + 7] = circle.height
      data[count * STRIDE + 8] = segments.startSeconds[index]!
      data[count * STRIDE + 9] = segments.endSeconds[index]!
      data[count * STRIDE + 10] = segments.lingerSeconds[index]!
      data[count * STRIDE + 11] = spread(lane)
      data[count * STRIDE + 12] = weightOf(segments.startBytes[index]!)
      data[count * STRIDE + 13] = weightOf(segments.endBytes[index]!)
      data[count * STRIDE + 14] = colours[lanes.application[lane]!]!
      count++
    }
    this.#before[segments.count] = count
    this.#buffer = new THREE.InstancedInterleavedBuffer(data.subarray(0, Math.max(1, count) * STRIDE), STRIDE)
    this.#report = report
    this.#from = this.#to = -1
    // New geometries, not new attributes on the old ones: three.js keeps the first buffer's length as the most it will ever draw.
    for (const mesh of [this.#arcs, this.#rings]) mesh.geometry.dispose()
    this.#arcs.geometry = ribbon(this.#cuts())
    this.#rings.geometry = square()
    this.group.visible = true
    this.setMoment(this.#uniforms.now.value, this.#uniforms.cycle.value)
  }

  /** `seconds` since the timeline's start; `cycle` 0 to 1. */
  setMoment(seconds: number, cycle: number): void {
    this.#uniforms.now.value = seconds
    this.#uniforms.cycle.value = cycle
    if (!this.#report) return
    const [first, last] = segmentWindow(this.#report.segments, seconds)
    const drawn = this.#before[last]! - this.#before[first]!
    this.#uniforms.calm.value = Math.min(1, Math.sqrt(CALM_ARCS / Math.max(1, drawn / this.#report.segments.reachSlices)))
    this.#draw(this.#before[first]!, this.#before[last]!)
  }

  setColours(colours: THREE.Color[], isDark: boolean): void {
    this.#uniforms.colours.value = colours
    this.#uniforms.glow.value = isDark ? 1 : 0
  }

  setViewport(width: number, height: number): void {
    this.#uniforms.viewport.value.set(width, height)
  }

  /** Cuts an arc, by the largest stretch that is ever drawn at once. */
  #cuts(): number {
    const { segments } = this.#report!
    let most = 1
    for (let slice = 0; slice + 1 < segments.sliceStart.length; slice++) {
      const [first, last] = segmentWindow(segments, slice * segments.sliceSeconds)
      most = Math.max(most, this.#before[last]! - this.#before[first]!)
    }
    return Math.round(Math.min(CUTS.most, Math.max(CUTS.least, this.#budget / most)))
  }

  /** Points both geometries at instances [from, to): WebGL 2 has no first instance, so the attributes move instead. */
  #draw(from: number, to: number): void {
    if (from === this.#from && to === this.#to) return
    this.#from = from
    this.#to = to
    for (const { geometry } of [this.#arcs, this.#rings]) {
      geometry.instanceCount = to - from
      ;['iStart', 'iTangent', 'iTime', 'iLook'].forEach((name, field) => {
        geometry.setAttribute(name, new THREE.InterleavedBufferAttribute(this.#buffer, 4, from * STRIDE + field * 4))
      })
    }
  }
}

/** A strip from (0, -1..1) to (1, -1..1): x runs along the arc, y across it. */
function ribbon(cuts: number): THREE.InstancedBufferGeometry {
  const positions: number[] = []
  const triangles: number[] = []
  for (let cut = 0; cut <= cuts; cut++) {
    positions.push(cut / cuts, -1, 0, cut / cuts, 1, 0)
    if (cut < cuts) triangles.push(2 * cut, 2 * cut + 1, 2 * cut + 2, 2 * cut + 2, 2 * cut + 1, 2 * cut + 3)
  }
  return instanced(positions, triangles)
}

function square(): THREE.InstancedBufferGeometry {
  return instanced([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0], [0, 1, 2, 0, 2, 3])
}

function instanced(positions: number[], triangles: number[]): THREE.InstancedBufferGeometry {
  const geometry = new THREE.InstancedBufferGeometry()
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3))
  geometry.setIndex(triangles)
  return geometry
}
