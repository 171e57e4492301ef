import { expect, test } from 'vitest'
import { summarize } from '../../src/report/index.ts'
import { makeDatabase, makeEmpty, makeOffice, officeRows } from '../support/database.ts'

test('a report of an office', async () => {
  const report = summarize(await makeOffice())
  expect(report).toMatchObject({
    reportName: 'office',
    durationUs: 9_500_000,
    ipBytes: 100_000,
    countryCount: 2,
    applicationCount: 3,
    spanUs: 1_000_000,
  })
  // Countries first, then what is none.
  expect(report.countries.map(({ kind, country }) => [kind, country])).toEqual([
    ['country', 'France'],
    ['country', 'Germany'],
    ['origin', null],
    ['unlocated', null],
    ['none', null],
  ])
  expect(report.coverage).toEqual([
    { reason: null, packets: 100 },
    { reason: 'not IP: ARP', packets: 9 },
    { reason: 'truncated', packets: 1 },
  ])
  expect(report.unlocatedRows.map(({ ip }) => ip)).toEqual(['2a00::5'])
  expect(report.timeline).toHaveLength(10)
})

test('coverage adds up over several captures', async () => {
  const rows = officeRows()
  rows.captures.push({ ...rows.captures[0], id: 2, file: 'second.pcap', packets: 8, ip_packets: 5 })
  rows.skipped.push({ capture_id: 2, reason: 'truncated', packets: 3 })
  const report = summarize(await makeDatabase(rows, {}))
  expect(report.coverage).toEqual([
    { reason: null, packets: 105 },
    { reason: 'not IP: ARP', packets: 9 },
    { reason: 'truncated', packets: 4 },
  ])
  expect(report.captures.map(({ file, skipped }) => [file, skipped.length])).toEqual([
    ['office.pcap', 2],
    ['second.pcap', 1],
  ])
})

test('an empty capture', async () => {
  const report = summarize(await makeEmpty())
  expect(report).toMatchObject({
    packets: 0,
    durationUs: null,
    ipBytes: 0,
    countries: [],
    hostRows: [],
    applications: [],
    alerts: [],
    timeline: [],
  })
  expect(report.coverage).toEqual([{ reason: null, packets: 0 }])
})

test('lists are cut at twenty, counts are not', async () => {
  const codes = Array.from({ length: 26 }, (_, i) => `Z${String.fromCharCode(65 + i)}`)
  const rows = {
    places: codes.map((code, i) => ({
      id: i + 1,
      latitude_deg: i,
      longitude_deg: i,
      country_code: code,
      country: `Land ${code}`,
      precision: 'country',
    })),
    hosts: codes.map((_, i) => ({ id: i + 1, ip: `1.1.1.${i}`, scope: 'public', place_id: i + 1 })),
    totals: codes.flatMap((code, i) => [
      { subject: 'country', name: `Land ${code}`, country_code: code, hosts: 1, flows: 1, packets: 1, bytes: 1000 - i },
      { subject: 'application', name: code, flows: 1, packets: 1, bytes: 1000 - i },
    ]),
  }
  const report = summarize(await makeDatabase(rows, {}))
  expect(report.countries).toHaveLength(20)
  expect(report.countries.slice(0, 3).map(({ country }) => country)).toEqual(['Land ZA', 'Land ZB', 'Land ZC'])
  expect(report).toMatchObject({ countryCount: 26, applicationCount: 26 })
  expect(report.hostRows).toHaveLength(20)
  expect(report.applications).toHaveLength(20)
})
