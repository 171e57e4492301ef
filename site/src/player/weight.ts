// Bytes -> how much something weighs on the picture.

/** Width of an arc, size of a dot by bytes, 0 to 1: from about 100 B to 100 MB on a logarithmic scale. */
export function weightOf(bytes: number): number {
  return Math.min(1, Math.max(0, (Math.log10(Math.max(bytes, 1)) - 2) / 6))
}

/** A number in [0, 1) that spreads neighbours apart: arcs of one place must not pulse together. */
export function spread(index: number): number {
  return (index * 0.618_033_988_75) % 1
}
