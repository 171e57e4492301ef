// All arcs are one instanced mesh, all landing rings another, over the same entries (three.js). The entries are uploaded once a filter,
// the lanes' shapes once a report; playback moves the uniforms `now` and `cycle` and the stretch of entries that is drawn: exactly one
// slice. Few arcs are drawn as glowing ribbons, many as comets of thin lines. Hot path: setMoment allocates only when a slice begins.
import * as THREE from 'three'
import { type Drawn, ENTRY, sliceAt } from './drawn.ts'
import { ARC_FLOOR } from './great-circle.ts'
import { GEOMETRY } from './lanes.ts'
import { COLOUR_COUNT } from './palette.ts'
import type { Report } from './report.ts'
import { spread } from './weight.ts'

/** Radius of globe.gl's globe. */
export const GLOBE_RADIUS = 100

/** Lanes a row of the lane texture; a lane takes three texels: start + angle, tangent + height, look. */
const LANES_A_ROW = 512
const TEXELS = 3

/** Slots of the shaders' colours: one an application, then that of alerts. */
export const ALERT_SLOT = COLOUR_COUNT
const SLOTS = COLOUR_COUNT + 1

/** Severity from which a lane is drawn in the alert colour: low. */
export const ALERT_SEVERITY = 2

const COMMON = /* glsl */ `
  attribute vec4 iEntry;       // lane; seconds: start, end; packed look
  uniform highp sampler2D lanes;
  uniform float now;
  uniform float trail;         // seconds an arc glows on
  uniform float calm;          // 1 with few arcs, falling with their number: a crowd must not turn into one white ball
  uniform float isFocused;     // 1 while something is in focus: all else steps back
  uniform float pointed;       // lane under the pointer, or -1
  uniform vec3 colours[${SLOTS}];
  varying vec3 vColour;
  varying float vFade;
  vec4 start;   // unit vector of the source, angle to the target (radians)
  vec4 tangent; // unit vector at the source towards the target, height in radii
  vec4 look;    // colour slot, cycle offset, is an alert, is in focus
  const vec4 nowhere = vec4(2.0, 2.0, 2.0, 1.0);
  bool takeEntry() {
    float lingers = mod(iEntry.w, 2.0);
    if (now < iEntry.y || now >= iEntry.z + lingers * trail) return false;
    int lane = int(iEntry.x);
    ivec2 at = ivec2((lane % ${LANES_A_ROW}) * ${TEXELS}, lane / ${LANES_A_ROW});
    start = texelFetch(lanes, at, 0);
    tangent = texelFetch(lanes, at + ivec2(1, 0), 0);
    look = texelFetch(lanes, at + ivec2(2, 0), 0);
    vColour = colours[int(look.x)];
    vFade = lingers > 0.5 ? 1.0 - 0.9 * clamp((now - iEntry.z) / max(trail, 1e-6), 0.0, 1.0) : 1.0;
    if (isFocused > 0.5 && look.w < 0.5) vFade *= 0.12;
    return true;
  }
  bool isPointed() {
    return abs(pointed - iEntry.x) < 0.5;
  }
  float weightNow() {
    float from = mod(floor(iEntry.w / 2.0), 128.0) / 127.0;
    float to = floor(iEntry.w / 256.0) / 127.0;
    return mix(from, to, clamp((now - iEntry.y) / max(iEntry.z - iEntry.y, 1e-6), 0.0, 1.0));
  }
  vec4 project(float t) {
    float x = start.w * t;
    vec3 unit = start.xyz * cos(x) + tangent.xyz * sin(x);
    return projectionMatrix * viewMatrix * vec4(unit * ${GLOBE_RADIUS.toFixed(1)} * (${ARC_FLOOR} + tangent.w * 4.0 * t * (1.0 - t)), 1.0);
  }
`

const RIBBON_VERTEX = /* glsl */ `
  ${COMMON}
  uniform vec2 viewport; // CSS pixels
  varying float vAlong;
  varying float vSide;
  varying float vOffset;
  varying float vTrips;
  varying float vWide;
  varying float vAlert;
  void main() {
    if (!takeEntry() || start.w < 1e-4) { gl_Position = nowhere; return; }
    float t = position.x;
    vec4 here = project(t);
    vec4 there = project(t < 0.5 ? t + 0.01 : t - 0.01);
    vec2 along = (there.xy / there.w - here.xy / here.w) * viewport * (t < 0.5 ? 1.0 : -1.0);
    vec2 across = length(along) > 1e-6 ? normalize(vec2(-along.y, along.x)) : vec2(0.0, 1.0);
    float width = mix(4.5, 15.0, weightNow()) * mix(0.5, 1.0, calm) + 3.0 * look.z + (isPointed() ? 5.0 : 0.0);
    here.xy += across * position.y * width / viewport * here.w;
    vAlong = t;
    vSide = position.y;
    vOffset = look.y;
    vTrips = 1.0 + floor(start.w * 0.8);
    vWide = width;
    vAlert = max(look.z, isPointed() ? 1.0 : 0.0);
    gl_Position = here;
  }
`

