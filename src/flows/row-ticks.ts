// The tick of a row of the timeline: the index of its span in the upper bits, the tick inside the span in the lower ones.

const SPAN_BITS = 24
const HALF_SPAN = 1 << (SPAN_BITS - 1)

/** @param tick counted from the timeline's base, as `spanTicks` are: where each span starts */
export function rowTickOf(span: number, tick: number, spanTicks: readonly number[]): number {
  return (span << SPAN_BITS) + tick - spanTicks[span]
}

/** Index of the span in a row's tick. */
export function spanOf(rowTick: number): number {
  return (rowTick + HALF_SPAN) >> SPAN_BITS
}

/** A row's tick -> the tick counted from the timeline's base. */
export function tickOf(rowTick: number, spanTicks: readonly number[]): number {
  const span = spanOf(rowTick)
  return rowTick - (span << SPAN_BITS) + spanTicks[span]
}
