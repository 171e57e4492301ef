// The globe's ground: a sphere with the earth's texture, over it that of countries and heat, and the glow around it (three.js).
import * as THREE from 'three'
import { inSlices } from '../../protocol/time-slicing.ts'
import type { Surface, Theme } from '../../ui/palette.ts'
import { GLOBE_RADIUS } from '../initial-camera.ts'
import type { DrawnBy } from '../webgl.ts'
import { cityLights, LAMP, LAMP_ALPHA } from './city-lights.ts'
import { drawEarthTexture, flatProjection } from './earth.ts'
import { drawOverlay, type Ground } from './overlay.ts'
import { asOverlay, overlayMaterial } from './overlay-layer.ts'

const EARTH_VERTEX = /* glsl */ `
  varying vec2 vUv;
  varying vec3 vNormal;
  varying vec3 vEye;
  varying vec3 vAt;
  void main() {
    vAt = normalize((modelMatrix * vec4(position, 1.0)).xyz);
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
  varying vec3 vAt;
  uniform sampler2D lights; // of cities: alpha
  uniform float hasLights;
  uniform vec3 sun;       // unit vector to where it stands overhead; zero: day everywhere
  void main() {
    float facing = clamp(dot(normalize(vNormal), normalize(vEye)), 0.0, 1.0);
    float lit = 0.5 + 0.5 * dot(normalize(vNormal), normalize(vec3(-0.45, 0.6, 0.65)));
    vec3 ground = texture2D(earth, vUv).rgb;
    if (hasOverlay > 0.5) {
      vec4 over = texture2D(overlay, vUv);
      ground = mix(ground, over.rgb, over.a);
    }
    // From sunset to the end of nautical twilight, 12 degrees below the horizon.
    float night = dot(sun, sun) > 0.5 ? 1.0 - smoothstep(-0.2079, 0.0, dot(normalize(vAt), sun)) : 0.0;
    ground *= 1.0 - night * mix(0.28, 0.5, dark);
    vec3 colour = ground * mix(mix(0.9, 1.02, lit), mix(0.62, 1.28, lit), dark);
    if (night * hasLights * dark > 0.0) colour = mix(colour, vec3(${LAMP.map((part) => (part / 255).toFixed(3)).join()}), night * ${LAMP_ALPHA.toFixed(2)} * texture2D(lights, vUv).a);
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

const SLICE_MS = 10

/** Width of the texture of countries and heat, pixels. three.js cannot change the size after the first upload. */
const OVERLAY_WIDTH = 2048

export class EarthBall {
  readonly material: THREE.ShaderMaterial
  readonly glow: THREE.Mesh
  readonly #texture: THREE.CanvasTexture
  /** Whether there is an earth to show. */
  isPainted = false
  #wanted: Surface | null = null
  /** Made when there is something to lay over the earth. */
  #overlay: THREE.CanvasTexture | null = null
  readonly #by: DrawnBy
  readonly #width: number
  readonly #onLit: (lights: THREE.Texture) => void
  #lit: Promise<void> | null = null

  /** `onLit`: the lights of cities are there, to be uploaded, and seen in the next frame. */
  constructor(by: DrawnBy, onLit: (lights: THREE.Texture) => void) {
    this.#by = by
    this.#onLit = onLit
    this.#width = by === 'hardware' ? 4096 : 2048
    this.#texture = this.#makeTexture(this.#width)
    const shared = { rim: { value: new THREE.Color() }, dark: { value: 1 } }
    this.material = new THREE.ShaderMaterial({
      vertexShader: EARTH_VERTEX,
      fragmentShader: EARTH_FRAGMENT,
      uniforms: {
        ...shared,
        earth: { value: this.#texture },
        overlay: { value: null },
        hasOverlay: { value: 0 },
        sun: { value: new THREE.Vector3() },
        lights: { value: null },
        hasLights: { value: 0 },
      },
    })
    const glow = overlayMaterial({ vertexShader: GLOW_VERTEX, fragmentShader: GLOW_FRAGMENT }, shared)
    this.glow = asOverlay(new THREE.Mesh(new THREE.PlaneGeometry(2, 2), glow), -1)
  }

  #makeTexture(width: number): THREE.CanvasTexture {
    return this.#filtered(new THREE.CanvasTexture(Object.assign(document.createElement('canvas'), { width, height: width / 2 })))
  }

  #filtered<Texture extends THREE.Texture>(texture: Texture): Texture {
    const isFast = this.#by === 'hardware'
    texture.generateMipmaps = isFast
    texture.minFilter = isFast ? THREE.LinearMipmapLinearFilter : THREE.LinearFilter
    texture.anisotropy = isFast ? 8 : 1
    return texture
  }

  /** The earth is drawn in slices; a later call ends an earlier one. */
  async paint(surface: Surface, theme: Theme): Promise<void> {
    this.#wanted = surface
    const isOld = () => this.#wanted !== surface
    const canvas = await inSlices(drawEarthTexture(this.#width, surface, this.#by), SLICE_MS, isOld)
    if (!canvas || isOld()) return
    this.#texture.image = canvas
    this.#texture.needsUpdate = true
    this.isPainted = true
    this.material.uniforms.rim.value.setRGB(...surface.rim)
    this.material.uniforms.dark.value = theme === 'dark' ? 1 : 0
  }

  /** Makes the lights of cities ready for the first night. */
  light(): void {
    this.#lit ??= this.#light()
  }

  async #light(): Promise<void> {
    const texture = this.#filtered(new THREE.Texture(await cityLights()))
    texture.needsUpdate = true
    this.material.uniforms.lights.value = texture
    this.material.uniforms.hasLights.value = 1
    this.#onLit(texture)
  }

  /** Unit vector to where the sun stands overhead; null: day everywhere. */
  setSun(sun: readonly [number, number, number] | null): void {
    if (sun) this.light()
    this.material.uniforms.sun.value.set(...(sun ?? [0, 0, 0]))
  }

  /** Countries and heat, or neither: null. */
  cover(ground: Ground | null): void {
    this.material.uniforms.hasOverlay.value = ground ? 1 : 0
    if (!ground) return
    this.#overlay ??= this.#makeTexture(OVERLAY_WIDTH)
    this.material.uniforms.overlay.value = this.#overlay
    const canvas = this.#overlay.image as HTMLCanvasElement
    canvas.width = OVERLAY_WIDTH // also clears it
    drawOverlay(canvas, flatProjection(OVERLAY_WIDTH), ground)
    this.#overlay.needsUpdate = true
  }
}
