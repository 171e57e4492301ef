// What once made a rule wrong: each case alone in a small network, nothing else going on.
import { describe, expect, it } from 'vitest'
import { phones } from '../attacks/background/crowds.ts'
import { databaseClients, monitoring } from '../attacks/background/machines.ts'
import { icmpFlood, udpFlood } from '../attacks/floods.ts'
import { weakTls } from '../attacks/handshakes.ts'
import { bruteForce } from '../attacks/logins.ts'
import { arpSpoofing, bondedCards, duplicateAddress, silentOwners, twoAddresses, wifiBridge } from '../attacks/neighbours.ts'
import { exfiltration } from '../attacks/outflow.ts'
import { scan } from '../attacks/scans.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { type FoundFinding, findingsOf } from '../evaluate/findings.ts'
import { hex, icmp, ipv4, join, u32, udp } from '../support/build.ts'

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

describe('floods that are none', () => {
  const host = '203.0.113.8'
  it('errors that answer the own scan of a host', async () => {
    const found = await findings((world) => {
      const source = world.lanAddress(77)
      for (let i = 0; i < 2000; i++) {
        const probe = udp(40_000, 1000 + i, 'x')
        world.add(world.at(1) + i * 3000, source, host, probe)
        world.add(world.at(1) + i * 3000 + 90, host, source, icmp(3, 3, u32(0), ipv4(source, host, probe).bytes.subarray(0, 28)))
      }
    })
    expect(rules(found)).toEqual(['port-scan'])
  })

  it('but errors that nobody caused are one', async () => {
    const found = await findings((world) => {
      const target = world.lanAddress(77)
      for (let i = 0; i < 4000; i++) {
        const quoted = ipv4(target, host, udp(40_000, 1000 + i, 'x')).bytes.subarray(0, 28)
        world.add(world.at(1) + i * 500, host, target, icmp(3, 3, u32(0), quoted))
      }
    })
    expect(rules(found)).toEqual(['flood'])
  })

  it('a few pings on top of a conversation that is nearly as fast as a flood', async () => {
    const found = await findings((world) => {
      const [source, target] = [world.lanAddress(77), world.lanAddress(78)]
      for (let i = 0; i < 240 * 20; i++) world.add(world.at(1) + (i * 1e6) / 240, source, target, icmp(8, 0, hex('00010001'), 'abcdefgh'))
      for (let i = 0; i < 18; i++) world.add(world.at(9) + i * 35, host, target, icmp(8, 0, hex('00020001'), 'abcdefgh'))
    })
    expect(rules(found)).toEqual([])
  })
})

describe('pings', () => {
  const rest = join(hex('0007'), hex('04d2'))
  const ping = (payloadOf: (i: number) => Uint8Array, isCounted: boolean) => (world: World) => {
    const [source, target] = [world.lanAddress(77), world.lanAddress(78)]
    for (let i = 0; i < 6; i++) {
      const head = isCounted ? join(hex('0007'), 0, i) : rest
      world.add(world.at(i * 20 + 1), source, target, icmp(8, 0, head, payloadOf(i)))
      world.add(world.at(i * 20 + 1) + 500, target, source, icmp(0, 0, head, payloadOf(i)))
    }
  }
  const command = (i: number): Uint8Array => join(new Uint8Array(40), `command ${i}`, new Uint8Array(700))

  it('that all have the same number and other data carry commands', async () => {
    expect(rules(await findings(ping(command, false)))).toEqual(['icmp-tunnel'])
  })

  it('that count up, have the same data, or none, do not', async () => {
    expect(rules(await findings(ping(command, true)))).toEqual([])
    expect(rules(await findings(ping(() => command(0), false)))).toEqual([])
    expect(rules(await findings(ping(() => new Uint8Array(0), false)))).toEqual([])
  })

  it('of growing size with the same pattern carry nothing, those of which the beginning differs do', async () => {
    const ofSizes = (dataOf: (i: number) => Uint8Array) => (world: World) => {
      const [source, target] = [world.lanAddress(77), world.lanAddress(78)]
      for (let i = 0; i < 20; i++) {
        const payload = join(dataOf(i), new Uint8Array(100 + 60 * i).fill(0x5a))
        const head = join(hex('0007'), 0, i)
        world.add(world.at(i * 5 + 1), source, target, icmp(8, 0, head, payload))
        world.add(world.at(i * 5 + 1) + 500, target, source, icmp(0, 0, head, payload))
      }
    }
    expect(rules(await findings(ofSizes(() => new Uint8Array(16))))).toEqual([])
    expect(rules(await findings(ofSizes((i) => join(new Uint8Array(16), `part ${i}`))))).toEqual(['icmp-tunnel'])
  })
})

