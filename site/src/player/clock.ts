// The player's clock: where playback stands on the capture's own time. Pure: the caller says how much real time has passed.

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

/** Starts; from the beginning when it stands at the end. */
export function play(clock: Clock): Clock {
  return { ...clock, isPlaying: true, positionUs: clock.positionUs >= clock.durationUs ? 0 : clock.positionUs }
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

/** Lets `elapsedMs` of real time pass; stops at the end of the capture. */
export function advance(clock: Clock, elapsedMs: number): Clock {
  if (!clock.isPlaying) return clock
  const positionUs = clock.positionUs + Math.max(0, elapsedMs) * 1000 * clock.speed
  return positionUs >= clock.durationUs ? { ...clock, positionUs: clock.durationUs, isPlaying: false } : { ...clock, positionUs }
}

/** Real seconds a comet takes from one end of its arc to the other. */
const TRAVEL_SECONDS = 1.6

/**
 * How far comets and rings are in their cycle, 0 to 1: a function of position and speed alone, in double precision.
 * The speed is in it so that comets move at the same pace to the eye at every speed.
 */
export function cycle(clock: Clock): number {
  const travelUs = TRAVEL_SECONDS * 1e6 * clock.speed
  return (clock.positionUs / travelUs) % 1
}
