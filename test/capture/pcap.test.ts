import { expect, test } from 'vitest'
import { rowsOf } from '../../src/sqlite/query.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { ethernet, ipv4, join, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const packet = { atUs: 1_700_000_000_000_000, bytes: ethernet(ipv4('192.0.2.1', '192.0.2.2', udp(1000, 2000, 'x'))) }
/** Offset of the fraction of a second in the first record: behind the file header and the seconds. */
const FRACTION = 24 + 4

test.each([
  ['micro', 999_999, 0],
  ['micro', 1_000_000, 1],
  ['micro', 0x8000_0000, 1],
  ['nano', 999_999_999, 0],
  ['nano', 1_000_000_000, 1],
] as const)('%s: a fraction of %i is told %i times', async (resolution, fraction, times) => {
  const file = join(pcap([packet, packet], { resolution }))
  new DataView(file.buffer, file.byteOffset).setUint32(FRACTION, fraction, true)
  const database = await analyzeBytes(file)
  const [[packets, warnings]] = rowsOf(database, 'SELECT packets, warnings FROM captures')
  database.close()
  expect(packets).toBe(2)
  expect(String(warnings).split('fraction of a second')).toHaveLength(times + 1)
})
