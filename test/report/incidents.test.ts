// Incidents: an infection chain from its capture to the words of the report, and captures in which nothing happened.
import { beforeAll, expect, it } from 'vitest'
import { RULES } from '../../src/detect/rules/index.ts'
import type { Incident } from '../../src/report/incident.ts'
import { defang } from '../../src/report/incident-summary.ts'
import { readIncidents } from '../../src/report/incidents.ts'
import { tacticOf } from '../../src/report/tactics.ts'
import { type Chain, infectionChain } from '../attacks/chain.ts'
import { scoreIncidents } from '../evaluate/incidents.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { pcapHeader } from '../support/capture-files.ts'

let chain: Chain
let incidents: Incident[]

beforeAll(async () => {
  chain = infectionChain(3)
  incidents = readIncidents(await analyzeBytes(chain.pcap))
})

it('is one incident, of the machine that was infected, with its steps in order of time', () => {
  const incident = incidents.find(({ victims }) => victims[0]?.ip === chain.victim.ip)!
  expect(incident.steps.map(({ tactic }) => tactic)).toEqual(['Defense Evasion', 'Command and Control', 'Execution', 'Exfiltration'])
  expect(incident.steps.every(({ frame }) => frame !== null && frame > 0)).toBe(true)
  const times = incident.steps.map(({ firstUs }) => firstUs)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(incident.summary).toHaveLength(3)
  for (const fact of [chain.victim.hostName, chain.victim.mac, chain.victim.account]) expect(incident.summary[0]).toContain(fact)
})

it('names victims, accounts and indicators of another chain, and nothing that is none', async () => {
  expect((await scoreIncidents(11, 1)).mistakes).toEqual([])
})

it('where nothing happened there is no incident', async () => {
  expect(readIncidents(await analyzeBytes(pcapHeader()))).toEqual([])
})

it('every technique of the rules has a tactic', () => {
  expect(RULES.map(({ technique }) => technique).filter((technique) => technique !== null && tacticOf(technique) === null)).toEqual([])
})

it('addresses and names cannot be followed by mistake', () => {
  expect(defang({ kind: 'address', value: '198.51.100.7' })).toBe('198[.]51[.]100[.]7')
  expect(defang({ kind: 'http-target', value: 'a.example/b.png' })).toBe('a[.]example/b.png')
  expect(defang({ kind: 'user-agent', value: 'curl/8.5' })).toBe('curl/8.5')
})
