// Are these times a rhythm? A gate that holds on captures of minutes: random (Poisson) times do not pass it, a beacon with 30 % jitter does.

/** Closer together than this is one beat. */
const SAME_BEAT_US = 1_000_000
/** A gap of two or three periods is a beat that was missed; more of them than this share are no rhythm. */
const MISSED_SHARE = 0.2
const MISSED_FROM_BEATS = 8
const NEAR = 0.3
/** Fewer beats than this must be more regular still. */
const FEW_BEATS = 9
const FEW_SPREAD = 0.6
/** A gap of so many usual ones is a pause between two stretches. */
const PAUSE_FACTOR = 6
/** Of the long gaps: what follows sooner than this belongs to the same beat (a beacon that opens several connections). */
const BURST_SHARE = 0.2
/** Connections a beat, in the mean, that make bursts the habit. */
const HABIT = 1.8

export interface PeriodicityLimits {
  /** Beats needed when they are very regular. */
  beats: number
  /** Highest standard deviation of the gaps, as a share of their mean, for few beats. */
  spread: number
  /** Beats needed when they are less regular. */
  jitteryBeats: number
  jitterySpread: number
  /** Least share of gaps within 30 % of the median, 0 to 1. */
  near: number
  /** Least mean gap, microseconds. */
  gapUs: number
}

export interface Periodicity {
  /** Begin of each beat, ascending. */
  beatsUs: number[]
  /** Gaps between them, missed beats taken out. */
  gapsUs: number[]
  meanUs: number
  medianUs: number
  /** Standard deviation over mean. */
  spread: number
  /** Share of gaps within 30 % of the median. */
  near: number
  missed: number
}

/** @param timesUs ascending @returns null when there is no rhythm in them */
export function findPeriodicity(timesUs: readonly number[], limits: PeriodicityLimits): Periodicity | null {
  if (timesUs.length < limits.beats) return null
  const beats = joined(timesUs, SAME_BEAT_US)
  const rhythm = judge(beats, limits)
  if (rhythm !== null) return rhythm
  const gaps = gapsOf(beats).sort((a, b) => a - b)
  if (gaps.length < limits.beats - 1) return null
  const bursts = joined(timesUs, BURST_SHARE * gaps[Math.floor(gaps.length * 0.9)])
  // Only where bursts are the habit: joining what happens to be close would make random times look even.
  const whole = timesUs.length >= HABIT * bursts.length ? judge(bursts, limits) : null
  if (whole !== null) return whole
  const pause = PAUSE_FACTOR * gaps[gaps.length >> 1]
  if (gaps[gaps.length - 1] <= pause) return null
  const longest = stretches(beats, pause).sort((a, b) => b.length - a.length)[0]
  return longest.length < limits.jitteryBeats ? null : judge(longest, limits)
}

function joined(timesUs: readonly number[], withinUs: number): number[] {
  const beats: number[] = []
  for (const time of timesUs) if (beats.length === 0 || time - beats[beats.length - 1] >= withinUs) beats.push(time)
  return beats
}

function gapsOf(beats: readonly number[]): number[] {
  return beats.slice(1).map((time, i) => time - beats[i])
}

function stretches(beats: readonly number[], pauseUs: number): number[][] {
  const found: number[][] = [[]]
  for (const [i, time] of beats.entries()) {
    if (i > 0 && time - beats[i - 1] > pauseUs) found.push([])
    found[found.length - 1].push(time)
  }
  return found
}

function judge(beatsUs: number[], limits: PeriodicityLimits): Periodicity | null {
  if (beatsUs.length < limits.beats) return null
  const all = gapsOf(beatsUs)
  const medianUs = [...all].sort((a, b) => a - b)[all.length >> 1]
  const skips = all.filter((gap) => isMissed(gap, medianUs)).length
  const isForgiving = beatsUs.length >= MISSED_FROM_BEATS && skips > 0 && skips <= MISSED_SHARE * all.length
  const gapsUs = isForgiving ? all.filter((gap) => !isMissed(gap, medianUs)) : all
  const meanUs = gapsUs.reduce((sum, gap) => sum + gap, 0) / gapsUs.length
  const spread = Math.sqrt(gapsUs.reduce((sum, gap) => sum + (gap - meanUs) ** 2, 0) / gapsUs.length) / meanUs
  const near = all.filter((gap) => Math.abs(gap - medianUs) <= NEAR * medianUs).length / all.length
  // Five gaps are alike by chance more easily than ten.
  const isRegular = spread <= (beatsUs.length < FEW_BEATS ? FEW_SPREAD * limits.spread : limits.spread)
  const isJittery = beatsUs.length >= limits.jitteryBeats && spread <= limits.jitterySpread && near >= limits.near
  if (meanUs < limits.gapUs || !(isRegular || isJittery)) return null
  return { beatsUs, gapsUs, meanUs, medianUs, spread, near, missed: isForgiving ? skips : 0 }
}

function isMissed(gapUs: number, medianUs: number): boolean {
  return [2, 3].some((times) => Math.abs(gapUs - times * medianUs) <= NEAR * medianUs)
}
