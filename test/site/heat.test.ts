// The heat of the ground is a quantity: bytes near a point.
import { describe, expect, it } from 'vitest'
import { heatField, heatShare } from '../../site/src/stage/globe/heat.ts'

const place = (latitudeDeg: number, longitudeDeg: number, precision: 'city' | 'origin' = 'city') => ({
  latitudeDeg,
  longitudeDeg,
  precision,
})
const at = (field: { bytes: Float64Array }, latitude: number, longitude: number) => field.bytes[(90 - latitude) * 360 + longitude + 180]

describe('heat', () => {
  it('peaks at the bytes of a place that stands alone, wherever it lies', () => {
    for (const [latitude, longitude] of [
      [50.4, 8.7],
      [-1.3, 36.8],
      [78.2, 15.6],
      [-90, 0],
      [16.2, -179.9],
    ]) {
      const { most, least } = heatField([place(latitude, longitude)], [1_000_000])
      expect(most, `${latitude}, ${longitude}`).toBeCloseTo(1_000_000, 3)
      expect(least).toBeCloseTo(1000, 6)
    }
  })

  it('adds what is near, less with distance, and nothing from 6 degrees on', () => {
    const field = heatField([place(0, 0), place(0, 3)], [1000, 500])
    // (1 - (3 / 6)²)² = 0.5625 of the other's bytes.
    expect(at(field, 0, 0)).toBeCloseTo(1000 + 0.5625 * 500, 6)
    expect(at(field, 0, 3)).toBeCloseTo(500 + 0.5625 * 1000, 6)
    expect(at(field, 0, -6)).toBe(0)
    expect(at(field, 6, 0)).toBe(0)
  })

  it('reaches over the date line, and as far at 60° north as at the equator', () => {
    const field = heatField([place(0, 179), place(60, 0)], [1000, 1000])
    expect(at(field, 0, -179)).toBeCloseTo(1000 * (1 - (2 / 6) ** 2) ** 2, 6)
    // 10 degrees of longitude at 60° north are just below 5 degrees of the globe.
    expect(at(field, 60, 10)).toBeGreaterThan(1000 * (1 - (5 / 6) ** 2) ** 2)
    expect(at(field, 60, 13)).toBe(0)
  })

  it('is not drawn for the origin, whose place nobody located, nor where there is no traffic', () => {
    expect(heatField([place(0, 0, 'origin'), place(10, 10)], [1000, 0])).toMatchObject({ most: 0, least: 0 })
  })

  it('has a scale of three powers of ten, which never saturates below the most', () => {
    const field = heatField([place(0, 0), place(40, 0), place(-40, 0)], [1_000_000, 10_000, 500])
    expect([1_000_000, 10_000, 1000, 500, 0].map((bytes) => Number(heatShare(bytes, field).toFixed(3)))).toEqual([1, 0.333, 0, 0, 0])
  })
})
