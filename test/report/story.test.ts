// What happened, in sentences: every number in them is one that sqlite3 finds in the database, and report.md, report.html and the page have the same.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tellStory } from '../../site/src/worker/answers/story.ts'
import { readStoryFacts } from '../../src/report/index.ts'
import { type Sentence, storyOf } from '../../src/report/story.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

let folder: string
let database: SqlDatabase
let sentences: Sentence[]
const ask = (sql: string) => sqlite3(join(folder, 'traffic.sqlite'), sql).trim().split('|')
const about = (kind: Sentence['about']) => sentences.find((sentence) => sentence.about === kind)!

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-story-'))
  database = await analyzeBytes(await readFile(CAPTURE))
  await writeFile(join(folder, 'traffic.sqlite'), database.export())
  sentences = storyOf(readStoryFacts(database))
})

afterAll(async () => {
  database.close()
  await rm(folder, { recursive: true })
})

describe('the story of the demo', () => {
  it('begins with the gravest finding: who did what, when, how sure', () => {
    const [title, id, clock, severity] = ask(
      `SELECT title, id, strftime('%H:%M:%S', first_us / 1000000, 'unixepoch'), severity FROM alerts
       ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, id LIMIT 1`,
    )
    expect(sentences[0]).toMatchObject({ about: 'finding', alertId: Number(id), severity })
    expect(sentences[0].text).toContain(title.replace(/\.$/, ''))
    expect(sentences[0].text).toContain(`First seen at ${clock} UTC; ${severity} severity; contacts: 16 (threshold 8).`)
  })

  it('says of a finding in the other part of a capture whose clock jumped that charts do not show it', () => {
    const facts = readStoryFacts(database)
    const day = 86_400_000_000
    const jumped = storyOf({ ...facts, firstUs: facts.firstUs! - day, lastUs: facts.lastUs! + day })
    expect(jumped.filter(({ text }) => text.includes('another part of the capture'))).toEqual([])
    const after = storyOf({ ...facts, lastUs: facts.lastUs! + day, mainFirstUs: facts.lastUs! + 1, mainLastUs: facts.lastUs! + day })
    const findings = after.filter(({ about }) => about === 'finding')
    expect(findings.every(({ text }) => text.endsWith('Charts and playback show another part of the capture.'))).toBe(true)
    expect(after.find(({ text }) => text.includes('clock of the capture jumped'))!.text).toContain(
      'Tables, findings and totals have all times.',
    )
  })

  it('tells how much, the largest conversation, the application and the peak', () => {
    const [packets, hosts, flows] = ask(
      'SELECT (SELECT sum(packets) FROM captures), (SELECT count(*) FROM hosts), (SELECT count(*) FROM flows)',
    ).map(Number)
    const count = (value: number) => value.toLocaleString('en')
    expect(about('traffic').text).toMatch(
      new RegExp(`^${count(packets)} packets \\(.*\\) in .*, between ${count(hosts)} hosts in ${count(flows)} conversations\\.$`),
    )
    const [id, client, server, sent] = ask(
      `SELECT f.id, c.ip, s.ip, f.client_bytes FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
       ORDER BY f.client_bytes + f.server_bytes DESC LIMIT 1`,
    )
    expect(about('largest').filter).toBe(`flow:${id}`)
    expect(about('largest').text).toContain(`${client} sent ${(Number(sent) / 1e6).toFixed(2)} MB to `)
    expect(about('largest').text).toContain(server)
    const [application] = ask(
      'SELECT application FROM flows WHERE application IS NOT NULL GROUP BY 1 ORDER BY sum(client_bytes + server_bytes) DESC LIMIT 1',
    )
    expect(about('application')).toMatchObject({ filter: `app:${application}` })
    const { fromUs, toUs } = about('peak').span!
    const [peak] = ask(
      `SELECT sum(bytes) FROM ticks, (SELECT value AS first FROM meta WHERE key = 'first_us'), (SELECT value AS us FROM meta WHERE key = 'tick_us')
       WHERE first + tick * us >= ${fromUs} AND first + tick * us < ${toUs}`,
    )
    expect(about('peak').text).toContain(`with ${(Number(peak) / 1000).toFixed(0)} kB.`)
  })

  it('is the same on the page', () => {
    expect(tellStory(database as never)).toEqual(sentences)
  })
})

describe('the story of a capture with little in it', () => {
  const facts = () => readStoryFacts(database)
  const NOTHING = {
    packets: 0,
    ipPackets: 0,
    flows: 0,
    hosts: 0,
    publicHosts: 0,
    countryCount: 0,
    countries: [],
    hostRows: [],
    applications: [],
    largest: null,
    stories: [],
    severityCounts: {},
    timeline: [],
  }

  it('says that there is no packet', () => {
    expect(storyOf({ ...facts(), ...NOTHING }).map(({ text }) => text)).toEqual(['This capture contains no packets.'])
  })

  it('says what the packets are when none is IP', () => {
    const coverage = [
      { reason: null, packets: 0 },
      { reason: 'not IP: ARP', packets: 60 },
    ]
    const texts = storyOf({ ...facts(), ...NOTHING, packets: 60, bytes: 2520, durationUs: 58_100_000, coverage }).map(({ text }) => text)
    expect(texts).toEqual(['No rule found anything that stands out.', '60 packets (2.52 kB) in 58.1 s; none of them is IP: ARP (60).'])
  })

  it('says how much is of no known application where that is most', () => {
    const row = (name: string | null, bytes: number) => ({ name, bytes, packets: 1, flows: 1 })
    const told = (unknown: number) =>
      storyOf({ ...facts(), ipBytes: 1000, applications: [row(null, unknown), row('sip', 204)] }).find(
        ({ about }) => about === 'application',
      )!
    expect(told(796).text).toBe('The application with most bytes is sip (20.4 %); 79.6 % were not recognised.')
    expect(told(100).text).toBe('The application with most bytes is sip (20.4 %).')
  })

  it('says that nothing has a place, or that it could not be found', () => {
    const place = (publicHosts: number) =>
      storyOf({ ...facts(), countryCount: 0, publicHosts, locatedHosts: 0 }).find((sentence) => sentence.about === 'places')!
    expect(place(0).text).toBe('No address here is public, so none has a place: no host talked to the internet directly.')
    expect(place(4)).toMatchObject({ text: '4 of 4 public hosts could not be located.', filter: 'is:unlocated' })
  })
})