describe('addresses', () => {
  const spoofing = (found: FoundFinding[]) => found.filter(({ rule }) => rule === 'arp-spoofing').map(({ severity }) => severity)

  it('of a Wi-Fi bridge, and of a server with two, are not spoofed', async () => {
    expect(rules(await findings(wifiBridge))).toEqual([])
    expect(rules(await findings(twoAddresses))).toEqual([])
  })

  it('that two ports of one card share are of low severity, those of unrelated cards are not', async () => {
    expect(spoofing(await findings(bondedCards))).toEqual(['low'])
    expect(spoofing(await findings((world) => duplicateAddress(world, 50)))).toEqual(['medium'])
  })

  it('taken unasked from owners that are silent in ARP are, with and without a packet of IP', async () => {
    expect(spoofing(await findings((world) => silentOwners(world, 50, true)))).toEqual(['high'])
    expect(spoofing(await findings((world) => silentOwners(world, 50, false)))).toEqual(['high'])
  })

  it('taken from two, of which one alone contradicts, are of high severity', async () => {
    // As arpspoof does: the router goes on answering, the client keeps silent.
    expect(spoofing(await findings((world) => arpSpoofing(world, 50, 2, 60, true)))).toEqual(['high'])
    expect(spoofing(await findings((world) => arpSpoofing(world, 50, 2, 60, false)))).toEqual(['medium'])
  })
})

describe('certificates', () => {
  it('small weaknesses of many servers are one finding a client', async () => {
    const found = await findings((world) => {
      for (let i = 0; i < 5; i++) weakTls(world, 20 + i * 40, 'tls 1.0', '192.168.1.77')
    })
    expect(found.filter(({ rule }) => rule === 'weak-tls').map(({ title }) => title)).toEqual([expect.stringContaining('5 servers')])
  })
})

describe('logins', () => {
  it.each(['ssh', 'ftp', 'mysql', 'vnc'] as const)('%s on any port is told by what is said', async (service) => {
    const guessing = { service, port: 9902, attempts: 40, perSecond: 2, succeeds: false, from: 'inside' as const }
    expect(rules(await findings((world) => bruteForce(world, 100, guessing)))).toContain('brute-force')
  })

  it('SMB without a refused one are none', async () => {
    const found = await findings((world) => {
      const site = { name: '', ip: world.lanAddress(14), rttMs: 0.3 }
      for (let i = 0; i < 40; i++) {
        world.tcp(world.at(10) + i * 2_000, world.outward(world.lanAddress(77), site, 445), [
          { from: 'client', data: join(u32(0x2f), 0xff, 'SMB', hex('72'), new Uint8Array(42)) },
          { from: 'server', data: join(u32(0x2f), 0xff, 'SMB', hex('72'), new Uint8Array(42)) },
        ])
      }
    })
    expect(rules(found)).toEqual([])
  })

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

describe('names below one domain', () => {
  /** @param nameOf the question; 3: it does not exist */
  const asking = (names: number, nameOf: (i: number) => [string, 0 | 3], everyS = 0.5) => {
    return (world: World) => {
      for (let i = 0; i < names; i++) {
        const [name, code] = nameOf(i)
        world.ask(
          world.at(10 + i * everyS),
          world.lanAddress(77),
          name,
          'A',
          code === 0 ? [{ type: 'A', data: world.outsider() }] : [],
          code,
        )
      }
    }
  }

  it('that a list of words makes are found, a hundred in five minutes', async () => {
    expect(rules(await findings(asking(100, (i) => [`mail${i}.bakery.net`, 3])))).toEqual(['nxdomain-burst'])
    expect(rules(await findings(asking(99, (i) => [`mail${i}.bakery.net`, 3])))).toEqual([])
    expect(rules(await findings(asking(100, (i) => [`mail${i}.bakery.net`, 3], 10)))).toEqual([])
  })

  it('that exist, that have several labels (search suffixes, block lists), or that are asked for again are none', async () => {
    expect(rules(await findings(asking(300, (i) => [`host${i}.bakery.net`, i % 2 === 0 ? 0 : 3])))).toEqual([])
    expect(rules(await findings(asking(300, (i) => [`www.shop${i}.bakery.net`, 3])))).toEqual([])
    expect(rules(await findings(asking(300, (i) => [`printer${i % 20}.bakery.net`, 3])))).toEqual([])
  })
})
