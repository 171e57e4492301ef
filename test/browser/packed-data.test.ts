// Parts of a data file -> its bytes, while the others are still on their way.
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { DataPart } from '../../src/browser/messages.ts'
import { PackedStore } from '../../src/browser/packed-data.ts'

const TEXT = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251)

function partsOf(packed: Uint8Array, count: number): DataPart[] {
  const size = Math.ceil(packed.length / count)
  return Array.from({ length: count }, (_, index) => {
    const base64 = Buffer.from(packed.subarray(index * size, (index + 1) * size)).toString('base64')
    return { type: 'part', of: 'locations', base64, index, parts: count }
  })
}

describe('a data file', () => {
  it.each([[[0, 1, 2, 3]], [[3, 1, 0, 2]], [[1, 2, 3, 0]]])('in parts that come in the order %j is its bytes', async (order) => {
    const store = new PackedStore(() => {})
    const bytes = store.read('locations')
    const parts = partsOf(gzipSync(TEXT), 4)
    for (const index of order) store.add(parts[index])
    expect(Buffer.from((await bytes)!).equals(TEXT)).toBe(true)
    expect(await store.read('locations')).toBe(await bytes)
  })

  it('is wanted once, and null if it is missing, from the beginning or after some parts', async () => {
    for (const count of [0, 2]) {
      const wanted: string[] = []
      const store = new PackedStore((name) => wanted.push(name))
      const bytes = store.read('locations')
      for (const part of partsOf(gzipSync(TEXT), 4).slice(0, count)) store.add(part)
      store.giveUp('locations')
      expect(await bytes).toBeNull()
      expect(await store.read('locations')).toBeNull()
      expect(wanted).toEqual(['locations'])
    }
  })

  it('that is damaged is an error, not a file without a part', async () => {
    const store = new PackedStore(() => {})
    const bytes = store.read('locations')
    for (const part of partsOf(gzipSync(TEXT).fill(0xff, 1000, 1100), 2)) store.add(part)
    await expect(bytes).rejects.toThrow()
  })
})
