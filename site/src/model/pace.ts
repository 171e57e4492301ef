// Smart time: silence plays fast, traffic at the chosen speed, alerts slowly. A pace maps capture time to playback time and back,
// so that seeking is exact in both directions. Pure.
import type { TimeSpan } from './selection.ts'

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
  /** Pauses that are silent whatever their bins say, microseconds since the first packet. */
  gaps?: readonly TimeSpan[]
}

export function buildPace({ durationUs, bytes, alertsUs, gaps = [] }: PaceSource): Pace {
  const bins = Math.max(1, bytes.length)
  const binUs = durationUs / bins
  const busy = Float64Array.from(bytes)
    .filter((value) => value > 0)
    .sort()
  const strong = busy[Math.floor(busy.length * 0.9)] ?? 1
  const weightOfBin = Float64Array.from({ length: bins }, (_, bin) => {
    const value = bytes[bin] ?? 0
    return value <= 0 ? WEIGHT.silent : WEIGHT.least + (WEIGHT.most - WEIGHT.least) * Math.min(1, Math.sqrt(value / strong))
  })
  for (const us of alertsUs) {
    const first = Math.max(0, Math.floor(us / binUs) - 1)
    const last = Math.min(bins - 1, Math.floor((us + durationUs * ALERT_PART) / binUs))
    for (let bin = first; bin <= last; bin++) weightOfBin[bin] = WEIGHT.alert
  }
  // Pieces between the edges of bins and gaps: a bin may be days long, and nearly all of it a gap.
  const edges = [...Array.from({ length: bins }, (_, bin) => bin * binUs), ...gaps.flatMap(({ fromUs, toUs }) => [fromUs, toUs])]
  const us = Float64Array.from(new Set([...edges.filter((edge) => edge < durationUs), durationUs])).sort()
  const lengths = us.subarray(1).map((to, piece) => to - us[piece])
  const weights = lengths.map((length, piece) => {
    const middle = us[piece] + length / 2
    const isGap = gaps.some(({ fromUs, toUs }) => middle > fromUs && middle < toUs)
    return isGap ? WEIGHT.silent : weightOfBin[Math.min(bins - 1, Math.floor(middle / binUs))]
  })
  let heard = 0
  let silentUs = 0
  weights.forEach((weight, piece) => {
    if (weight > WEIGHT.silent) heard += weight * lengths[piece]
    else silentUs += lengths[piece]
  })
  const most = (heard * MOST_SILENCE) / (1 - MOST_SILENCE)
  const silent = heard > 0 && silentUs * WEIGHT.silent > most ? most / silentUs : WEIGHT.silent
  const show = new Float64Array(us.length)
  weights.forEach((weight, piece) => {
    show[piece + 1] = show[piece] + (weight > WEIGHT.silent ? weight : silent) * lengths[piece]
  })
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
