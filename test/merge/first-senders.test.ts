// Probes from a low port, which look as if the probed host were the client -> the same findings from a report as from its capture.
import { expect, test } from 'vitest'
import { rowsOf } from '../../src/sqlite/query.ts'
import { ethernet, ipv4, type Layer, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { analyzedFiles, merge, read, sourceOfFile } from '../support/merging.ts'

const START_US = Date.UTC(2026, 10, 28, 10) * 1000
const SCANNER = '198.51.100.7'
const VICTIM = '10.0.0.5'

const frame = (source: string, target: string, inner: Layer) => ethernet(ipv4(source, target, inner))
const host = (i: number) => `10.0.1.${i + 1}`
const forged = (i: number) => `203.${i >> 8}.${i & 255}.9`

/** A packet and, if it is answered, its answer 2 ms later. */
type Probe = [from: string, to: string, fromPort: number, toPort: number, flags: string]
const packetsOf = (probes: readonly Probe[], everyUs: number, answer: string | null) =>
  probes.flatMap(([from, to, fromPort, toPort, flags], i) => [
    { atUs: START_US + i * everyUs, bytes: frame(from, to, tcp(fromPort, toPort, flags)) },
    ...(answer === null ? [] : [{ atUs: START_US + i * everyUs + 2000, bytes: frame(to, from, tcp(toPort, fromPort, answer)) }]),
  ])
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const scan = (flags: string) => times(60, (i): Probe => [SCANNER, VICTIM, 80, 20_000 + i * 7, flags])

test.each<[finding: string, probes: Probe[], everyUs: number, answer: string | null]>([
  ['port-scan: tried 60 ports of 10.0.0.5 by FIN probes', scan('F'), 500_000, null],
  ['port-scan: tried 60 ports of 10.0.0.5 by FIN probes', scan('F'), 500_000, 'RA'],
  ['port-scan: tried 60 ports of 10.0.0.5 by NULL probes', scan(''), 500_000, null],
  ['port-scan: tried 60 ports of 10.0.0.5 by XMAS probes', scan('FPU'), 500_000, 'RA'],
  ['sweep: tried TCP port 33000 on 60 hosts by FIN probes', times(60, (i) => [SCANNER, host(i), 80, 33_000, 'F']), 500_000, 'RA'],
  ['os-scan: sent 10.0.0.5 3 probes', [scan('')[0], scan('SFPU')[1], scan('FPU')[2]], 100_000, null],
  ['flood: TCP segments of no connection', times(8000, (i) => [forged(i), VICTIM, 80, 30_000, 'A']), 500, null],
  ['flood: TCP segments of no connection', times(8000, (i) => [forged(i), VICTIM, 80, 30_000, 'A']), 500, 'R'],
])('%s, %#', async (finding, probes, everyUs, answer) => {
  const report = await analyzedFiles([sourceOfFile('probes', pcap(packetsOf(probes, everyUs, answer)))])
  const findings = (file: Uint8Array) => rowsOf(read(file), 'SELECT rule, severity, title, flows, evidence FROM alerts ORDER BY 1, 3')
  const [rule, words] = finding.split(': ')
  const found = findings(report)
  expect(found.map(([id, , title]) => `${id}: ${title}`)).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: .*${words}`)))
  expect(findings(merge(report))).toEqual(found)
})
