// The playback clock: the position in the capture's time. Pure: the caller passes the real time that has elapsed.
import { type Pace, showAt, usAt } from './pace.ts'

/** Speeds in the list, capture seconds per real second. The default speed, "fit", is not in it, because it depends on the capture. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/** Real seconds in which a capture of any length plays at the "fit" speed. */
export const FIT_SECONDS = 30

export interface Clock {
  /** Length of the capture in microseconds, at least 1. */
  readonly durationUs: number
  /** Microseconds since the capture's first packet, 0 to durationUs. */
  readonly positionUs: number
  /** Capture seconds per real second. */
  readonly speed: number
  readonly isPlaying: boolean
}

/** Speed at which the capture plays in FIT_SECONDS. */
export function fitSpeed(durationUs: number): number {
  return durationUs / 1e6 / FIT_SECONDS
}

/** A clock at the start, paused. */
export function createClock(durationUs: number): Clock {
  const length = Math.max(1, durationUs)
  return { durationUs: length, positionUs: 0, speed: fitSpeed(length), isPlaying: false }
}

/** What is played and how: a span, in a loop or once, at an even speed or with smart time. */
export interface Run {
  /** Microseconds since the first packet; null: the whole capture. */
  readonly span: { readonly fromUs: number; readonly toUs: number } | null
  readonly isLooping: boolean
  /** Smart time; null: even speed. */
  readonly pace: Pace | null
}

const WHOLE: Run = { span: null, isLooping: false, pace: null }

/** Starts playback; from the start of the span if the position is at its end or outside. */
export function play(clock: Clock, { span }: Run = WHOLE): Clock {
  const from = span?.fromUs ?? 0
  const to = span?.toUs ?? clock.durationUs
  const isWithin = clock.positionUs >= from && clock.positionUs < to
  return { ...clock, isPlaying: true, positionUs: isWithin ? clock.positionUs : from }
}

export function pause(clock: Clock): Clock {
  return { ...clock, isPlaying: false }
}

/** Moves to a position, limited to the capture; playback continues from there. */
export function seek(clock: Clock, positionUs: number): Clock {
  const held = Number.isFinite(positionUs) ? Math.min(clock.durationUs, Math.max(0, positionUs)) : clock.positionUs
  return { ...clock, positionUs: held }
}

/** Sets a speed; it must be positive. */
export function setSpeed(clock: Clock, speed: number): Clock {
  return speed > 0 && Number.isFinite(speed) && speed !== clock.speed ? { ...clock, speed } : clock
}

/** The next faster (1) or slower (-1) speed of the list. */
export function nextSpeed(clock: Clock, way: 1 | -1): Clock {
  const faster = way > 0
  const found = faster ? SPEEDS.find((speed) => speed > clock.speed * 1.001) : SPEEDS.findLast((speed) => speed < clock.speed * 0.999)
  return found === undefined ? clock : setSpeed(clock, found)
}

/** Moves to the next tick's start (1), or to the one before (-1). */
export function stepTick(clock: Clock, tickUs: number, way: 1 | -1): Clock {
  const tick = way > 0 ? Math.floor(clock.positionUs / tickUs + 1e-9) + 1 : Math.ceil(clock.positionUs / tickUs - 1e-9) - 1
  return seek({ ...clock, isPlaying: false }, tick * tickUs)
}

/** Advances by `elapsedMs` of real time; at the end of the span it stops, or begins again when looping. */
export function advance(clock: Clock, elapsedMs: number, { span, isLooping, pace }: Run = WHOLE): Clock {
  if (!clock.isPlaying) return clock
  const from = span?.fromUs ?? 0
  const to = span?.toUs ?? clock.durationUs
  const gone = Math.max(0, elapsedMs) * 1000 * clock.speed
  const positionUs = pace ? usAt(pace, showAt(pace, clock.positionUs) + gone) : clock.positionUs + gone
  if (positionUs < to) return { ...clock, positionUs }
  if (!isLooping) return { ...clock, positionUs: to, isPlaying: false }
  // Time beyond the end counts from the beginning of the next round.
  const beyond = pace ? showAt(pace, clock.positionUs) + gone - showAt(pace, to) : positionUs - to
  const round = Math.max(1, pace ? showAt(pace, to) - showAt(pace, from) : to - from)
  const into = beyond % round
  return { ...clock, positionUs: pace ? usAt(pace, showAt(pace, from) + into) : from + into }
}

/** Capture seconds that pass in a second of playback, around the position. */
export function rateOf({ positionUs, speed }: Clock, pace: Pace | null = null): number {
  if (!pace) return speed
  const shown = showAt(pace, positionUs)
  const halfUs = 50_000 * speed
  const [from, to] = [Math.max(0, shown - halfUs), Math.min(pace.show.at(-1)!, shown + halfUs)]
  return to > from ? ((usAt(pace, to) - usAt(pace, from)) / (to - from)) * speed : speed
}

/** Real seconds in which a comet moves from one end of its arc to the other. */
const TRAVEL_SECONDS = 1.6

/**
 * Phase of comets and rings, 0 to 1. It depends only on position, speed and pace, in double precision.
 * The position is divided by the speed, so that comets look equally fast at every speed.
 */
export function cycle(clock: Clock, pace: Pace | null = null): number {
  const travelUs = TRAVEL_SECONDS * 1e6 * clock.speed
  return ((pace ? showAt(pace, clock.positionUs) : clock.positionUs) / travelUs) % 1
}
