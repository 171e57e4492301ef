// Where the sun stands overhead, against the almanac.
import { expect, it } from 'vitest'
import { subsolarPoint } from '../../site/src/model/sun.ts'

// Declination and equation of time: U.S. Naval Observatory, Astronomical Almanac. At 12:00 UTC the sun is overhead where the equation of
// time says: 4 minutes are a degree to the west.
it.each([
  ['2026-03-20T14:46:00Z', 0, -39.6],
  ['2026-06-21T08:24:00Z', 23.44, 54.5],
  ['2026-11-03T12:00:00Z', -15.0, -4.1],
  ['2026-02-11T12:00:00Z', -13.9, 3.55],
  ['2000-12-21T13:37:00Z', -23.44, -24.7],
])('at %s the sun is over %d, %d', (time, latitude, longitude) => {
  const { latitudeDeg, longitudeDeg } = subsolarPoint(Date.parse(time) * 1000)
  expect(Math.abs(latitudeDeg - latitude)).toBeLessThan(0.25)
  expect(Math.abs(longitudeDeg - longitude)).toBeLessThan(0.25)
})
