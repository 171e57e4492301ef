// The probability that a domain generation algorithm made a name: logistic regression over substrings of its registrable label.
// The model was trained on names of malware families and on legitimate ones; test/generated-names/ trains and measures it.
import { domainOf } from '../domains.ts'
import { featuresOf, MODEL_SIZE, MOST_FEATURES } from './features.ts'
import { isInfrastructure } from './infrastructure.ts'
import { BIAS, STEP, WEIGHTS } from './model.ts'

/** Scores from this one on count as generated: 98 of 100 such names in test data were. */
export { THRESHOLD } from './model.ts'

/** Shorter labels are not judged. */
const SHORTEST_LABEL = 5

/** A weight is one of 64 characters, from this one on; weights grow with the square, because most are small. */
const FIRST_CHARACTER = 0x30
const ZERO_LEVEL = 32

const features = new Uint32Array(MOST_FEATURES)
let weights: Float32Array | null = null

/**
 * The probability, 0 to 1, that the registrable part of a name is generated. 0 for addresses, names without a public suffix, names in
 * other scripts (xn--), labels of fewer than five characters,
 * and domains of content networks and clouds, which are abbreviations and look generated. The subdomain is ignored, because
 * clouds and content networks generate subdomains, too.
 */
export function classify(name: string): number {
  const domain = domainOf(name)
  if (domain === null || domain.label.length < SHORTEST_LABEL || domain.label.startsWith('xn--')) return 0
  if (isInfrastructure(domain.registrable)) return 0
  return scoreOf(domain.label, domain.suffix)
}

function scoreOf(label: string, suffix: string): number {
  weights ??= decodeWeights(WEIGHTS, STEP)
  const count = featuresOf(label, suffix, features)
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[features[i]]
  return 1 / (1 + Math.exp(-(BIAS + sum / Math.sqrt(count))))
}

function decodeWeights(text: string, step: number): Float32Array {
  const decoded = new Float32Array(MODEL_SIZE)
  for (let i = 0; i < MODEL_SIZE; i++) {
    const level = text.charCodeAt(i) - FIRST_CHARACTER - ZERO_LEVEL
    decoded[i] = level * Math.abs(level) * step
  }
  return decoded
}

/** The inverse, for training. @returns the text, and the step at which the largest weight still fits */
export function encodeWeights(values: Float64Array): { text: string; step: number } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const step = largest / ((ZERO_LEVEL - 1) * (ZERO_LEVEL - 1))
  const characters: string[] = []
  for (const value of values) {
    const level = Math.round(Math.sqrt(Math.abs(value) / step)) * Math.sign(value)
    characters.push(String.fromCharCode(FIRST_CHARACTER + ZERO_LEVEL + level))
  }
  return { text: characters.join(''), step }
}
