// What the globe's camera sees: points over the ground -> CSS pixels of the stage, and what the horizon hides.
import * as THREE from 'three'
import { arcPoint } from '../../model/great-circle.ts'
import { GEOMETRY } from '../../model/routes.ts'
import { GLOBE_RADIUS } from '../initial-camera.ts'

/** Dots stand a little over the ground. */
const DOT_FLOOR = 1.003

/** Parts of an arc. */
const FROM_THE_MIDDLE = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]

export class Projection {
  readonly #camera: THREE.PerspectiveCamera
  readonly #stage: HTMLElement
  readonly #matrix = new THREE.Matrix4()

  constructor(camera: THREE.PerspectiveCamera, stage: HTMLElement) {
    this.#camera = camera
    this.#stage = stage
  }

  /** Takes the camera's place of this moment. */
  update(): void {
    this.#camera.updateMatrixWorld()
    this.#matrix.multiplyMatrices(this.#camera.projectionMatrix, this.#camera.matrixWorldInverse)
  }

  /** What pick.ts needs to know of it. */
  get view() {
    const { x, y, z } = this.#camera.position
    const eye: [number, number, number] = [x, y, z]
    const { clientWidth, clientHeight } = this.#stage
    return { matrix: this.#matrix.elements, width: clientWidth, height: clientHeight, radius: GLOBE_RADIUS, eye }
  }

  /** Where a dot stands on the stage, null behind the horizon. */
  dot(unit: readonly [number, number, number]): [number, number] | null {
    const point = unit.map((axis) => axis * DOT_FLOOR) as [number, number, number]
    return this.sees(point) ? this.project(point) : null
  }

  /** Where a route's arc is seen best: near its middle; null where the globe hides all of it. `geometry`: see Routes. */
  arc(geometry: Float32Array, route: number): [number, number] | null {
    const point: number[] = []
    for (const t of FROM_THE_MIDDLE) {
      arcPoint(geometry, route * GEOMETRY, t, point)
      if (this.sees(point)) return this.project(point)
    }
    return null
  }

  /** Whether the eye sees a point (globe radii) past the horizon. */
  sees([x, y, z]: ArrayLike<number> & Iterable<number>): boolean {
    const { position } = this.#camera
    return (x * position.x + y * position.y + z * position.z) * GLOBE_RADIUS > GLOBE_RADIUS ** 2
  }

  /** Globe radii -> CSS pixels. */
  project(point: ArrayLike<number>): [number, number] {
    const e = this.#matrix.elements
    const [x, y, z] = [point[0] * GLOBE_RADIUS, point[1] * GLOBE_RADIUS, point[2] * GLOBE_RADIUS]
    const w = e[3] * x + e[7] * y + e[11] * z + e[15]
    const { clientWidth, clientHeight } = this.#stage
    return [
      (((e[0] * x + e[4] * y + e[8] * z + e[12]) / w + 1) / 2) * clientWidth,
      ((1 - (e[1] * x + e[5] * y + e[9] * z + e[13]) / w) / 2) * clientHeight,
    ]
  }
}
