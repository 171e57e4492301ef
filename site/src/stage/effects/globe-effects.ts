// Sparks and pulses on the globe: one point cloud, one draw call (three.js). The shader has the rules of model/effects.ts.
import * as THREE from 'three'
import { BEAT_SECONDS, BLUR_SECONDS, type EffectMoment, type Effects, RADIUS, rangeAt, SPARK_SECONDS } from '../../model/effects.ts'
import { unitVector } from '../../model/great-circle.ts'
import type { Report } from '../../model/report.ts'
import { ALERT, rgbOf, type Theme } from '../../ui/palette.ts'
import { asOverlay, noPoints, overlayMaterial } from '../globe/overlay-layer.ts'
import { GLOBE_RADIUS } from '../initial-camera.ts'
import { sparkCore } from './spark-core.ts'

/** CSS pixels: of a spark with its glow, and of the square that a pulse needs. */
const SPARK_SIZE = 9
const BEAT_SIZE = 2 * RADIUS.to + 6

const float = (value: number) => value.toFixed(4)

const VERTEX = /* glsl */ `
  attribute vec4 mark;  // seconds: when, until; angle of a spark, below 0: a beat; 1: UDP
  attribute vec2 extra; // seconds between two beats; 1: not in focus
  uniform vec3 clock;   // seconds now; capture seconds a second of playback; 1: nothing moves, 2: nothing moves and all is seen
  uniform vec2 viewport;  // CSS pixels
  uniform float scale;  // device pixels per CSS pixel
  varying float vRadius; // of a pulse, CSS pixels; below 0: a spark
  varying float vLight;
  void main() {
    bool isBeat = mark.z < 0.0;
    float age = clock.x - mark.x;
    float lives = (isBeat ? ${float(BEAT_SECONDS)} : ${float(SPARK_SECONDS)}) * clock.y;
    bool stands = clock.z > 0.5 || (isBeat && extra.x < ${float(BLUR_SECONDS)} * clock.y);
    bool isSeen = clock.z > 1.5 || (age >= 0.0 && (stands ? clock.x < mark.y + (isBeat ? 0.0 : lives) : age < lives));
    // Over the horizon: as for the dots of places.
    if (!isSeen || dot(position, cameraPosition) < ${float(GLOBE_RADIUS ** 2)}) {
      gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
      return;
    }
    float life = age / lives;
    float dim = extra.y > 0.5 ? 0.15 : 1.0;
    gl_Position = projectionMatrix * viewMatrix * vec4(position, 1.0);
    if (isBeat) {
      vRadius = stands ? ${float(RADIUS.steady)} : ${float(RADIUS.from)} + ${float(RADIUS.to - RADIUS.from)} * (1.0 - (1.0 - life) * (1.0 - life));
      vLight = (stands ? 0.75 : 1.0 - life) * dim;
      gl_PointSize = scale * ${float(BEAT_SIZE)};
      return;
    }
    float rest = stands ? 0.0 : 1.0 - min(1.0, life / 0.35);
    float radius = mix(${float(RADIUS.tcp)}, ${float(RADIUS.udp)}, mark.w) * (1.0 - 0.7 * rest * rest * rest);
    gl_Position.xy += vec2(sin(mark.z), cos(mark.z)) * radius * 2.0 / viewport * gl_Position.w;
    vRadius = -1.0;
    vLight = (stands ? 0.8 : min(1.0, 2.0 * (1.0 - life))) * dim;
    gl_PointSize = scale * ${float(SPARK_SIZE)};
  }
`