const RIBBON_FRAGMENT = /* glsl */ `
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
  varying float vAlert;
  void main() {
    float side = abs(vSide);
    float core = 1.0 - smoothstep(0.12, 0.12 + 2.2 / vWide, side);
    float halo = (1.0 - side) * (1.0 - side);
    float behind = fract(cycle + vOffset - vAlong * vTrips); // 0 at a comet's head, growing towards its tail
    float comet = exp(-behind * 5.0) * smoothstep(0.0, 0.02, behind);
    float still = max(mix(0.45, 1.0, calm), vAlert);
    float light = core * (0.38 * still + 0.9 * comet + 0.35 * vAlert) + halo * (0.10 + 0.42 * comet + 0.15 * vAlert) * max(mix(0.3, 1.0, calm), vAlert);
    vec3 colour = mix(vColour, vec3(1.0), glow * core * comet * 0.6 * calm * (1.0 - 0.7 * vAlert));
    float alpha = clamp(light * vFade * mix(1.15, 1.0, glow), 0.0, 1.0) * max(mix(0.55, 1.0, calm), vAlert);
    gl_FragColor = vec4(colour * alpha, alpha * mix(1.0, 0.7, glow));
  }
`

/** Part of its arc that a comet of lines covers. */
const COMET_TAIL = 0.28

const COMET_VERTEX = /* glsl */ `
  ${COMMON}
  uniform float cycle;
  varying float vLight;
  void main() {
    if (!takeEntry() || start.w < 1e-4) { gl_Position = nowhere; return; }
    float head = fract(cycle + look.y) * (1.0 + ${COMET_TAIL});
    float t = clamp(head - ${COMET_TAIL} * (1.0 - position.x), 0.0, 1.0);
    bool isStrong = look.z > 0.5 || isPointed();
    vLight = (isStrong ? 0.35 + 0.65 * position.x : position.x * position.x * mix(0.5, 1.0, weightNow())) * (isStrong ? 1.0 : min(1.0, 1.4 * pow(calm, 0.75)));
    if (isStrong) t = position.x;
    gl_Position = project(t);
  }
`

const COMET_FRAGMENT = /* glsl */ `
  uniform float glow;
  uniform float calm;
  varying vec3 vColour;
  varying float vFade;
  varying float vLight;
  void main() {
    float alpha = clamp(vLight * vFade * mix(1.3, 1.0, glow), 0.0, 1.0);
    // The more arcs, the less their light may add up: colours mix instead of turning white.
    gl_FragColor = vec4(vColour * alpha, alpha * mix(1.0, 0.5, glow * min(1.0, calm * 4.0)));
  }
`

