// What incidents say against tshark: every sentence names a frame, and the frame shows what the sentence says.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Incident, Party } from '../../src/report/incident.ts'
import { readIncidents } from '../../src/report/incidents.ts'
import { infectionChain } from '../attacks/chain.ts'
import { arpScan, dnsRebinding, namePoisoning, zoneTransfer } from '../attacks/link-names.ts'
import { arpSpoofing, dhcpStarvation, rogueDhcp, silentOwners } from '../attacks/neighbours.ts'
import { osScan } from '../attacks/scans.ts'
import { written } from '../attacks/set.ts'
import { remoteProcedures, smbExploit } from '../attacks/windows.ts'
import { World } from '../attacks/world.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { FIXTURES } from '../support/fixtures.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'incident-frames-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** By frame number: all that tshark makes of it, in lower case. */
function dissect(bytes: Uint8Array, frames: number[]): Map<number, string> {
  const file = join(folder, 'capture')
  writeFileSync(file, bytes)
  if (frames.length === 0) return new Map()
  const args = ['-n', '-r', file, '-Y', `frame.number in {${[...new Set(frames)].join(',')}}`, '-V']
  const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })
  return new Map(text.split(/^(?=Frame \d+:)/m).map((part) => [Number(/^Frame (\d+)/.exec(part)?.[1]), part.toLowerCase()]))
}

const framesIn = (sentence: string): number[] => [...sentence.matchAll(/\bframe (\d+)/g)].map(([, number]) => Number(number))
const ADDRESS = /\b(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|[0-9a-f]{1,4}:[0-9a-f:]*::?[0-9a-f:]*)/g

/** What does not fit, in words. */
async function mistakesOf(bytes: Uint8Array): Promise<{ incidents: Incident[]; mistakes: string[] }> {
  const database = await analyzeBytes(bytes)
  const incidents = readIncidents(database)
  database.close()
  const parties = incidents.flatMap(({ victims, attacker }) => [...victims, ...(attacker === null ? [] : [attacker])])
  const facts = parties.flatMap(({ macs, hostNames, accounts }: Party) => [...macs, ...hostNames, ...accounts])
  const steps = incidents.flatMap((incident) => incident.steps)
  const indicators = incidents.flatMap((incident) => incident.indicators)
  const said = incidents.flatMap(({ summary }) => summary.flatMap(framesIn))
  const frames = dissect(bytes, [...said, ...[...facts, ...steps, ...indicators].map(({ frame }) => frame ?? 0)])
  const shows = (frame: number | null, text: string) => frames.get(frame ?? 0)?.includes(text.toLowerCase()) === true
  const mistakes: string[] = []
  for (const { summary } of incidents)
    for (const sentence of summary) {
      if (framesIn(sentence).length === 0) mistakes.push(`no frame: ${sentence}`)
      for (const frame of framesIn(sentence)) if (!frames.has(frame)) mistakes.push(`tshark has no frame ${frame}: ${sentence}`)
    }
  // An account of Kerberos has its name and its realm in fields of their own.
  for (const { value, frame } of facts)
    if (!value.split(/[@\\]/).every((part) => shows(frame, part))) mistakes.push(`frame ${frame} does not show ${value}`)
  for (const { title, frame } of steps)
    if (!title.match(ADDRESS)?.some((address) => shows(frame, address))) mistakes.push(`frame ${frame} shows no address of: ${title}`)
  for (const { kind, value, frame } of indicators)
    if (kind === 'address' && !shows(frame, value)) mistakes.push(`frame ${frame} does not show ${value}`)
  return { incidents, mistakes }
}

it.each([1, 2, 3])('of infection chain %i', async (seed) => {
  const { incidents, mistakes } = await mistakesOf(infectionChain(seed).pcap)
  expect(mistakes).toEqual([])
  expect(incidents[0].summary[0]).toMatch(
    /\(ws-[\d-]+ in frame \d+, MAC [0-9a-f:]+ in frame \d+, account \S+ in frame \d+.*\) .* \(frame \d+\)/,
  )
})

it.each<[string, (world: World) => void]>([
  ['an ARP scan', (world) => arpScan(world, 20, 200, 50)],
  ['ARP spoofing', (world) => arpSpoofing(world, 20, 2, 60, true)],
  ['silent owners of addresses', (world) => silentOwners(world, 20, true)],
  ['poisoned names', (world) => namePoisoning(world, 20, 4, 2)],
  ['a zone', (world) => zoneTransfer(world, 20, true)],
  ['a name bound again', (world) => dnsRebinding(world, 20, 30, '192.168.99.1')],
  ['a crowd of DHCP clients', (world) => dhcpStarvation(world, 20, 300, 50, true)],
  ['a second DHCP server', (world) => rogueDhcp(world, 20)],
  ['a search for the operating system', (world) => osScan(world, 20, 1)],
  ['an exploit of SMB', (world) => smbExploit(world, 20, 'exploit')],
  ['a service on another machine', (world) => remoteProcedures(world, 20, { interface: 'svcctl', operations: [15, 12], over: 'smb' })],
])('of %s', async (_, act) => {
  const world = new World({ seed: 9, seconds: 300, loss: 0, isBehindNat: false })
  act(world)
  const { incidents, mistakes } = await mistakesOf(written(world.sorted()))
  expect(incidents.length).toBeGreaterThan(0)
  expect(mistakes).toEqual([])
})

it('of the fixtures', async () => {
  let told = 0
  for (const { bytes, tshark } of FIXTURES) {
    if (tshark === null) continue
    const { incidents, mistakes } = await mistakesOf(bytes)
    expect(mistakes).toEqual([])
    told += incidents.length
  }
  expect(told).toBeGreaterThan(1)
})
