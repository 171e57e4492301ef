// Which layers the pictures show: the reader's switches, kept in the link as one short text.

export interface Layers {
  arcs: boolean
  places: boolean
  labels: boolean
  /** Shading of countries: by what, or not at all. */
  countries: 'off' | 'bytes' | 'hosts'
  heat: boolean
  /** The night side, at the capture's own time. */
  night: boolean
  accuracy: boolean
  /** Sparks of scans, pulses of beacons. */
  effects: boolean
}

export const USUAL_LAYERS: Layers = {
  ...{ arcs: true, places: true, labels: true, countries: 'off' },
  ...{ heat: false, night: true, accuracy: false, effects: true },
}

const LETTERS: [keyof Omit<Layers, 'countries' | 'effects'>, string][] = [
  ['arcs', 'a'],
  ['places', 'p'],
  ['labels', 'l'],
  ['heat', 'h'],
  ['accuracy', 'c'],
  ['night', 'd'],
]

/** Stands in a link whose layer of effects is off: links from before there was one say nothing of it, and it is on. */
const NO_EFFECTS = 'x'

/** "aplbh": a letter per layer that is on, b or n for countries by bytes or by hosts. */
export function formatLayers(layers: Layers): string {
  const letters = LETTERS.map(([name, letter]) => (layers[name] ? letter : '')).join('')
  return letters + (layers.effects ? '' : NO_EFFECTS) + { off: '', bytes: 'b', hosts: 'n' }[layers.countries]
}

export function readLayers(text: string | undefined): Layers {
  if (text === undefined) return USUAL_LAYERS
  const has = Object.fromEntries(LETTERS.map(([name, letter]) => [name, text.includes(letter)])) as Omit<Layers, 'countries' | 'effects'>
  return { ...has, effects: !text.includes(NO_EFFECTS), countries: text.includes('b') ? 'bytes' : text.includes('n') ? 'hosts' : 'off' }
}
