// Smart time: silence plays fast, traffic at the chosen speed, alerts slowly. A pace maps capture time to playback time and back,
// so that seeking is exact in both directions. Pure.

/** A piecewise linear function: capture microseconds -> playback microseconds at speed 1. Both arrays ascend. */
export interface Pace {
  us: Float64Array
  show: Float64Array
}

/** Playback time per capture time: in silence, with little and with much traffic, and where an alert begins. */
const WEIGHT = { silent: 0.05, least: 0.4, most: 1, alert: 3 }

/** Silence gets at most this share of the playback time, even when a capture is nearly all silence. */
const MOST_SILENCE = 0.2

/** Share of the capture after an alert's beginning that plays slowly. */
const ALERT_PART = 0.01

export interface PaceSource {
  durationUs: number
  /** Bytes in each bin; all bins are equally long. */
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

/** Playback time of a capture position. */
export function showAt({ us, show }: Pace, positionUs: number): number {
  return along(us, show, positionUs)
}

/** Capture position of a playback time; at most the capture's end. */
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
