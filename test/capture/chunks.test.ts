import { describe, expect, test } from 'vitest'
import { ChunkWindow } from '../../src/capture/chunks.ts'

/** Chunks whose memory is wiped as soon as the next one is asked for, as the contract with the host allows. */
async function* wiped(...chunks: number[][]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    const bytes = Uint8Array.from(chunk)
    yield bytes
    bytes.fill(255)
  }
}

const unread = (window: ChunkWindow) => [...window.bytes.subarray(window.at, window.end)]

describe('a window over chunks', () => {
  test('joins a record that straddles chunks, and only that', async () => {
    const window = new ChunkWindow(wiped([1, 2, 3], [4], [5, 6, 7, 8]))
    expect(await window.fill(2)).toBe(true)
    expect(unread(window)).toEqual([1, 2, 3])
    window.at += 2
    expect(await window.fill(4)).toBe(true)
    expect(unread(window)).toEqual([3, 4, 5, 6])
    expect(window.offset).toBe(2)
    window.at += 4
    expect(await window.fill(1)).toBe(true)
    expect(unread(window)).toEqual([7, 8])
    expect(window.offset).toBe(6)
  })

  test('skips beyond what is loaded', async () => {
    const window = new ChunkWindow(wiped([1, 2], [3, 4], [5, 6], [7]))
    await window.fill(1)
    window.skip(5)
    expect(window.offset).toBe(5)
    expect(await window.fill(2)).toBe(true)
    expect(unread(window)).toEqual([6, 7])
    expect(window.offset).toBe(5)
  })

  test('keeps what there is when the stream ends too early', async () => {
    const window = new ChunkWindow(wiped([1, 2], [3]))
    expect(await window.fill(9)).toBe(false)
    expect(unread(window)).toEqual([1, 2, 3])
    expect(await window.fill(3)).toBe(true)
    window.skip(10)
    expect(await window.fill(1)).toBe(false)
  })

  test('passes over empty chunks', async () => {
    const window = new ChunkWindow(wiped([], [1], [], [2]))
    expect(await window.fill(2)).toBe(true)
    expect(unread(window)).toEqual([1, 2])
  })
})
