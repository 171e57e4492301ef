// Whether times are periodic. The limits are made for captures of minutes: random (Poisson) times fail, a beacon with 30 % jitter passes.

/** Times closer than this are one contact. */
export const SAME_BEAT_US = 1_000_000
/** A gap of two or three periods counts as missed contacts; if more than this share of the gaps do, the times are not periodic. */
const MISSED_SHARE = 0.2
const MISSED_FROM_BEATS = 8
const NEAR = 0.3
/** With fewer contacts than this, the gaps must be more regular. */
const FEW_BEATS = 9
const FEW_SPREAD = 0.6
/** A gap of this many median gaps separates two sessions. */
const PAUSE_FACTOR = 6
/** As a share of the long gaps: times closer than this are one contact, as when a beacon opens several connections. */
const BURST_SHARE = 0.2
/** Mean number of connections in each contact from which such bursts are joined. */
const HABIT = 1.8

export interface PeriodicityLimits {
  /** Contacts needed when the gaps are very regular. */
  beats: number
  /** Highest coefficient of variation (standard deviation of the gaps, divided by their mean) for few contacts. */
  spread: number
  /** Contacts needed when the gaps are less regular. */
  jitteryBeats: number
  jitterySpread: number
  /** Smallest share of gaps within 30 % of the median, 0 to 1. */
  near: number
  /** Smallest mean gap, microseconds. */
  gapUs: number
}

export interface Periodicity {
  /** Start of each contact, ascending. */
  beatsUs: number[]
  /** Gaps between contacts, without the gaps of missed contacts. */
  gapsUs: Float64Array
  meanUs: number
  medianUs: number
  /** Coefficient of variation: standard deviation divided by mean. */
  spread: number
  /** Share of gaps within 30 % of the median. */
  near: number
  missed: number
}

/** @param timesUs ascending @returns null when they are not periodic */
export function findPeriodicity(timesUs: ArrayLike<number>, limits: PeriodicityLimits): Periodicity | null {
  const beats = joined(timesUs, SAME_BEAT_US)
  if (beats.length < limits.beats) return null
  const gaps = gapsOf(beats)
  const sorted = gaps.slice().sort()
  const rhythm = judge(beats, gaps, sorted, limits)
  if (rhythm !== null) return rhythm
  const bursts = joined(timesUs, BURST_SHARE * sorted[Math.floor(sorted.length * 0.9)])
  // Only when bursts are usual: joining times that are close by chance would make random times look regular.
  const whole = timesUs.length >= HABIT * bursts.length ? judgeBeats(bursts, limits) : null
  if (whole !== null) return whole
  const pause = PAUSE_FACTOR * sorted[sorted.length >> 1]
  if (sorted[sorted.length - 1] <= pause) return null
  const longest = stretches(beats, pause).sort((a, b) => b.length - a.length)[0]
  return longest.length < limits.jitteryBeats ? null : judgeBeats(longest, limits)
}

function joined(timesUs: ArrayLike<number>, withinUs: number): number[] {
  const beats: number[] = []
  for (let i = 0; i < timesUs.length; i++) {
    if (beats.length === 0 || timesUs[i] - beats[beats.length - 1] >= withinUs) beats.push(timesUs[i])
  }
  return beats
}

function gapsOf(beats: readonly number[]): Float64Array {
  const gaps = new Float64Array(beats.length - 1)
  for (let i = 0; i < gaps.length; i++) gaps[i] = beats[i + 1] - beats[i]
  return gaps
}

function stretches(beats: readonly number[], pauseUs: number): number[][] {
  const found: number[][] = [[]]
  for (const [i, time] of beats.entries()) {
    if (i > 0 && time - beats[i - 1] > pauseUs) found.push([])
    found[found.length - 1].push(time)
  }
  return found
}

function judgeBeats(beatsUs: number[], limits: PeriodicityLimits): Periodicity | null {
  if (beatsUs.length < limits.beats) return null
  const gaps = gapsOf(beatsUs)
  return judge(beatsUs, gaps, gaps.slice().sort(), limits)
}

/** @param all gaps between the beats, and the same ascending */
function judge(beatsUs: number[], all: Float64Array, sorted: Float64Array, limits: PeriodicityLimits): Periodicity | null {
  const medianUs = sorted[sorted.length >> 1]
  let skips = 0
  let alike = 0
  for (const gap of all) {
    if (isMissed(gap, medianUs)) skips++
    if (Math.abs(gap - medianUs) <= NEAR * medianUs) alike++
  }
  const isForgiving = beatsUs.length >= MISSED_FROM_BEATS && skips > 0 && skips <= MISSED_SHARE * all.length
  const gapsUs = isForgiving ? all.filter((gap) => !isMissed(gap, medianUs)) : all
  let sum = 0
  for (const gap of gapsUs) sum += gap
  const meanUs = sum / gapsUs.length
  let squares = 0
  for (const gap of gapsUs) squares += (gap - meanUs) ** 2
  const spread = Math.sqrt(squares / gapsUs.length) / meanUs
  const near = alike / all.length
  // Few gaps are similar by chance more often than many.
  const isRegular = spread <= (beatsUs.length < FEW_BEATS ? FEW_SPREAD * limits.spread : limits.spread)
  const isJittery = beatsUs.length >= limits.jitteryBeats && spread <= limits.jitterySpread && near >= limits.near
  if (meanUs < limits.gapUs || !(isRegular || isJittery)) return null
  return { beatsUs, gapsUs, meanUs, medianUs, spread, near, missed: isForgiving ? skips : 0 }
}

function isMissed(gapUs: number, medianUs: number): boolean {
  return Math.abs(gapUs - 2 * medianUs) <= NEAR * medianUs || Math.abs(gapUs - 3 * medianUs) <= NEAR * medianUs
}
