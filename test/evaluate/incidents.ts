// Infection chains in, what the report says of them out: facts right, facts missing, and what it says wrongly.
import type { Incident } from '../../src/report/incident.ts'
import { readIncidents } from '../../src/report/incidents.ts'
import { type Chain, infectionChain } from '../attacks/chain.ts'
import { analyzeBytes } from '../support/analysis.ts'

/** Facts about incidents, by kind: how many were to be said, and how many were. */
export interface IncidentScores {
  chains: number
  facts: Record<
    'victim' | 'mac' | 'host name' | 'account' | 'second victim' | 'addresses' | 'names' | 'http target',
    { right: number; all: number }
  >
  /** What is missing or wrong, in words. */
  mistakes: string[]
}

export async function scoreIncidents(firstSeed: number, chains: number): Promise<IncidentScores> {
  const kinds = ['victim', 'mac', 'host name', 'account', 'second victim', 'addresses', 'names', 'http target'] as const
  const scores: IncidentScores = {
    chains,
    facts: Object.fromEntries(kinds.map((kind) => [kind, { right: 0, all: 0 }])) as IncidentScores['facts'],
    mistakes: [],
  }
  for (let seed = firstSeed; seed < firstSeed + chains; seed++) {
    const chain = infectionChain(seed)
    const database = await analyzeBytes(chain.pcap)
    scoreChain(scores, `chain ${seed}`, chain, readIncidents(database))
    database.close()
  }
  return scores
}

function scoreChain({ facts, mistakes }: IncidentScores, name: string, chain: Chain, incidents: Incident[]): void {
  const check = (kind: keyof IncidentScores['facts'], isRight: boolean, found: unknown): void => {
    facts[kind].all++
    if (isRight) facts[kind].right++
    else mistakes.push(`${name}: ${kind}: ${JSON.stringify(found)}`)
  }
  const incident = incidents.find(({ victims }) => victims[0]?.ip === chain.victim.ip)
  const victim = incident?.victims[0]
  const values = (kind: string): string[] =>
    incident?.indicators.filter((indicator) => indicator.kind === kind).map(({ value }) => value) ?? []
  check(
    'victim',
    victim !== undefined,
    incidents.map(({ summary }) => summary[0]),
  )
  check('mac', victim?.macs[0]?.value === chain.victim.mac, victim?.macs)
  check('host name', victim?.hostNames[0]?.value === chain.victim.hostName, victim?.hostNames)
  check('account', victim?.accounts.length === 1 && victim.accounts[0].value === chain.victim.account, victim?.accounts)
  check(
    'second victim',
    incident?.victims[1]?.ip === chain.second,
    incident?.victims.map(({ ip }) => ip),
  )
  for (const address of chain.addresses) check('addresses', values('address').includes(address), values('address'))
  for (const wanted of chain.names) check('names', values('name').includes(wanted), values('name'))
  check('http target', values('http-target').includes(chain.httpTarget), values('http-target'))
  for (const address of values('address')) if (!chain.addresses.includes(address)) mistakes.push(`${name}: ${address} is no indicator`)
  for (const other of values('name')) if (!chain.names.includes(other)) mistakes.push(`${name}: ${other} is no indicator`)
  if (incidents.some(({ victims, attacker }) => attacker?.ip === chain.controller || victims[0]?.ip === chain.controller))
    mistakes.push(`${name}: the domain controller is accused`)
}

export function incidentLines({ chains, facts, mistakes }: IncidentScores): string[] {
  const shares = Object.entries(facts).map(([kind, { right, all }]) => `${kind} ${right}/${all}`)
  return [
    `Incidents, ${chains} infection chains: ${shares.join(', ')}; ${mistakes.length} mistakes`,
    ...mistakes.map((mistake) => `  ${mistake}`),
  ]
}
