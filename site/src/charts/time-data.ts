// What a time chart shows: series of values over equal bins; and how high they stand when they are stacked.

export interface TimeSeries {
  name: string
  /** A CSS colour. */
  colour: string
  values: ArrayLike<number>
}

export interface TimeData {
  startUs: number
  binUs: number
  bins: number
  series: TimeSeries[]
  /** More to tell of a bin where the pointer is. */
  note?(bin: number): string
}

/** Cumulative heights, tallest first, so that shorter ones are painted over it. */
export function stackHeights({ bins, series }: TimeData, count: number, isRooted: boolean): number[][] {
  const rows: number[][] = Array.from({ length: count }, () => new Array<number>(bins).fill(0))
  for (let bin = 0; bin < bins; bin++) {
    let total = 0
    for (const { values } of series) total += values[bin] ?? 0
    const scale = isRooted && total > 0 ? 1 / Math.sqrt(total) : 1
    let sum = 0
    for (let index = 0; index < count; index++) {
      sum += series[index]?.values[bin] ?? 0
      rows[count - 1 - index][bin] = sum * scale
    }
  }
  return rows
}
