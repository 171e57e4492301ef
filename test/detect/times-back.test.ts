// Captures whose times go back: findings still begin before they end, and no rule fails.
import { expect, test } from 'vitest'
import { rowsOf } from '../../src/sqlite/query.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const START_US = 1_760_000_000_000_000
const SYNS = 3000

test('a SYN flood that is stored backwards is the flood that it is forwards', async () => {
  const syn = (i: number) => ethernet(ipv4(`198.51.${100 + (i >> 8)}.${i & 255}`, '10.0.0.5', tcp(1024 + i, 80, 'S')))
  const forwards = Array.from({ length: SYNS }, (_, i) => ({ atUs: START_US + i * 2000, bytes: syn(i) }))
  const findings = async (packets: typeof forwards) =>
    rowsOf(await analyzeBytes(pcap(packets)), "SELECT first_us, last_us, severity, flows FROM alerts WHERE rule = 'syn-flood'")
  const expected = [[START_US, START_US + (SYNS - 1) * 2000, 'medium', SYNS]] // 500 a second
  expect(await findings(forwards)).toEqual(expected)
  expect(await findings(forwards.toReversed())).toEqual(expected)
})
