// Layers come onto the globe one per frame, each when its shaders are compiled and its textures uploaded: a frame that met something new
// would wait for the graphics process (measured on software: 0.1 to 0.7 s).
import * as THREE from 'three'

const POLL_MS = 10

/** Longer than a program takes to link, where nobody is waiting for it: whether it has ended cannot be asked without waiting. */
const LINK_MS = 600

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export class LayerWarmUp {
  readonly #renderer: THREE.WebGLRenderer
  readonly #camera: THREE.Camera
  readonly #onReady: () => void
  readonly #layers: THREE.Object3D[] = []
  readonly #waiting = new Set<THREE.Mesh>()
  readonly #ready: THREE.Object3D[] = []

  /** `onReady`: another frame is wanted. */
  constructor(renderer: THREE.WebGLRenderer, camera: THREE.Camera, onReady: () => void) {
    this.#renderer = renderer
    this.#camera = camera
    this.#onReady = onReady
  }

  /** Keeps layers out until it is their turn: once they are visible, and ready. */
  add(...layers: THREE.Object3D[]): void {
    for (const layer of layers) {
      layer.layers.disableAll()
      this.#layers.push(layer)
      this.#waiting.add(layer as THREE.Mesh)
    }
  }

  /** Before a frame: lets one layer in that is ready, and begins to prepare those that are wanted. Returns whether more are to come. */
  step(): boolean {
    this.#ready.shift()?.layers.enable(0)
    for (const layer of this.#waiting) {
      if (!layer.visible) continue
      this.#waiting.delete(layer)
      void this.#prepare(layer)
    }
    return this.#ready.length > 0
  }

  /** Prepares those, too, that are not wanted yet: then none makes the page wait when it is. */
  prepareRest(): void {
    for (const layer of this.#waiting) void this.#prepare(layer)
    this.#waiting.clear()
  }

  /** Whether all layers that are wanted are on. */
  get isComplete(): boolean {
    return this.#layers.every((layer) => !layer.visible || this.isOn(layer))
  }

  isOn(layer: THREE.Object3D): boolean {
    return layer.layers.isEnabled(0)
  }

  async #prepare(layer: THREE.Mesh): Promise<void> {
    this.#renderer.compile(layer, this.#camera)
    await this.#commandsDone()
    // three.js asks the linker for names when it first draws, and the page stands still until it has ended (measured: 0.1 s).
    for (let waitedMs = 0; waitedMs < LINK_MS && !layer.visible; waitedMs += POLL_MS) await pause(POLL_MS)
    for (const program of this.#renderer.info.programs ?? []) {
      program.getUniforms()
      program.getAttributes()
    }
    for (const { value } of Object.values((layer.material as THREE.ShaderMaterial).uniforms))
      if (value instanceof THREE.Texture) {
        this.#renderer.initTexture(value)
        await this.#commandsDone()
      }
    this.#ready.push(layer)
    if (layer.visible) this.#onReady() // otherwise whatever makes it visible asks for a frame
  }

  /** Resolves when the graphics process has done what it was told so far; the page does not stand still meanwhile. */
  async #commandsDone(): Promise<void> {
    const context = this.#renderer.getContext() as WebGL2RenderingContext
    const fence = context.fenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0)
    if (!fence) return
    context.flush()
    do await pause(POLL_MS)
    while (!context.isContextLost() && context.getSyncParameter(fence, context.SYNC_STATUS) !== context.SIGNALED)
    context.deleteSync(fence)
  }
}
