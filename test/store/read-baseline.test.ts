import { expect, test } from 'vitest'
import { readBaseline } from '../../src/store/read-baseline.ts'
import { makeOffice } from '../support/database.ts'

test('countries and networks of each client', async () => {
  const baseline = readBaseline(await makeOffice(), 'monday')
  expect(baseline.name).toBe('monday')
  expect([...baseline.hosts]).toContain('239.255.255.250')
  expect([...baseline.clients.keys()].sort()).toEqual(['10.0.0.1', '91.1.1.1'])
  const client = baseline.clients.get('10.0.0.1')!
  expect([...client.countries].sort()).toEqual(['DE', 'FR'])
  expect([...client.asns]).toEqual([3320])
})
