// Pairs of numbers have numbers in the order in which they come.
import { expect, test } from 'vitest'
import { PairIds } from '../../../src/detect/methods/pair-ids.ts'

test('a pair keeps its number, however many there are', () => {
  const pairs = new PairIds()
  const inOrder: [number, number][] = []
  for (let first = 0; first < 50; first++) for (let second = 0; second < 50; second++) inOrder.push([first * 40_000_000, second])
  for (const [first, second] of inOrder) pairs.idOf(first, second)
  expect(pairs.count).toBe(2500)
  expect(inOrder.map(([first, second]) => pairs.idOf(first, second))).toEqual(inOrder.map((_, i) => i))
  expect(inOrder.map((_, id) => [pairs.first(id), pairs.second(id)])).toEqual(inOrder)
})

test('the order within a pair counts', () => {
  const pairs = new PairIds()
  expect([pairs.idOf(1, 2), pairs.idOf(2, 1), pairs.idOf(1, 2), pairs.idOf(0, 0)]).toEqual([0, 1, 0, 2])
})
