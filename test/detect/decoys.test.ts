// What once made a rule wrong: each case alone in a small network, nothing else going on.
import { describe, expect, it } from 'vitest'
import { phones } from '../attacks/background/crowds.ts'
import { databaseClients, monitoring } from '../attacks/background/machines.ts'
import { icmpFlood, udpFlood } from '../attacks/floods.ts'
import { bruteForce } from '../attacks/logins.ts'
import { exfiltration } from '../attacks/outflow.ts'
import { scan } from '../attacks/scans.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { type FoundFinding, findingsOf } from '../evaluate/findings.ts'

async function findings(act: (world: World) => void, options: { isBehindNat?: boolean; seconds?: number } = {}): Promise<FoundFinding[]> {
  const world = new World({ seed: 7, seconds: 2400, loss: 0, isBehindNat: false, ...options })
  act(world)
  return (await findingsOf(written(world.sorted()))).findings
}
const rules = (found: FoundFinding[]): string[] => [...new Set(found.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule))]

describe('floods', () => {
  it('are measured while they last, not over the life of a target that is pinged all day', async () => {
    const found = await findings((world) => {
      monitoring(world)
      icmpFlood(world, 1200, { perSecond: 700, seconds: 6, sources: 1, towards: 'inside' })
    })
    const floods = found.filter(({ rule }) => rule === 'flood')
    expect(floods).toHaveLength(1)
    expect(floods[0].lastUs - floods[0].firstUs).toBeLessThan(60_000_000)
  })

  it('of datagrams from many senders to many ports are not a scan by each of them', async () => {
    const flood = { perSecond: 700, seconds: 6, sources: 20, towards: 'inside' as const }
    expect(rules(await findings((world) => udpFlood(world, 100, flood, false)))).toEqual(['flood'])
  })
})

describe('logins', () => {
  it('of a web application that its database accepts are not guessing, however many', async () => {
    expect(rules(await findings(databaseClients))).not.toContain('brute-force')
  })

  it('that the same database refuses are', async () => {
    const guessing = { service: 'mysql' as const, attempts: 40, perSecond: 0.5, succeeds: false, from: 'inside' as const }
    expect(rules(await findings((world) => bruteForce(world, 100, guessing)))).toContain('brute-force')
  })

  it('of telephones that fetch mail every minute are none, and their rhythm is expected', async () => {
    expect(rules(await findings(phones))).toEqual([])
  })
})

describe('uploads', () => {
  it('in ten pieces are an upload, not a beacon', async () => {
    expect(rules(await findings((world) => exfiltration(world, 100, 'https in pieces', 18)))).toEqual(['exfiltration'])
  })

  it('are seen outside a NAT, where the site has one public address', async () => {
    const found = await findings(
      (world) => {
        for (const client of world.clients) {
          for (let visit = 0; visit < 4; visit++) world.https(world.at(10 + visit), client, world.site(), [{ up: 300, down: 4_000 }])
        }
        exfiltration(world, 100, 'https', 12)
      },
      { isBehindNat: true },
    )
    expect(rules(found)).toEqual(['exfiltration'])
  })
})

describe('scans', () => {
  it('of many ports at a steady pace are not a beacon without an answer', async () => {
    const slow = {
      probe: 'syn' as const,
      perSecond: 0.1,
      ports: 40,
      hosts: 1,
      from: 'inside' as const,
      towards: 'inside' as const,
      refused: 0,
      open: 0,
    }
    expect(rules(await findings((world) => scan(world, 100, slow)))).toEqual(['port-scan'])
  })
})