const FRAGMENT = /* glsl */ `
  uniform vec3 colour;
  uniform vec3 core;
  varying float vRadius;
  varying float vLight;
  void main() {
    float from = length(gl_PointCoord - 0.5);
    if (vRadius < 0.0) {
      float at = from * ${float(SPARK_SIZE)};
      float middle = 1.0 - smoothstep(1.0, 1.9, at);
      float glow = 1.0 - smoothstep(0.0, ${float(SPARK_SIZE / 2)}, at);
      gl_FragColor = vec4(mix(colour, core, middle), max(middle, glow * glow * 0.4) * vLight);
      return;
    }
    float off = abs(from * ${float(BEAT_SIZE)} - vRadius);
    gl_FragColor = vec4(colour, (1.0 - smoothstep(0.5, 1.6, off)) * vLight);
  }
`

export class GlobeEffects {
  readonly points: THREE.Points<THREE.BufferGeometry, THREE.ShaderMaterial>
  #effects: Effects | null = null
  #moment: EffectMoment = { seconds: 0, rate: 1, isStill: false }
  #isShown = true
  #inFocus: Uint8Array | null = null
  readonly #uniforms = {
    clock: { value: new THREE.Vector3(0, 1, 0) },
    viewport: { value: new THREE.Vector2(1, 1) },
    scale: { value: 1 },
    colour: { value: new THREE.Color() },
    core: { value: new THREE.Color() },
  }

  constructor(pixelRatio: number) {
    const material = overlayMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT }, this.#uniforms, { depthTest: false })
    this.points = asOverlay(new THREE.Points(noPoints(), material), 7)
    this.points.visible = false
    this.#uniforms.scale.value = pixelRatio
  }

  load(effects: Effects, { places }: Report): void {
    this.#effects = effects
    const { marks, findings } = effects
    const positions = new Float32Array(marks.count * 3)
    const own = new Float32Array(marks.count * 4)
    const extra = new Float32Array(marks.count * 2)
    for (let mark = 0; mark < marks.count; mark++) {
      const place = places[marks.place[mark]]
      // Without a place: in the middle of the earth, which is behind the horizon.
      if (place)
        positions.set(
          unitVector(place.latitudeDeg, place.longitudeDeg).map((axis) => axis * GLOBE_RADIUS * 1.003),
          mark * 3,
        )
      own.set([marks.seconds[mark], marks.until[mark], marks.angle[mark], marks.isUdp[mark]], mark * 4)
      extra[mark * 2] = findings[marks.finding[mark]].periodSeconds
    }
    this.points.geometry.dispose()
    this.points.geometry = new THREE.BufferGeometry()
    this.points.geometry.setAttribute('position', new THREE.BufferAttribute(positions, 3))
    this.points.geometry.setAttribute('mark', new THREE.BufferAttribute(own, 4))
    this.points.geometry.setAttribute('extra', new THREE.BufferAttribute(extra, 2))
    this.focus(this.#inFocus)
    this.show(this.#moment)
  }

  /** Routes in focus have a 1; null: all. */
  focus(routes: Uint8Array | null): void {
    this.#inFocus = routes
    if (!this.#effects) return
    const { route } = this.#effects.marks
    const extra = this.points.geometry.getAttribute('extra') as THREE.BufferAttribute
    for (let mark = 0; mark < route.length; mark++) extra.setY(mark, routes && !routes[route[mark]] ? 1 : 0)
    extra.needsUpdate = true
  }

  show(moment: EffectMoment): void {
    this.#moment = moment
    const { seconds, rate, isStill } = moment
    const [from, to] = this.#effects ? rangeAt(this.#effects, moment) : [0, 0]
    this.points.geometry.setDrawRange(from, to - from)
    this.points.visible = this.#isShown && to > from
    this.#uniforms.clock.value.set(seconds, rate, this.#effects?.isWhole ? 2 : isStill ? 1 : 0)
  }

  setShown(isShown: boolean): void {
    this.#isShown = isShown
    this.show(this.#moment)
  }

  paint(theme: Theme): void {
    this.#uniforms.colour.value.setRGB(...rgbOf(ALERT[theme]))
    this.#uniforms.core.value.setRGB(...rgbOf(sparkCore(theme)))
  }

  setViewport(width: number, height: number): void {
    this.#uniforms.viewport.value.set(width, height)
  }
}
