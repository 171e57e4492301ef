// Logistic regression over hashed features by AdaGrad, in a fixed order of chance: the same names make the same model.
import { featuresOf, MODEL_SIZE, MOST_FEATURES } from '../../src/detect/methods/generated-names/features.ts'
import type { LabelledName } from './corpus.ts'

export interface Model {
  weights: Float64Array
  bias: number
}

const EPOCHS = 8
const RATE = 0.3
/** Strong: weights of single names help with none of another family. */
const DECAY = 5e-4

export function train(names: LabelledName[], next: () => number): Model {
  const weights = new Float64Array(MODEL_SIZE)
  const squares = new Float64Array(MODEL_SIZE).fill(1e-3)
  let bias = 0
  let biasSquare = 1e-3
  const features = names.map((name) => extract(name))
  const order = names.map((_, i) => i)
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, next)
    for (const i of order) {
      const own = features[i]
      const scale = 1 / Math.sqrt(own.length)
      const error = 1 / (1 + Math.exp(-sumOf(own, weights, bias))) - (names[i].isGenerated ? 1 : 0)
      biasSquare += error * error
      bias -= (RATE * error) / Math.sqrt(biasSquare)
      for (const feature of own) {
        const gradient = error * scale + DECAY * weights[feature]
        squares[feature] += gradient * gradient
        weights[feature] -= (RATE * gradient) / Math.sqrt(squares[feature])
      }
    }
  }
  return { weights, bias }
}

export function score(model: Model, name: LabelledName): number {
  return 1 / (1 + Math.exp(-sumOf(extract(name), model.weights, model.bias)))
}

function sumOf(features: Uint32Array, weights: Float64Array, bias: number): number {
  let sum = 0
  for (const feature of features) sum += weights[feature]
  return bias + sum / Math.sqrt(features.length)
}

function extract({ label, suffix }: LabelledName): Uint32Array {
  const room = new Uint32Array(MOST_FEATURES)
  return room.slice(0, featuresOf(label, suffix, room))
}

function shuffle(order: number[], next: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
}
