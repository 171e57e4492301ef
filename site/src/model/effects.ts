// What findings put on a picture beside arcs: a spark per port that a scan tried or host that was pinged, a pulse per beat of a beacon. Made in the worker
// (answers/effects.ts); when a mark is seen, where and how strong, is decided here for the globe's shader and both canvases.

/** Ports tried, hosts pinged and beats, ascending by time. */
export interface EffectMarks {
  count: number
  /** Since the timeline's start. */
  seconds: Float64Array<ArrayBuffer>
  /** Until when it stands where nothing moves: a spark until the end of its scan, a beat until the next. */
  until: Float64Array<ArrayBuffer>
  /** Of the far end: index in Report.places, or -1; row number of the host; index in Report.routes, or -1. */
  place: Int32Array<ArrayBuffer>
  host: Int32Array<ArrayBuffer>
  route: Int32Array<ArrayBuffer>
  /** The port tried; -1: none. */
  port: Int32Array<ArrayBuffer>
  /** Of a spark, clockwise from the top, radians; -1: a beat. */
  angle: Float32Array<ArrayBuffer>
  isUdp: Uint8Array<ArrayBuffer>
  /** Index in Effects.findings. */
  finding: Int32Array<ArrayBuffer>
}

/** A scan, a sweep of pings or a beacon under the filter. */
export interface EffectFinding {
  /** `alerts.id`. */
  id: number
  kind: 'scan' | 'ping' | 'beacon'
  /** Addresses; null for none, or several. */
  source: string | null
  target: string | null
  /** Different ports tried, and hosts they were tried on. */
  ports: number
  hosts: number
  /** The lowest and the highest address pinged; null of other kinds. */
  range: readonly [from: string, to: string] | null
  /** Ports tried (one each second, host and port), hosts pinged (one each second), or beats; `drawn` of them have a mark. */
  total: number
  drawn: number
  /** Beats without the filter: that the report has, and that the finding counted; 0 of other kinds. */
  known: number
  counted: number
  /** Median time between two beats; 0 of a scan. */
  periodSeconds: number
}

export interface Effects {
  marks: EffectMarks
  findings: EffectFinding[]
  /** What there is without the filter. */
  has: Record<EffectFinding['kind'], boolean>
  /** One picture of the whole period: nothing moves, everything is there. */
  isWhole: boolean
}

/** The clock, as far as effects depend on it. */
export interface EffectMoment {
  seconds: number
  /** Capture seconds that pass in a second of playback. */
  rate: number
  /** The reader wants no motion. */
  isStill: boolean
}

/** Marks of each kind at most; of more, evenly spaced ones are drawn. */
export const MOST_MARKS = 20_000

/** Seconds of playback for which a spark and a pulse live. */
export const SPARK_SECONDS = 0.9
export const BEAT_SECONDS = 0.8

/** Beats closer than this, in seconds of playback, are drawn as one steady ring. */
export const BLUR_SECONDS = 0.25

/** A beat is not kept longer than so many periods. */
export const MOST_PERIODS = 4

/** The longest that anything lives which moves or is blurred, seconds of playback. */
const LONGEST_SECONDS = Math.max(SPARK_SECONDS, BEAT_SECONDS, MOST_PERIODS * BLUR_SECONDS)

/** CSS pixels from the middle of a place: sparks of TCP and UDP, a steady ring, a pulse at its beginning and its end. */
export const RADIUS = { tcp: 28, udp: 35, steady: 14, from: 5, to: 24 }

/** Life of a mark that is not seen, and of one that stands still; else 0 to 1. */
export const UNSEEN = -1
export const STANDING = 2

/** Whether beats follow each other too fast to be told apart. */
export function isBlurred(periodSeconds: number, rate: number): boolean {
  return periodSeconds < BLUR_SECONDS * rate
}

/** How far a mark is in its life. The shader in stage/effects/globe-effects.ts uses the same conditions. */
export function lifeOf({ marks, findings, isWhole }: Effects, mark: number, { seconds, rate, isStill }: EffectMoment): number {
  if (isWhole) return STANDING
  const age = seconds - marks.seconds[mark]
  if (age < 0) return UNSEEN
  const isBeat = marks.angle[mark] < 0
  if (isStill || (isBeat && isBlurred(findings[marks.finding[mark]].periodSeconds, rate)))
    return seconds < marks.until[mark] + (isBeat ? 0 : SPARK_SECONDS * rate) ? STANDING : UNSEEN
  const life = age / ((isBeat ? BEAT_SECONDS : SPARK_SECONDS) * rate)
  return life < 1 ? life : UNSEEN
}

/** Marks outside [from, to) are not seen. */
export function rangeAt({ marks, isWhole }: Effects, { seconds, rate, isStill }: EffectMoment): [from: number, to: number] {
  if (isWhole) return [0, marks.count]
  return [isStill ? 0 : firstFrom(marks.seconds, seconds - LONGEST_SECONDS * rate), firstFrom(marks.seconds, seconds, true)]
}

/** Index of the first time at or after `seconds`; `isAfter`: after it. */
function firstFrom(times: Float64Array, seconds: number, isAfter = false): number {
  let from = 0
  let to = times.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (times[middle] < seconds || (isAfter && times[middle] === seconds)) from = middle + 1
    else to = middle
  }
  return from
}

/** Clockwise from the top, radians. By the logarithm, as most ports in use are low: a quarter turn is 16 times as high a port. */
export function angleOf(port: number): number {
  return (Math.log2(port + 1) / 16) * 2 * Math.PI
}

/** By the order of addresses: the lowest of `count` at the top. */
export function angleOfOrder(order: number, count: number): number {
  return (order / count) * 2 * Math.PI
}

/** CSS pixels from the middle: sparks fly out and stay. */
export function sparkRadius(isUdp: boolean, life: number): number {
  const rest = 1 - Math.min(1, life / 0.35)
  return (isUdp ? RADIUS.udp : RADIUS.tcp) * (1 - 0.7 * rest ** 3)
}

/** Opacity of a spark. */
export function sparkLight(life: number): number {
  return life === STANDING ? 0.8 : Math.min(1, 2 * (1 - life))
}

/** CSS pixels from the middle. */
export function beatRadius(life: number): number {
  return life === STANDING ? RADIUS.steady : RADIUS.from + (RADIUS.to - RADIUS.from) * (1 - (1 - life) ** 2)
}

/** Opacity of a pulse. */
export function beatLight(life: number): number {
  return life === STANDING ? 0.75 : 1 - life
}
