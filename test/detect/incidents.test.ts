import { expect, test } from 'vitest'
import type { Finding, Severity } from '../../src/detect/engine/finding.ts'
import { incidentsOf } from '../../src/detect/engine/incidents.ts'
import { networkContains } from '../../src/detect/engine/suppress.ts'
import { FlowSample } from '../../src/detect/methods/flow-sample.ts'
import { ipv4, type Layer, tcp } from '../support/build.ts'
import { findIn } from '../support/findings.ts'

function finding(source: number | null, target: number | null, flows: number[], firstUs = 0, severity: Severity = 'low'): Finding {
  const texts = { severityReason: '', title: '', nextStep: '' }
  return { severity, ...texts, firstUs, lastUs: firstUs, source, target, observed: [], picture: null, flows: FlowSample.of(flows) }
}

test('the same source, the same conversation, or an earlier target make one incident', () => {
  expect(incidentsOf([finding(1, 2, [10]), finding(3, 4, [11]), finding(1, 5, [12])])).toEqual([0, 1, 0])
  expect(incidentsOf([finding(1, 2, [10]), finding(3, 4, [10])])).toEqual([0, 0])
  expect(incidentsOf([finding(1, 2, [10], 5), finding(2, 4, [11], 9)])).toEqual([0, 0])
})

test('a target only afterwards, and findings of severity info, are no part of an incident', () => {
  expect(incidentsOf([finding(1, 2, [10], 9), finding(2, 4, [11], 5)])).toEqual([0, 1])
  expect(incidentsOf([finding(1, 2, [10], 0, 'info'), finding(1, 3, [11])])).toEqual([0, 1])
  expect(incidentsOf([])).toEqual([])
})

test.each([
  ['10.0.0.5', '10.0.0.5', true],
  ['10.0.0.5', '10.0.0.50', false],
  ['10.0.0.0/8', '10.255.1.2', true],
  ['10.0.0.0/9', '10.128.0.1', false],
  ['0.0.0.0/0', '8.8.8.8', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
])('%s contains %s: %s', (network, ip, isIn) => {
  expect(networkContains(network, ip)).toBe(isIn)
})

const scan: [number, Layer][] = Array.from({ length: 20 }, (_, i) => [i, ipv4('10.0.0.5', '10.0.9.1', tcp(40_000, i + 1, 'S'))])

test.each([
  [{ rule: 'port-scan', source: '10.0.0.0/24' }, true],
  [{ host: '10.0.9.1' }, true],
  [{ target: '10.0.0.5' }, false],
  [{ rule: 'sweep', source: '10.0.0.5' }, false],
  // It is about twenty ports, not only about this one.
  [{ rule: 'port-scan', port: 5 }, false],
  [{ rule: 'port-scan', name: 'example.com' }, false],
])('a suppression of %j takes the scan out: %s', async (suppression, isOut) => {
  const settings = { options: new Map(), off: new Set<string>(), suppressions: [{ line: 7, reason: 'ours', ...suppression }] }
  const { lines, suppressed } = await findIn(scan, { settings })
  expect(lines).toEqual(isOut ? [] : ['medium port-scan 10.0.0.5 10.0.9.1'])
  expect(suppressed).toEqual([{ line: 7, reason: 'ours', findings: isOut ? 1 : 0 }])
})

test('thresholds and switches are in force', async () => {
  const settings = { options: new Map([['port-scan', { ports: 21 }]]), off: new Set<string>(), suppressions: [] }
  expect((await findIn(scan, { settings })).lines).toEqual([])
  expect((await findIn(scan, { settings: { ...settings, options: new Map(), off: new Set(['port-scan']) } })).lines).toEqual([])
})

test('more findings of one rule than anybody reads are one line at the end', async () => {
  const scans = Array.from({ length: 150 }, (_, i) =>
    Array.from({ length: 15 }, (_, port): [number, Layer] => [i, ipv4(`10.1.0.${i + 1}`, '10.0.9.1', tcp(40_000, port + 1, 'S'))]),
  ).flat()
  const { alerts } = await findIn(scans)
  expect(alerts).toHaveLength(100)
  expect(alerts.filter(({ finding: { title } }) => title.startsWith('51 more findings of this rule'))).toHaveLength(1)
})
