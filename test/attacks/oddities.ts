// The rest: ways traced, coins mined, onions peeled, lists met, conversations that never end, protocols where they do not belong.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { ciphertext } from '../../fixtures/generate/demo/office.ts'
import { hex, icmp, ipv4, join, type Layer, tcp, u16, u32, udp } from '../support/build.ts'
import { httpRequest, tlsClientHello, tlsServerHello } from '../support/messages.ts'
import { shellGreeting } from './background/people.ts'
import { characters } from './vocabulary.ts'
import type { World } from './world.ts'

export function traceroute(world: World, atS: number, kind: 'udp' | 'icmp' | 'tcp', hops: number): void {
  const client = world.newcomer()
  const target = world.outsider()
  const routers = Array.from({ length: hops }, (_, hop) => (hop === 0 ? world.router : world.outsider()))
  const from = world.whole(33_000, 60_000)
  let port = 33_434
  let atUs = world.at(atS)
  for (let hop = 1; hop <= hops + 1; hop++) {
    for (let probe = 0; probe < 3; probe++) {
      atUs += world.between(20_000, 90_000)
      const echo = join(u16(from & 0xffff), u16(port))
      const layer: Layer =
        kind === 'udp'
          ? udp(from, port, new Uint8Array(32))
          : kind === 'icmp'
            ? icmp(8, 0, echo, new Uint8Array(32))
            : tcp(from + probe + hop, 443, 'S', '', { sequence: port })
      port++
      world.add(atUs, client, target, layer, 0, hop)
      const quoted = ipv4(world.seen(client), world.seen(target), layer, { ttl: 1 }).bytes.subarray(0, 28)
      if (hop <= hops) {
        if (world.random() < 0.85) world.add(atUs + hop * 3_000, routers[hop - 1], client, icmp(11, 0, u32(0), quoted))
      } else if (kind === 'udp') world.add(atUs + hop * 3_000, target, client, icmp(3, 3, u32(0), quoted))
      else if (kind === 'icmp') world.add(atUs + hop * 3_000, target, client, icmp(0, 0, echo, new Uint8Array(32)))
      else world.add(atUs + hop * 3_000, target, client, tcp(443, from + probe + hop, 'SA', '', { sequence: 1, acknowledgment: port }))
    }
  }
  world.label('traceroute', `${kind} ${hops} hops`, client, target, atS, atS + (atUs - world.at(atS)) / 1_000_000 + 1)
}

export function mining(world: World, atS: number, kind: 'bitcoin' | 'monero', port: number): void {
  const client = world.newcomer()
  const pool = world.site(`${world.brand()}.${world.pick(['io', 'net', 'org'])}`)
  const job = characters(world.random, '0123456789abcdef', 64)
  const turns: Turn[] =
    kind === 'bitcoin'
      ? [
          { from: 'client', data: '{"id":1,"method":"mining.subscribe","params":["cgminer/4.10"]}\n' },
          { from: 'server', data: '{"id":1,"result":[[["mining.notify","ae68"]],"08000002",4],"error":null}\n' },
          { from: 'client', data: '{"id":2,"method":"mining.authorize","params":["wallet.rig1","x"]}\n' },
          { from: 'server', data: '{"id":2,"result":true,"error":null}\n' },
        ]
      : [
          {
            from: 'client',
            data: '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"wallet","pass":"x","agent":"XMRig/6.21","algo":["rx/0"]}}\n',
          },
          {
            from: 'server',
            data: `{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"f1","job":{"blob":"${job}","job_id":"1"},"status":"OK"}}\n`,
          },
        ]
  for (let share = 0; share < 10; share++) {
    turns.push({ from: 'server', data: `{"id":null,"method":"mining.notify","params":["${job}"]}\n`, afterUs: 9_000_000 })
    turns.push({ from: 'client', data: `{"id":${share + 3},"method":"mining.submit","params":["wallet.rig1","${job.slice(0, 8)}"]}\n` })
  }
  world.tcp(world.lookUp(world.at(atS), client, pool), world.outward(client, pool, port), turns, 'open')
  world.label('mining', `${kind} port ${port}`, client, pool.ip, atS, atS + 110, ['long-connection', 'unusual-port'])
}

