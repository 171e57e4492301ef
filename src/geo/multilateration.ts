// Places of hosts and round-trip times to them -> the region in which the capture was made: that which most of these times allow (constraint-based geolocation,
// Gueye et al., IMC 2004, with the roles of landmark and host exchanged).
import type { Place } from '../types.ts'
import { distanceKm, isCheckable, radiusKm as radiusOfPlaceKm, reachKm } from './light.ts'
import { nameOfPlace } from './origin.ts'

export interface OriginRegion {
  /** Of the place nearest to its middle. */
  name: string
  latitudeDeg: number
  longitudeDeg: number
  /** Around that middle; every point that the times allow is within. */
  radiusKm: number
  /** Places with a time that allows it, of all with a time. */
  agreeing: number
  places: number
}

/** Fewer places say nothing: one of them may be wrong. */
const LEAST_PLACES = 3
/** Places may be wrong (anycast, CDN): a larger part of them must agree. */
const LEAST_AGREEING = 2 / 3
/** A wider region is no place. */
const MOST_RADIUS_KM = 1500
/** Only the times that bound most. */
const MOST_DISCS = 64
/** Discs in which points are tried: the region is inside the smallest one that is right. */
const TRIED_DISCS = 16
const POINTS = 400
const FINE_POINTS = 4000
const KM_PER_RADIAN = 6371
const RADIANS = Math.PI / 180

interface Point {
  latitudeDeg: number
  longitudeDeg: number
}

interface Disc extends Point {
  radiusKm: number
  place: Place
}

/** @param rttUs by host, microseconds; below 0 where it is not known @returns null where the times leave too much open */
export function inferOrigin(places: Place[], placeOfHost: Int32Array, rttUs: (host: number) => number): OriginRegion | null {
  const all = discsOf(places, placeOfHost, rttUs)
  const discs = all.slice(0, MOST_DISCS)
  if (discs.length < LEAST_PLACES) return null
  const coarse = discs.slice(0, TRIED_DISCS).flatMap((disc) => pointsAround(disc, disc.radiusKm, POINTS))
  const found = mostAllowed(coarse, discs)
  if (found.count < LEAST_AGREEING * discs.length) return null
  const rough = aroundAll(found.points)
  // The edge of the region may be one step of the coarse points farther out.
  const step = (2 * Math.min(...discs.map(({ radiusKm }) => radiusKm))) / Math.sqrt(POINTS)
  const fine = mostAllowed([...pointsAround(rough.middle, rough.radiusKm + step, FINE_POINTS), ...found.points], discs)
  const { middle, radiusKm } = aroundAll(fine.points)
  const roundedKm = Math.ceil((radiusKm + (2 * (rough.radiusKm + step)) / Math.sqrt(FINE_POINTS)) / 10) * 10
  if (roundedKm > MOST_RADIUS_KM) return null
  const at = { latitudeDeg: Math.round(middle.latitudeDeg * 10) / 10, longitudeDeg: Math.round(middle.longitudeDeg * 10) / 10 }
  const nearest = all.reduce((best, disc) => (distanceKm(disc, at) < distanceKm(best, at) ? disc : best))
  const agreeing = all.filter((disc) => isWithin(at, disc) || fine.points.some((point) => isWithin(point, disc))).length
  return { ...at, name: nameOfPlace(nearest.place), radiusKm: roundedKm, agreeing, places: all.length }
}

/** As stored in a report, which may have been changed: null for anything else. */
export function readRegion(text: string): OriginRegion | null {
  try {
    const region = JSON.parse(text) as OriginRegion
    const { name, latitudeDeg, longitudeDeg, radiusKm, agreeing, places } = region
    const isPoint = Math.abs(latitudeDeg) <= 90 && Math.abs(longitudeDeg) <= 180
    return typeof name === 'string' && isPoint && [radiusKm, agreeing, places].every(Number.isSafeInteger) ? region : null
  } catch {
    return null
  }
}

/** For each place that can be checked, how far from it the capture was made at most: the smallest first. */
function discsOf(places: Place[], placeOfHost: Int32Array, rttUs: (host: number) => number): Disc[] {
  const leastUs = new Float64Array(places.length).fill(Number.POSITIVE_INFINITY)
  for (let host = 0; host < placeOfHost.length; host++) {
    const place = placeOfHost[host]
    if (place < 0 || !isCheckable(places[place])) continue
    const us = rttUs(host)
    if (us >= 0 && us < leastUs[place]) leastUs[place] = us
  }
  const discs: Disc[] = []
  for (const [i, place] of places.entries()) {
    if (leastUs[i] === Number.POSITIVE_INFINITY) continue
    const { latitudeDeg, longitudeDeg } = place
    discs.push({ latitudeDeg, longitudeDeg, radiusKm: reachKm(leastUs[i]) + radiusOfPlaceKm(place), place })
  }
  return discs.sort((a, b) => a.radiusKm - b.radiusKm)
}

const isWithin = (point: Point, disc: Disc): boolean => distanceKm(point, disc) <= disc.radiusKm

/** The points in most discs. */
function mostAllowed(points: Point[], discs: Disc[]): { points: Point[]; count: number } {
  let count = 0
  let best: Point[] = []
  for (const point of points) {
    let inside = 0
    for (const disc of discs) if (isWithin(point, disc)) inside++
    if (inside > count) [count, best] = [inside, []]
    if (inside === count) best.push(point)
  }
  return { points: best, count }
}

/** Evenly spread points of a circle on the sphere, its middle first (a Fibonacci lattice). */
function pointsAround(middle: Point, radiusKm: number, count: number): Point[] {
  const cap = 1 - Math.cos(Math.min(Math.PI, radiusKm / KM_PER_RADIAN))
  const turn = Math.PI * (3 - Math.sqrt(5))
  return Array.from({ length: count }, (_, i) => pointAt(middle, Math.acos(1 - (cap * i) / (count - 1)), i * turn))
}

/** @param angle from the middle, radians @param bearing radians */
function pointAt({ latitudeDeg, longitudeDeg }: Point, angle: number, bearing: number): Point {
  const latitude = latitudeDeg * RADIANS
  const sine = Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing)
  const east = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(latitude), Math.cos(angle) - Math.sin(latitude) * sine)
  const longitude = longitudeDeg + east / RADIANS
  return {
    latitudeDeg: Math.asin(Math.max(-1, Math.min(1, sine))) / RADIANS,
    longitudeDeg: ((((longitude + 180) % 360) + 360) % 360) - 180,
  }
}

/** The mean direction of points, and how far the farthest of them is from it. */
function aroundAll(points: Point[]): { middle: Point; radiusKm: number } {
  let [x, y, z] = [0, 0, 0]
  for (const { latitudeDeg, longitudeDeg } of points) {
    const [latitude, longitude] = [latitudeDeg * RADIANS, longitudeDeg * RADIANS]
    x += Math.cos(latitude) * Math.cos(longitude)
    y += Math.cos(latitude) * Math.sin(longitude)
    z += Math.sin(latitude)
  }
  const middle = { latitudeDeg: Math.atan2(z, Math.hypot(x, y)) / RADIANS, longitudeDeg: Math.atan2(y, x) / RADIANS }
  return { middle, radiusKm: points.reduce((most, point) => Math.max(most, distanceKm(point, middle)), 0) }
}
