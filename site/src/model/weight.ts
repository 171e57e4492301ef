// Bytes -> size of arcs and dots.

/** Arcs of fewer and of more bytes are as wide as these. */
export const LEAST_BYTES = 100
export const MOST_BYTES = 100e6

/** Powers of ten between them. */
const ARC_DECADES = Math.log10(MOST_BYTES / LEAST_BYTES)

/** Width of an arc by bytes, 0 to 1, on a logarithmic scale. */
export function weightOf(bytes: number): number {
  return Math.min(1, Math.max(0, Math.log10(Math.max(bytes, 1) / LEAST_BYTES) / ARC_DECADES))
}

/** The bytes that a width stands for. */
export function bytesOf(weight: number): number {
  return LEAST_BYTES * 10 ** (weight * ARC_DECADES)
}

/** The smallest dot stands for this many powers of ten fewer bytes than the largest. */
const DECADES = 4
/** With more places than this, all dots are smaller, so that they do not cover the land. */
const CALM_PLACES = 90

/** Size of each place's dot, 0 to 1, relative to the place with most bytes apart from the origin; -1 for places without bytes. */
export function placeWeights(placeBytes: ArrayLike<number>, origin: number): Float32Array {
  const bytes = Array.from(placeBytes)
  const largest = Math.log10(bytes.reduce((most, value, place) => (place === origin ? most : Math.max(most, value)), 1))
  const calm = Math.min(1, Math.sqrt(CALM_PLACES / Math.max(1, bytes.filter((value) => value > 0).length)))
  return Float32Array.from(bytes, (value) =>
    value > 0 ? calm * Math.min(1, Math.max(0, 1 - (largest - Math.log10(value)) / DECADES)) : -1,
  )
}

/** A number in [0, 1) that differs much between neighbouring indexes, so that arcs of one place do not pulse together. */
export function spread(index: number): number {
  return (index * 0.618_033_988_75) % 1
}
