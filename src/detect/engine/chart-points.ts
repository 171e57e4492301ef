// Points of a finding's chart: few enough to store and draw.
import type { EvidenceChart } from './finding.ts'

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

/**
 * A chart of `count` events by time.
 * @param event what happens at each point, for the label of the axis: login, question
 * @param point of an event: its time in microseconds, and a value
 */
export function overTime(
  kind: EvidenceChart['kind'],
  event: string,
  fromUs: number,
  count: number,
  point: (index: number) => [us: number, value: number],
  { y, threshold, caption }: Pick<EvidenceChart, 'y' | 'threshold' | 'caption'>,
): EvidenceChart {
  const points = samplePoints(count, (index) => {
    const [us, value] = point(index)
    return [secondsSince(fromUs, us), value]
  })
  return { kind, x: { label: `Time since the first ${event}`, unit: 's' }, y, points, threshold, caption }
}
