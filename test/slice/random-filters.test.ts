// Random filters on the demo: the slice has as many packets as the report says, and its analysis has the same conversations.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkRandomFilters } from './random-filters.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

test('8 filters', async () => {
  const results = await checkRandomFilters(readFileSync(DEMO), 8, 17)
  expect(results).toHaveLength(8)
  expect(results.filter(({ problem }) => problem !== '')).toEqual([])
})
