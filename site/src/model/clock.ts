// The player's clock: where playback stands on the capture's own time. Pure: the caller says how much real time has passed.
import { type Pace, showAt, usAt } from './pace.ts'

/** Speeds on offer, capture seconds per real second. The default, "fit", is not among them: it depends on the capture. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/** A capture of any length plays in this many seconds at the "fit" speed. */
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

/** How playback runs: what of the capture, whether again and again, and how unevenly. */
export interface Run {
  /** Microseconds since the first packet; null: the whole capture. */
  readonly span: { readonly fromUs: number; readonly toUs: number } | null
  readonly isLooping: boolean
  /** Null: evenly. */
  readonly pace: Pace | null
}

export const WHOLE: Run = { span: null, isLooping: false, pace: null }

/** Starts; from the beginning of what is played when it stands at its end or outside. */
export function play(clock: Clock, { span }: Run = WHOLE): Clock {
  const from = span?.fromUs ?? 0
  const to = span?.toUs ?? clock.durationUs
  const isWithin = clock.positionUs >= from && clock.positionUs < to
  return { ...clock, isPlaying: true, positionUs: isWithin ? clock.positionUs : from }
}

export function pause(clock: Clock): Clock {
  return { ...clock, isPlaying: false }
}

/** Moves to a position, held within the capture; playing goes on from there. */
export function seek(clock: Clock, positionUs: number): Clock {
  const held = Number.isFinite(positionUs) ? Math.min(clock.durationUs, Math.max(0, positionUs)) : clock.positionUs
  return { ...clock, positionUs: held }
}

/** Any positive speed. */
export function setSpeed(clock: Clock, speed: number): Clock {
  return speed > 0 && Number.isFinite(speed) ? { ...clock, speed } : clock
}

/** The next speed on offer: faster (1) or slower (-1). */
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

/** Lets `elapsedMs` of real time pass; stops at the end of what is played, or begins again there. */
export function advance(clock: Clock, elapsedMs: number, { span, isLooping, pace }: Run = WHOLE): Clock {
  if (!clock.isPlaying) return clock
  const from = span?.fromUs ?? 0
  const to = span?.toUs ?? clock.durationUs
  const gone = Math.max(0, elapsedMs) * 1000 * clock.speed
  const positionUs = pace ? usAt(pace, showAt(pace, clock.positionUs) + gone) : clock.positionUs + gone
  if (positionUs < to) return { ...clock, positionUs }
  if (!isLooping) return { ...clock, positionUs: to, isPlaying: false }
  // What is beyond the end is the way into the next round.
  const beyond = pace ? showAt(pace, clock.positionUs) + gone - showAt(pace, to) : positionUs - to
  const round = Math.max(1, pace ? showAt(pace, to) - showAt(pace, from) : to - from)
  const into = beyond % round
  return { ...clock, positionUs: pace ? usAt(pace, showAt(pace, from) + into) : from + into }
}

/** Real seconds a comet takes from one end of its arc to the other. */
const TRAVEL_SECONDS = 1.6

/**
 * How far comets and rings are in their cycle, 0 to 1: a function of position, speed and pace alone, in double precision.
 * The speed is in it so that comets move at the same pace to the eye at every speed.
 */
export function cycle(clock: Clock, pace: Pace | null = null): number {
  const travelUs = TRAVEL_SECONDS * 1e6 * clock.speed
  return ((pace ? showAt(pace, clock.positionUs) : clock.positionUs) / travelUs) % 1
}
