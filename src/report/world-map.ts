// Places with traffic -> the map of the printed report: circles on a static map, in the projection of the page (Natural Earth).
import type { PlaceRow } from '../store/read-hosts.ts'
import { LAND, SPHERE } from './land.ts'

export const MAP_SIZE = { width: 720, height: 375 }

/** Units a radian, and the middle of the map: the sphere is as wide as the map. */
const SCALE = 131.608543730521
const MIDDLE = [360, 187.19874320693157]

/** Radius of the largest and the smallest circle. */
const RADIUS = { most: 15, least: 2 }

export interface WorldMap {
  land: string
  sphere: string
  /** Largest first, so that small ones lie on top. */
  circles: { x: number; y: number; radius: number; title: string; isOrigin: boolean; bytes: number }[]
}

/** Null where nothing has a place but the origin. The area of a circle grows with the bytes. */
export function worldMapOf(places: readonly PlaceRow[]): WorldMap | null {
  const most = places.reduce((largest, { bytes, precision }) => (precision === 'origin' ? largest : Math.max(largest, bytes)), 0)
  if (most === 0) return null
  const circles = places.map(({ latitudeDeg, longitudeDeg, city, country, precision, bytes }) => {
    const [x, y] = project(latitudeDeg, longitudeDeg)
    const isOrigin = precision === 'origin'
    const radius = isOrigin ? RADIUS.least * 2 : Math.max(RADIUS.least, RADIUS.most * Math.sqrt(bytes / most))
    const title = [city, country].filter(Boolean).join(', ')
    return { x: round(x), y: round(y), radius: round(radius), title, isOrigin, bytes }
  })
  return { land: LAND, sphere: SPHERE, circles: circles.sort((a, b) => b.radius - a.radius || a.x - b.x || a.y - b.y) }
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Natural Earth projection, by the polynomial of Šavrič, Jenny and others (2011). */
export function project(latitudeDeg: number, longitudeDeg: number): [x: number, y: number] {
  const phi = (latitudeDeg * Math.PI) / 180
  const lambda = (longitudeDeg * Math.PI) / 180
  const phi2 = phi * phi
  const phi4 = phi2 * phi2
  const x = lambda * (0.8707 - 0.131979 * phi2 + phi4 * (-0.013791 + phi4 * (0.003971 * phi2 - 0.001529 * phi4)))
  const y = phi * (1.007226 + phi2 * (0.015085 + phi4 * (-0.044475 + 0.028874 * phi2 - 0.005916 * phi4)))
  return [MIDDLE[0] + SCALE * x, MIDDLE[1] - SCALE * y]
}
