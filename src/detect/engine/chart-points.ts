// Points of a finding's chart: few enough to store and draw.

const MAX_POINTS = 500

/** At most 500 of `count` points, evenly spaced, including the first and the last. */
export function samplePoints(count: number, point: (index: number) => [number, number]): [number, number][] {
  const shown = Math.min(count, MAX_POINTS)
  return Array.from({ length: shown }, (_, i) => point(shown < 2 ? i : Math.round((i * (count - 1)) / (shown - 1))))
}

/** Seconds since `fromUs`, to the millisecond. */
export function secondsSince(fromUs: number, us: number): number {
  return Math.round((us - fromUs) / 1000) / 1000
}
