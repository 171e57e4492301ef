// Work and memory a packet can cause stay bounded. Limits are wide: they are for what runs away, on the busiest machine; npm run fuzz -- --flood N measures.
import { describe, expect, test } from 'vitest'
import { FLOODS, runFlood } from './floods.ts'

const PACKETS = 8000

describe('captures made to cost as much as they can', () => {
  test.each(Object.keys(FLOODS))('%s', async (name) => {
    const { microsecondsPerPacket, peakBytes } = await runFlood(FLOODS[name], PACKETS)
    expect(microsecondsPerPacket).toBeLessThan(2000)
    expect(peakBytes).toBeLessThan(250e6)
  })
})
