// A router's port shows thousands of hosts behind one hardware address: lists of them grow, they are not copied (a copy for each host is quadratic).
import { expect, test } from 'vitest'
import { append } from '../../src/detect/methods/lists.ts'

test('a list that is collected stays the same list', () => {
  const lists = new Map<string, number[]>()
  append(lists, 'router', 1)
  const list = lists.get('router')
  append(lists, 'router', 2)
  append(lists, 'other', 3)
  expect(lists.get('router')).toBe(list)
  expect([...lists]).toEqual([
    ['router', [1, 2]],
    ['other', [3]],
  ])
})