const RING_VERTEX = /* glsl */ `
  ${COMMON}
  varying vec2 vAt;
  varying float vOffset;
  void main() {
    if (!takeEntry()) { gl_Position = nowhere; return; }
    vec3 up = start.xyz * cos(start.w) + tangent.xyz * sin(start.w);
    vec3 east = normalize(cross(abs(up.y) > 0.99 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0), up));
    vec3 north = cross(up, east);
    float size = mix(5.0, 11.0, weightNow()) * mix(0.6, 1.0, calm) * (1.0 + 0.5 * look.z);
    vAt = position.xy;
    vOffset = look.y;
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
    viewport: { value: new THREE.Vector2(1, 1) },
    lanes: { value: laneTexture(new Float32Array(4), 1, 1) },
    colours: { value: Array.from({ length: SLOTS }, () => new THREE.Color()) },
  }
  readonly #webGl: 'hardware' | 'software'
  readonly #ribbons: Layer<THREE.Mesh>
  readonly #comets: Layer<THREE.LineSegments>
  readonly #rings: Layer<THREE.Mesh>
  #buffer = new THREE.InstancedInterleavedBuffer(new Float32Array(ENTRY), ENTRY)
  #drawn: Drawn | null = null
  #slice = -1

  constructor(webGl: 'hardware' | 'software') {
    this.#webGl = webGl
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
    this.#ribbons = new THREE.Mesh(ribbon(CUTS.most), material(RIBBON_VERTEX, RIBBON_FRAGMENT))
    this.#comets = new THREE.LineSegments(comet(), material(COMET_VERTEX, COMET_FRAGMENT))
    this.#rings = new THREE.Mesh(square(), material(RING_VERTEX, RING_FRAGMENT))
    for (const layer of [this.#rings, this.#ribbons, this.#comets]) {
      layer.frustumCulled = false
      layer.raycast = () => {}
      layer.visible = false // its shaders are compiled when there is something to draw: the earth comes first
      this.group.add(layer)
    }
    this.#rings.renderOrder = 4
    this.#ribbons.renderOrder = this.#comets.renderOrder = 5
  }

  /** Uploads the lanes' shapes. `colours` has one colour slot an application. */
  load({ lanes }: Report, colours: number[]): void {
    const rows = Math.max(1, Math.ceil(lanes.count / LANES_A_ROW))
    const data = new Float32Array(rows * LANES_A_ROW * TEXELS * 4)
    for (let lane = 0; lane < lanes.count; lane++) {
      const at = lane * TEXELS * 4
      for (let field = 0; field < GEOMETRY; field++) data[at + field] = lanes.geometry[lane * GEOMETRY + field]!
      const isAlert = lanes.severity[lane]! >= ALERT_SEVERITY
      data[at + GEOMETRY] = isAlert ? ALERT_SLOT : colours[lanes.application[lane]!]!
      data[at + GEOMETRY + 1] = spread(lane)
      data[at + GEOMETRY + 2] = isAlert ? 1 : 0
    }
    this.#uniforms.lanes.value.dispose()
    this.#uniforms.lanes.value = laneTexture(data, LANES_A_ROW * TEXELS, rows)
  }

  /** Lets the lanes with a 1 stand out; null: none does. */
  focus(inFocus: Uint8Array | null): void {
    this.#uniforms.isFocused.value = inFocus ? 1 : 0
    if (!inFocus) return
    const texture = this.#uniforms.lanes.value
    const data = texture.image.data as Float32Array
    for (let lane = 0; lane < inFocus.length; lane++) data[lane * TEXELS * 4 + GEOMETRY + 3] = inFocus[lane]!
    texture.needsUpdate = true
  }

  /** Takes the lane under the pointer, or -1. */
  point(lane: number): void {
    this.#uniforms.pointed.value = lane
  }

  /** Uploads what is drawn under a filter. */
  draw(drawn: Drawn): void {
    this.#drawn = drawn
    this.#slice = -1
    this.#uniforms.trail.value = drawn.trailSeconds
    this.#buffer = new THREE.InstancedInterleavedBuffer(drawn.entries.length > 0 ? drawn.entries : new Float32Array(ENTRY), ENTRY)
    const { arcs, pieces } = RIBBONS[this.#webGl]
    const areRibbons = drawn.most <= arcs
    this.#ribbons.visible = areRibbons
    this.#rings.visible = areRibbons
    this.#comets.visible = !areRibbons
    // New geometries, not new attributes on the old ones: three.js keeps the first buffer's length as the most it will ever draw.
    for (const layer of [this.#ribbons, this.#comets, this.#rings]) layer.geometry.dispose()
    this.#ribbons.geometry = ribbon(Math.round(Math.min(CUTS.most, Math.max(CUTS.least, pieces / Math.max(1, drawn.most)))))
    this.#comets.geometry = comet()
    this.#rings.geometry = square()
    this.setMoment(this.#uniforms.now.value, this.#uniforms.cycle.value)
  }

  /** `seconds` since the timeline's start; `cycle` 0 to 1. */
  setMoment(seconds: number, cycle: number): void {
    this.#uniforms.now.value = seconds
    this.#uniforms.cycle.value = cycle
    if (!this.#drawn) return
    const slice = sliceAt(this.#drawn, seconds)
    if (slice === this.#slice) return
    this.#slice = slice
    const from = this.#drawn.sliceStart[slice]!
    const to = this.#drawn.sliceStart[slice + 1]!
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

function laneTexture(data: Float32Array<ArrayBuffer>, width: number, height: number): THREE.DataTexture {
  const texture = new THREE.DataTexture(data, width, height, THREE.RGBAFormat, THREE.FloatType)
  texture.needsUpdate = true
  return texture
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
