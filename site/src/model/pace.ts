// Smart time: silence passes quickly, traffic at the chosen speed, alerts slowly. A pace maps the capture's time to the time it is shown
// in, so that every position has one place in the show and seeking stays exact both ways. Pure.

/** A line of straight pieces: capture microseconds -> microseconds of the show at speed 1. Both ascend. */
export interface Pace {
  us: Float64Array
  show: Float64Array
}

/** How much of the show a stretch takes: a twentieth in silence, all of it where traffic is strong, three times that where an alert begins. */
const WEIGHT = { silent: 0.05, least: 0.4, most: 1, alert: 3 }

/** Silence is passed faster still where it would be more than this share of the show: a capture may be nearly all silence. */
const MOST_SILENCE = 0.2

/** Part of the capture after an alert's beginning that is played slowly. */
const ALERT_PART = 0.01

export interface PaceSource {
  durationUs: number
  /** Bytes of each of equal stretches. */
  bytes: ArrayLike<number>
  /** Microseconds since the first packet at which alerts begin. */
  alertsUs: readonly number[]
}

export function buildPace({ durationUs, bytes, alertsUs }: PaceSource): Pace {
  const bins = Math.max(1, bytes.length)
  const binUs = durationUs / bins
  const busy = Float64Array.from(bytes)
    .filter((value) => value > 0)
    .sort()
  const strong = busy[Math.floor(busy.length * 0.9)] ?? 1
  const weights = Float64Array.from({ length: bins }, (_, bin) => {
    const value = bytes[bin] ?? 0
    return value <= 0 ? WEIGHT.silent : WEIGHT.least + (WEIGHT.most - WEIGHT.least) * Math.min(1, Math.sqrt(value / strong))
  })
  for (const us of alertsUs) {
    const first = Math.max(0, Math.floor(us / binUs) - 1)
    const last = Math.min(bins - 1, Math.floor((us + durationUs * ALERT_PART) / binUs))
    for (let bin = first; bin <= last; bin++) weights[bin] = WEIGHT.alert
  }
  const heard = weights.reduce((sum, weight) => (weight > WEIGHT.silent ? sum + weight : sum), 0)
  const silent = weights.reduce((count, weight) => (weight > WEIGHT.silent ? count : count + 1), 0)
  const most = (heard * MOST_SILENCE) / (1 - MOST_SILENCE)
  if (heard > 0 && silent * WEIGHT.silent > most)
    for (let bin = 0; bin < bins; bin++) if (weights[bin] <= WEIGHT.silent) weights[bin] = most / silent
  const us = new Float64Array(bins + 1)
  const show = new Float64Array(bins + 1)
  for (let bin = 0; bin < bins; bin++) {
    us[bin + 1] = bin + 1 === bins ? durationUs : (bin + 1) * binUs
    show[bin + 1] = show[bin] + weights[bin] * binUs
  }
  return { us, show }
}

/** Where a position of the capture stands in the show. */
export function showAt({ us, show }: Pace, positionUs: number): number {
  return along(us, show, positionUs)
}

/** The reverse; at most the capture's end. */
export function usAt({ us, show }: Pace, shown: number): number {
  return along(show, us, shown)
}

function along(from: Float64Array, to: Float64Array, value: number): number {
  let low = 0
  let high = from.length - 1
  if (value <= 0) return 0
  if (value >= from[high]) return to[high]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (from[middle] <= value) low = middle
    else high = middle
  }
  return to[low] + ((value - from[low]) / (from[high] - from[low])) * (to[high] - to[low])
}
