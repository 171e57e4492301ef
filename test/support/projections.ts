// Where places of the sample stand on globe and map, by textbook formulas and not by the code under test.

const RADIANS = Math.PI / 180
const EARTH_KM = 6371
export const NAIROBI = [-1.286389, 36.817223] as const
export const BERLIN = [52.52, 13.405] as const
export const TOKYO = [35.68, 139.69] as const

export type Position = readonly [latitude: number, longitude: number]
export type Point = [x: number, y: number]

/** So far from a place in a direction (degrees from north). */
export function awayFrom([latitude, longitude]: Position, km: number, direction: number): Position {
  const [angle, north, turn] = [km / EARTH_KM, latitude * RADIANS, direction * RADIANS]
  const to = Math.asin(Math.sin(north) * Math.cos(angle) + Math.cos(north) * Math.sin(angle) * Math.cos(turn))
  const east = Math.atan2(Math.sin(turn) * Math.sin(angle) * Math.cos(north), Math.cos(angle) - Math.sin(north) * Math.sin(to))
  return [to / RADIANS, longitude + east / RADIANS]
}

/** Where the globe's camera stands: over this point, so many radii above the ground. */
export const OVER = [20, 45] as const
export const ALTITUDE = 2.4
/** Dots and lines stand this far over the ground. */
const FLOOR = 1.003

/** A camera with a vertical field of 50 degrees; Nairobi is seen at `nairobi`. */
export function onGlobe(nairobi: Point, height: number) {
  const focal = height / 2 / Math.tan(25 * RADIANS)
  const home = OVER[0] * RADIANS
  const project = ([latitude, longitude]: Position): Point => {
    const [north, east] = [latitude * RADIANS, (longitude - OVER[1]) * RADIANS]
    const x = Math.cos(north) * Math.sin(east)
    const y = Math.cos(home) * Math.sin(north) - Math.sin(home) * Math.cos(north) * Math.cos(east)
    const z = Math.sin(home) * Math.sin(north) + Math.cos(home) * Math.cos(north) * Math.cos(east)
    const scale = (focal * FLOOR) / (1 + ALTITUDE - FLOOR * z)
    return [x * scale, -y * scale]
  }
  const [left, top] = project(NAIROBI)
  return (place: Position): Point => {
    const [x, y] = project(place)
    return [nairobi[0] + x - left, nairobi[1] + y - top]
  }
}

/** Natural Earth (Savric, Jenny, Patterson, Petrovic, Hurni 2011) through two points whose places are known. */
export function onMap(nairobi: Point, berlin: Point) {
  const project = ([latitude, longitude]: Position): Point => {
    const [p, l] = [latitude * RADIANS, longitude * RADIANS]
    return [
      l * (0.8707 - 0.131979 * p ** 2 - 0.013791 * p ** 4 + 0.003971 * p ** 10 - 0.001529 * p ** 12),
      p * (1.007226 + 0.015085 * p ** 2 - 0.044475 * p ** 6 + 0.028874 * p ** 8 - 0.005916 * p ** 10),
    ]
  }
  const [from, to] = [project(NAIROBI), project(BERLIN)]
  const scale = (nairobi[1] - berlin[1]) / (to[1] - from[1])
  return (place: Position): Point => {
    const [x, y] = project(place)
    return [nairobi[0] + (x - from[0]) * scale, nairobi[1] - (y - from[1]) * scale]
  }
}
