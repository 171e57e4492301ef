// RITA's beacon score (activecm/rita v5, analysis/beacons.go), so that a finding can be compared with other tools. It is only reported and has
// no threshold, because on captures of minutes it does not separate regular from random traffic.

const BINS = 24
/** Bars whose heights differ by less than this share of the highest count as equally high. */
const SAME_HEIGHT = 0.05
const LEAST_BARS_FOR_TWO_MODES = 11
const LEAST_BARS_FOR_DURATION = 6
const IDEAL_RUN = 12

/**
 * @param timesS start of connections, whole seconds, ascending
 * @param bytes sent by the client in each connection
 * @param firstS first time of the data set, seconds
 * @param lastS last time of the data set, seconds
 * @returns 0 to 1, or null when there are too few different times
 */
export function ritaScore(timesS: readonly number[], bytes: readonly number[], firstS: number, lastS: number): number | null {
  const gaps = timesS
    .slice(1)
    .map((time, i) => time - timesS[i])
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b)
  if (new Set(timesS).size < 4 || gaps.length < 3 || lastS <= firstS) return null
  const { score: histogram, bars, run } = histogramScore(timesS, firstS, lastS)
  const sizes = [...bytes].sort((a, b) => a - b)
  const duration = durationScore(timesS, firstS, lastS, bars, run)
  return round3((spreadScore(gaps, 1) + spreadScore(sizes, 0) + duration + histogram) / 4)
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/** Bowley's skewness and the median absolute deviation from the median; `fallback` where the median is below 1. */
function spreadScore(sorted: readonly number[], fallback: number): number {
  const half = sorted.length >> 1
  const low = median(sorted.slice(0, half))
  const middle = median(sorted)
  const high = median(sorted.slice(sorted.length - half))
  const width = high - low
  const skewness = width < 10 || middle === low || middle === high ? 0 : (low + high - 2 * middle) / width
  const deviation = median(sorted.map((value) => Math.abs(value - middle)).sort((a, b) => a - b))
  const spread = middle < 1 ? fallback : Math.max(0, (middle - deviation) / middle)
  return round3((1 - Math.abs(skewness) + spread) / 2)
}

function histogramScore(timesS: readonly number[], firstS: number, lastS: number): { score: number; bars: number; run: number } {
  const heights: number[] = new Array(BINS).fill(0)
  const width = (lastS - firstS) / BINS
  let bin = 0
  for (const time of timesS) {
    while (bin < BINS - 1 && time >= firstS + (bin + 1) * width) bin++
    heights[bin]++
  }
  const bars = heights.filter((height) => height > 0).length
  const mean = timesS.length / BINS
  const variation = Math.sqrt(heights.reduce((sum, height) => sum + (height - mean) ** 2, 0) / BINS) / mean
  const even = variation > 1 ? 0 : round3(1 - variation)
  return { score: Math.max(even, twoModes(heights, bars)), bars, run: longestRun(heights) }
}

/** Share of the bars that have one of the two most frequent heights. */
function twoModes(heights: readonly number[], bars: number): number {
  if (bars < LEAST_BARS_FOR_TWO_MODES) return 0
  const step = Math.ceil(Math.max(...heights) * SAME_HEIGHT)
  const classes = new Map<number, number>()
  for (const height of heights) {
    if (height > 0) classes.set(Math.floor(height / step), (classes.get(Math.floor(height / step)) ?? 0) + 1)
  }
  const [most = 0, second = 0] = [...classes.values()].sort((a, b) => b - a)
  return Math.min(1, round3((most + second) / Math.max(bars - 1, 1)))
}

/** Longest run of bars; the last bar is followed by the first. */
function longestRun(heights: readonly number[]): number {
  let run = 0
  let longest = 0
  for (let i = 0; i < 2 * BINS; i++) {
    run = heights[i % BINS] > 0 ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return Math.min(longest, BINS)
}

function durationScore(timesS: readonly number[], firstS: number, lastS: number, bars: number, run: number): number {
  if (bars < LEAST_BARS_FOR_DURATION) return 0
  const covered = Math.ceil(((timesS.at(-1)! - timesS[0]) / (lastS - firstS)) * 1000) / 1000
  return Math.max(Math.min(1, covered), Math.min(1, Math.ceil((run / IDEAL_RUN) * 1000) / 1000))
}
