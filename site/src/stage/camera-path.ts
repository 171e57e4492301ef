// How a camera moves, on the globe and on the map.

/** Part of the time, 0 to 1 -> part of the way: slow at both ends. */
export function ease(part: number): number {
  return part * part * (3 - 2 * part)
}
