// The legend's entries of findings: one a story, gravest first.
import { expect, it } from 'vitest'
import type { AlertMark } from '../../site/src/model/report.ts'
import { storyEntries } from '../../site/src/stage/legend-stories.ts'

const finding = (id: number, storyId: number, severity: string, source: string | null = `192.0.2.${storyId}`, routes = [0]): AlertMark => ({
  ...{ id, storyId, severity, source, routes, rule: 'port-scan', title: `Finding ${id}`, target: null, firstUs: id, lastUs: id },
})

it('has one entry for the findings of a story, named by its gravest', () => {
  const [entry, ...others] = storyEntries([finding(1, 1, 'low'), finding(2, 1, 'high'), finding(3, 1, 'low')])
  expect(others).toEqual([])
  expect(entry).toEqual({
    name: 'port-scan 192.0.2.1',
    shows: 'what this is about: Finding 2 With it: 2 other findings.',
    term: 'alert:1,2,3',
  })
})

it('has the gravest first, and leaves out what is only told or draws no arc', () => {
  const alerts = [finding(1, 1, 'low'), finding(2, 2, 'info'), finding(3, 3, 'high'), finding(4, 4, 'high', null, [])]
  expect(storyEntries(alerts).map(({ term }) => term)).toEqual(['alert:3', 'alert:1'])
})

it('puts many stories together after three, four are still shown', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => finding(index + 1, index + 1, 'low'))
  expect(storyEntries(many(4)).map(({ term }) => term)).toEqual(['alert:1', 'alert:2', 'alert:3', 'alert:4'])
  expect(storyEntries(many(6)).slice(3)).toEqual([
    { name: '3 other stories', shows: 'what the other findings are about', term: 'alert:4,5,6' },
  ])
})

it('keeps a hostile source as text', () => {
  expect(storyEntries([finding(1, 1, 'low', 'a\u202eb')])[0]!.name).toBe('port-scan a[U+202E]b')
})