/** A Tor client's links (tor-spec 2): TLS to relays on their usual ports, under names that exist nowhere, cells of 514 bytes. */
export function tor(world: World, atS: number, relays: number): void {
  const client = world.newcomer()
  for (let relay = 0; relay < relays; relay++) {
    const serverName = `www.${characters(world.random, 'abcdefghijklmnopqrstuvwxyz234567', world.whole(8, 20))}.com`
    const site = { name: serverName, ip: world.outsider(), rttMs: world.whole(20, 90) }
    const turns: Turn[] = [
      { from: 'client', data: tlsClientHello({ serverName, random: world.bytes(32) }) },
      { from: 'server', data: tlsServerHello(world.bytes(32)) },
      { from: 'server', data: ciphertext(900) },
      ...Array.from({ length: 20 }, (_, cell): Turn => ({ from: cell % 2 ? 'server' : 'client', data: ciphertext(536), afterUs: 200_000 })),
    ]
    world.tcp(world.at(atS + relay * 0.4), world.outward(client, site, relay === 0 ? 9001 : world.pick([9001, 443])), turns, 'open')
  }
  world.label('tor', `${relays} relays`, client, null, atS, atS + 60)
}

/** Conversations with peers of a list, which goes into the labels. */
export function listedPeer(world: World, atS: number, kind: 'address' | 'domain'): void {
  const client = world.newcomer()
  const site = world.site()
  world.blocklist.push(kind === 'address' ? site.ip : site.name)
  world.https(world.at(atS), client, site, [{ up: 300, down: 4_000 }])
  world.label('blocklist', kind, client, null, atS, atS + 10)
}

/** A conversation that lasts longer than the capture's first hour, a little every now and then. */
export function longConnection(world: World, hours: number): void {
  const client = world.newcomer()
  const site = world.site()
  const turns = world.tlsTurns(site.name, [])
  const steps = Math.floor((hours * 3600) / 60)
  for (let step = 0; step < steps; step++) {
    turns.push({ from: 'client', data: ciphertext(60), afterUs: 60_000_000 }, { from: 'server', data: ciphertext(60) })
  }
  world.tcp(world.lookUp(world.at(3), client, site), world.outward(client, site, 443), turns, 'open')
  world.label('long-connection', 'tls', client, site.ip, 3, 3 + hours * 3600)
}

export type Mismatch = 'ssh on 443' | 'ssh on 80' | 'http on 53' | 'http on 22' | 'tls on 53' | 'irc on 443' | 'tls on 22' | 'http on 443'

/** A protocol of its own on a port of the web, in some conversations. */
export function strangeContent(world: World, atS: number, port: 80 | 443, conversations: number): void {
  const client = world.newcomer()
  const server = world.outsider()
  for (let count = 0; count < conversations; count++) {
    const turns: Turn[] = Array.from({ length: 3 }, (): Turn[] => [
      { from: 'client', data: join(hex('7b 91 e2 0c'), world.bytes(60)), afterUs: 200_000 },
      { from: 'server', data: join(hex('7b 91 e2 0d'), world.bytes(200)) },
    ]).flat()
    world.tcp(world.at(atS + count * 2), world.outward(client, { name: '', ip: server, rttMs: 40 }, port), turns)
  }
  world.label('strange-content', `port ${port}, ${conversations} times`, client, server, atS, atS + conversations * 2 + 3)
}

export function mismatch(world: World, atS: number, kind: Mismatch): void {
  const client = world.newcomer()
  const site = world.site()
  const port = Number(kind.split(' on ')[1])
  const speech: Record<string, () => Turn[]> = {
    ssh: () => [...shellGreeting(world), { from: 'client', data: world.bytes(300) }, { from: 'server', data: world.bytes(2_000) }],
    http: () => [
      { from: 'client', data: httpRequest(site.name) },
      { from: 'server', data: 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n' },
      { from: 'server', data: { bytes: 900 } },
    ],
    tls: () => world.tlsTurns(site.name, [{ up: 300, down: 4_000 }]),
    irc: () => [
      { from: 'client', data: 'NICK bot4711\r\nUSER bot4711 8 * :bot\r\n' },
      { from: 'server', data: ':irc.host 001 bot4711 :Welcome\r\n' },
      { from: 'client', data: 'JOIN #cmd\r\n' },
      { from: 'server', data: ':bot4711!x@y JOIN #cmd\r\n' },
    ],
  }
  world.tcp(world.lookUp(world.at(atS), client, site), world.outward(client, site, port), speech[kind.split(' ')[0]]())
  world.label('unusual-port', kind, client, site.ip, atS, atS + 10)
}
