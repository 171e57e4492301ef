import { expect, test } from 'vitest'
import { summarize } from '../../src/report/index.ts'
import { formatReport } from '../../src/report/text.ts'
import { makeEmpty, makeOffice } from '../support/database.ts'

test('the summary of an office', async () => {
  expect(formatReport(summarize(await makeOffice()))).toBe(`office
  office.pcap (pcap); stopped: a record cut short at byte 91234
    time goes backwards 2 times
    3 packets were cut by the snapshot length

Incidents
  No single host is named as the victim, by 91.1.1.2, at 2026-09-18 12:00:01.000 UTC.
    Regular connections; then Earlier scan.
    The incident is likely, of high severity: 2 findings.
  No single host is named as the victim, by 91.1.1.1, at 2026-09-18 12:00:01.000 UTC.
    Port scan.
    The incident is likely, of high severity: 1 finding.

Traffic
  110 packets, 101 kB, 5 conversations, 6 hosts
  2026-09-18 12:00:01.000 UTC to 2026-09-18 12:00:10.500 UTC (9.5 s)
  3 of 4 public hosts located in 2 countries

Countries
  France                                59 kB   59.0 %
  Germany                                9 kB    9.0 %
  At the origin (assumed: Nairobi, …    92 kB   92.0 %
  Public, not located                   30 kB   30.0 %
  No place (multicast, broadcast, …)     2 kB    2.0 %

Applications
  tls                                   60 kB   60.0 %
  http                                  30 kB   30.0 %
  not recognised                        10 kB   10.0 %

Hosts
  10.0.0.1                              92 kB   92.0 %
  www.example.fr                        59 kB   59.0 %
  lost.example                          30 kB   30.0 %
  91.1.1.1                               9 kB    9.0 %
  91.1.1.2                               8 kB    8.0 %

Coverage
  In conversations                            100   90.9 %
  not IP: ARP                                   9    8.2 %
  truncated                                     1    0.9 %

Alerts
  3 alerts: 2 high, 1 low
    high    Earlier scan
    low     Regular connections
    high    Port scan

Geolocation
  Places: GeoLite2-City, built 2026-09-01. AS numbers: no database.
  This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.
`)
})

test('without conversations, no list of them', async () => {
  const none = { flows: 0, hosts: 0, countries: [], applications: [], hostRows: [], countryCount: 0 }
  const text = formatReport({ ...summarize(await makeOffice()), ...none })
  expect(text).toContain('110 packets, 101 kB, 0 conversations, 0 hosts')
  expect(text).not.toMatch(/^(Countries|Applications|Hosts)$/m)
})

test('an origin that was looked for and not found', async () => {
  const report = summarize(await makeOffice())
  expect(formatReport({ ...report, originOption: 'auto' })).toContain(
    'Geolocation\n  --origin auto found no public client with a known place: private addresses are placed at Nairobi, Kenya, which is only assumed.\n',
  )
  const found = { ...report.origin, name: 'Paris, France', source: 'auto' as const }
  expect(formatReport({ ...report, originOption: 'auto', origin: found })).not.toContain('--origin auto')
})

test('where round-trip times say that it was captured, and what that is good for', async () => {
  const originRegion = { name: 'Paris, France', latitudeDeg: 48.9, longitudeDeg: 2.4, radiusKm: 1200, agreeing: 1, places: 3 }
  const report = { ...summarize(await makeOffice()), originRegion }
  const told =
    'Round-trip times say that it was captured within 1,200 km of 48.9, 2.4 (near Paris, France): 1 of 3 places with a time allows it'
  expect(formatReport(report)).toContain(
    `Geolocation\n  ${told}, light in fibre, 100 km per millisecond. --origin auto draws private addresses there.\n`,
  )
  const origin = { ...report.origin, source: 'auto' as const }
  expect(formatReport({ ...report, origin })).toContain(`${told}, light in fibre, 100 km per millisecond.\n`)
})

test('an empty capture without a database', async () => {
  expect(formatReport(summarize(await makeEmpty()))).toBe(`empty
  empty.pcap (pcap)

Coverage
  In conversations                              0        –

Alerts
  None: no rule found anything

Geolocation
  No geolocation database was used: no public host has a place.
`)
})

test('escapes only when asked for, and never from the network', async () => {
  const report = summarize(await makeOffice('\u001b]0;owned\u0007\u001b[2J\r\u009b\u202e'))
  const controls = /\p{Cc}(?<!\n)|\p{Cf}/u
  expect(formatReport(report)).not.toMatch(controls)
  expect(formatReport(report)).toContain('\\x1b]0;owned\\x07')
  const colored = formatReport(report, { color: true })
  expect(colored).toContain('\u001b[1mTraffic\u001b[0m')
  expect(colored.replaceAll('\u001b[1m', '').replaceAll('\u001b[0m', '')).not.toMatch(controls)
})

test('rows left out by the bounds on memory are stated', async () => {
  const report = { ...summarize(await makeOffice()), namesLeftOut: 1, dnsQueriesLeftOut: 4200 }
  const text = formatReport(report)
  expect(text).toContain('  1 name of hosts beyond the limit, not listed.\n  4,200 DNS questions beyond the limit, not listed.\n')
  expect(formatReport(summarize(await makeOffice()))).not.toContain('beyond the limit')
})

test('switched off rules and suppressed findings are stated, with the reason', async () => {
  const suppressions = [
    { line: 12, reason: 'our scanner', findings: 3 },
    { line: 20, reason: 'old printer', findings: 0 },
  ]
  const text = formatReport({ ...summarize(await makeOffice()), rulesOff: ['tor', 'beacon'], suppressions })
  expect(text).toContain('  Switched off: tor, beacon.\n  3 findings suppressed by line 12 of the rules file: our scanner.\n')
  expect(text).toContain('  Line 20 of the rules file suppresses nothing here: old printer.\n')
})
