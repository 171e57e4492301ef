// What only a machine in the same LAN can do: claim another's address, answer for the DHCP server, announce itself as router.
import { hex, icmpv6, ipv4, join, mac, tcp, u16, u32, udp } from '../support/build.ts'
import { ipBytes, resolve } from './background/machines.ts'
import type { World } from './world.ts'

const EVERYBODY = new Uint8Array(6).fill(255)

function claim(world: World, atUs: number, hardware: Uint8Array, ip: string, to: { hardware: Uint8Array; ip: string }): void {
  const body = join(hex('0001 0800 06 04 0002'), hardware, ipBytes(ip), to.hardware, ipBytes(to.ip))
  world.frame(atUs, 0x0806, body, hardware, to.hardware)
}

/** One machine tells a client that it is the router, and the router that it is the client, again and again; the real ones go on speaking. */
export function arpSpoofing(world: World, atS: number, everyS: number, seconds: number, isTwoWay: boolean): void {
  const attacker = world.newcomer()
  const hardware = world.hardwareOf(attacker)
  const victim = world.pick(world.clients)
  for (let nowS = atS; nowS < atS + seconds; nowS += everyS) {
    claim(world, world.at(nowS), hardware, world.router, { hardware: world.hardwareOf(victim), ip: victim })
    if (isTwoWay) claim(world, world.at(nowS) + 2_000, hardware, victim, { hardware: world.hardwareOf(world.router), ip: world.router })
  }
  for (let nowS = atS - 8; nowS < atS + seconds; nowS += 11) resolve(world, world.at(nowS), world.pick(world.clients), world.router)
  resolve(world, world.at(atS - 5), world.router, victim)
  // The rule speaks of addresses; which of two machines is the wrong one, ARP does not tell.
  world.label('arp-spoofing', `every ${everyS} s for ${seconds} s${isTwoWay ? ' both ways' : ''}`, null, null, atS, atS + seconds, [])
}

/** The owners of two addresses never speak ARP; one machine tells each of them, unasked, that it is the other. `isQuiet`: no IP either. */
export function silentOwners(world: World, atS: number, isQuiet: boolean): void {
  const hardware = world.hardwareOf(world.newcomer())
  const owners = [world.newcomer(), world.newcomer()]
  const [one, other] = owners
  for (let count = 0; count < 30; count++) {
    const atUs = world.at(atS + count * 2)
    claim(world, atUs, hardware, one, {
      hardware: isQuiet ? world.hardwareOf(other) : world.bytes(6).map((byte, i) => (i === 0 ? 2 : byte)),
      ip: other,
    })
    claim(world, atUs + 90_000, hardware, other, { hardware: world.hardwareOf(one), ip: one })
  }
  if (!isQuiet) for (const owner of owners) world.udp(world.at(atS + 3), owner, world.port(), world.server, 514, '<13>hello')
  world.label('arp-spoofing', `two silent owners${isQuiet ? ', no IP' : ''}`, null, null, atS, atS + 60)
}

/** A frame from another made-up machine to another each time, as macof sends them. */
export function macFlood(world: World, atS: number, frames: number, perSecond: number): void {
  const made = () => world.bytes(6).map((byte, i) => (i === 0 ? byte & 0xfe : byte))
  const ip = () => `${world.whole(1, 223)}.${world.whole(0, 255)}.${world.whole(0, 255)}.${world.whole(1, 254)}`
  for (let i = 0; i < frames; i++) {
    const segment = tcp(world.whole(1024, 65_535), world.whole(1024, 65_535), 'S', '', { sequence: world.whole(1, 0x7fffffff) })
    world.frame(world.at(atS) + (i / perSecond) * 1e6, 0x0800, ipv4(ip(), ip(), segment).bytes, made(), made())
  }
  world.label('mac-flood', `${frames} frames, ${perSecond}/s`, null, null, atS, atS + frames / perSecond + 1, ['syn-flood', 'sweep'])
}

/** A large link at the beginning of a capture: 1,500 machines are seen for the first time within eight seconds, each with a name server's answer. */
export function largeLink(world: World): void {
  const server = world.hardwareOf(world.server)
  for (let i = 0; i < 1500; i++) {
    const ip = `172.20.${i >> 8}.${i & 255}`
    const atUs = world.at(10 + (i / 1500) * 8)
    world.frame(atUs, 0x0800, ipv4(ip, world.server, udp(40_000 + i, 53, 'question')).bytes, mac(0x5000 + i), server)
    world.frame(atUs + 300, 0x0800, ipv4(world.server, ip, udp(53, 40_000 + i, 'answer')).bytes, server, mac(0x5000 + i))
  }
}

/** Hundreds of telephones come back after a power failure, within seconds. */
export function poweredUp(world: World): void {
  const at = world.between(5, world.seconds - 20)
  for (let i = 0; i < 400; i++) {
    const ip = `172.20.${i >> 8}.${1 + ((i & 255) % 254)}`
    const register = udp(5060, 5060, `REGISTER sip:${world.server} SIP/2.0\r\n\r\n`)
    world.frame(
      world.at(at + (i / 400) * 8),
      0x0800,
      ipv4(ip, world.server, register).bytes,
      mac(0x5000 + i),
      world.hardwareOf(world.server),
    )
  }
}

/** A Wi-Fi bridge: what the machines behind it say in ARP is said again, a moment later, with the bridge's own hardware address. */
export function wifiBridge(world: World): void {
  const bridge = mac(0x9901)
  const behind = [world.lanAddress(240), world.lanAddress(241), world.lanAddress(242)]
  for (const [index, ip] of behind.entries()) {
    for (const atS of world.moments(80, 5, Math.min(world.seconds, 1800))) {
      const hardware = mac(0x9910 + index)
      const body = (sender: Uint8Array): Uint8Array =>
        join(hex('0001 0800 06 04 0001'), sender, ipBytes(ip), new Uint8Array(6), ipBytes(world.router))
      world.frame(world.at(atS), 0x0806, body(hardware), hardware, EVERYBODY)
      world.frame(world.at(atS) + world.between(200, 6_000), 0x0806, body(bridge), bridge, EVERYBODY)
    }
  }
}

/** A server with two addresses tells its neighbours of both, unasked. */
export function twoAddresses(world: World): void {
  const ips = [world.lanAddress(243), world.lanAddress(244)]
  const hardware = world.hardwareOf(ips[0])
  for (let count = 0; count < 8; count++) {
    for (const ip of ips)
      claim(world, world.at(20 + count * 40), hardware, ip, { hardware: world.hardwareOf(world.router), ip: world.router })
  }
}

/** Two machines have the same address and both say so. */
export function duplicateAddress(world: World, atS: number): void {
  const shared = world.newcomer()
  const machines = [mac(0x7701), hex('0211 2233 7702')]
  for (let count = 0; count < 8; count++) {
    const hardware = machines[count % 2]
    claim(world, world.at(atS + count * 4), hardware, shared, { hardware: world.hardwareOf(world.router), ip: world.router })
  }
  world.label('arp-spoofing', 'duplicate address', null, null, atS, atS + 32)
}

/** A machine announces its own address, as every machine does when it starts; another one gets a new network card. */
export function gratuitousArp(world: World): void {
  for (const client of world.clients) {
    const hardware = world.hardwareOf(client)
    const body = join(hex('0001 0800 06 04 0001'), hardware, ipBytes(client), new Uint8Array(6), ipBytes(client))
    world.frame(world.at(world.between(0.5, 4)), 0x0806, body, hardware, EVERYBODY)
  }
}

function dhcp(op: 1 | 2, type: number, id: Uint8Array, client: Uint8Array, yours: string, options: Uint8Array): Uint8Array {
  const head = join(op, 1, 6, 0, id, u32(0), u32(0), ipBytes(yours), u32(0), u32(0), client, new Uint8Array(10 + 64 + 128))
  return join(head, hex('63 82 53 63 35 01'), type, options, 255)
}

/** Discover, offer, request, acknowledge (RFC 2131 3.1). `servers` answer in this order; the first offer is taken. */
function lease(world: World, atS: number, client: string, servers: { ip: string; router: string }[]): void {
  const hardware = world.hardwareOf(client)
  const id = world.bytes(4)
  const offer = (server: { ip: string; router: string }): Uint8Array =>
    join(
      hex('36 04'),
      ipBytes(server.ip),
      hex('33 04 00015180 01 04 ffffff00 03 04'),
      ipBytes(server.router),
      hex('06 04'),
      ipBytes(server.router),
    )
  const atUs = world.at(atS)
  world.add(atUs, '0.0.0.0', '255.255.255.255', udp(68, 67, dhcp(1, 1, id, hardware, '0.0.0.0', hex('37 03 01 03 06'))))
  servers.forEach((server, index) => {
    world.add(atUs + 1_000 + index * 700, server.ip, '255.255.255.255', udp(67, 68, dhcp(2, 2, id, hardware, client, offer(server))))
  })
  world.add(
    atUs + 9_000,
    '0.0.0.0',
    '255.255.255.255',
    udp(68, 67, dhcp(1, 3, id, hardware, '0.0.0.0', join(hex('36 04'), ipBytes(servers[0].ip)))),
  )
  world.add(atUs + 10_000, servers[0].ip, '255.255.255.255', udp(67, 68, dhcp(2, 5, id, hardware, client, offer(servers[0]))))
}

export function leases(world: World): void {
  for (const client of world.clients)
    lease(world, world.between(0.2, world.seconds * 0.9), client, [{ ip: world.router, router: world.router }])
}

/** Two servers that know of each other, as networks have that must not fail: both offer the same. */
export function failoverDhcp(world: World): void {
  const pair = [world.router, world.lanAddress(11)].map((ip) => ({ ip, router: world.router }))
  for (const client of world.clients.slice(0, 4)) lease(world, world.between(0.2, world.seconds * 0.9), client, pair)
  world.allow('rogue-dhcp', null, null, 'two servers that offer the same', 'low')
}

/** A second router that announces the same network, in case the first fails. */
export function secondRouter(world: World): void {
  for (let atS = 20; atS < world.seconds; atS += world.between(150, 300)) advertisement(world, world.at(atS), 2, '2001:db8:1:2', 0)
  world.allow('rogue-router', null, null, 'a second router that announces the same', 'low')
}

/** A server with two network cards that take turns for the same address (Linux bonding, balance-alb): ARP shows both. */
export function bondedCards(world: World): void {
  const ip = world.lanAddress(12)
  const cards = [hex('001b 2100 8801'), hex('001b 2100 8802')]
  for (let atS = 10, count = 0; atS < Math.min(world.seconds, 900); atS += world.between(40, 90), count++) {
    claim(world, world.at(atS), cards[count % 2], ip, { hardware: world.hardwareOf(world.router), ip: world.router })
  }
  world.allow('arp-spoofing', null, null, 'two cards of one server take turns', 'low')
}

/** Discovers in the names of many clients; the frames come from one machine, or each from the client it names. */
export function dhcpStarvation(world: World, atS: number, clients: number, perSecond: number, isOneSender: boolean): void {
  const attacker = world.hardwareOf(world.newcomer())
  for (let client = 0; client < clients; client++) {
    const hardware = join(hex('0011 22'), world.bytes(3))
    const discover = dhcp(1, 1, world.bytes(4), hardware, '0.0.0.0', hex('37 03 01 03 06'))
    const frame = ipv4('0.0.0.0', '255.255.255.255', udp(68, 67, discover))
    world.frame(world.at(atS) + (client * 1_000_000) / perSecond, 0x0800, frame.bytes, isOneSender ? attacker : hardware, EVERYBODY)
  }
  const variant = `${clients} clients, ${perSecond}/s${isOneSender ? ', one sender' : ''}`
  world.label('dhcp-starvation', variant, null, null, atS, atS + clients / perSecond)
}

/** A class starts its machines at once, and a relay sends on what another network asks. */
export function startOfWork(world: World): void {
  const startUs = world.at(world.between(2, world.seconds - 70))
  const asks = (atUs: number, client: number, sender: Uint8Array | null, relay: string, hops: number): void => {
    const hardware = mac(0x6600 + client)
    const message = dhcp(1, 1, world.bytes(4), hardware, '0.0.0.0', hex('37 03 01 03 06'))
    message[3] = hops
    message.set(ipBytes(relay), 24)
    const [source, target] = hops === 0 ? ['0.0.0.0', '255.255.255.255'] : [relay, world.server]
    const frame = ipv4(source, target, udp(hops === 0 ? 68 : 67, 67, message))
    world.frame(atUs, 0x0800, frame.bytes, sender ?? hardware, hops === 0 ? EVERYBODY : world.hardwareOf(world.server))
  }
  for (let client = 0; client < 40; client++) asks(startUs + client * 1_000_000, client, null, '0.0.0.0', 0)
  for (let client = 0; client < 150; client++) asks(startUs + client * 200_000, 100 + client, mac(0x6500), '10.77.0.1', 1)
}

export function rogueDhcp(world: World, atS: number): void {
  const rogue = world.newcomer()
  for (let count = 0; count < 3; count++) {
    const client = world.pick(world.clients)
    lease(world, atS + count * 20, client, [
      { ip: rogue, router: rogue },
      { ip: world.router, router: world.router },
    ])
  }
  world.label('rogue-dhcp', 'offers faster than the router', null, null, atS, atS + 62)
}

function advertisement(world: World, atUs: number, last: number, prefix: string, preference: number): void {
  const source = `fe80::${last.toString(16)}`
  const options = join(
    hex('03 04 40 c0 00278d00 00093a80 00000000'),
    ...prefix.split(':').map((group) => u16(Number.parseInt(group, 16))),
    new Uint8Array(8),
  )
  world.add(
    atUs,
    source,
    'ff02::1',
    icmpv6(134, 0, join(64, preference << 3, u16(1800)), join(u32(0), u32(0), options, hex('01 01'), world.hardwareOf(source))),
    0,
    255,
  )
}

export function routerAdvertisements(world: World): void {
  for (let atS = 5; atS < world.seconds; atS += world.between(150, 300)) advertisement(world, world.at(atS), 1, '2001:db8:1:2', 0)
}

export function rogueRouter(world: World, atS: number): void {
  for (let count = 0; count < 6; count++) advertisement(world, world.at(atS + count * 10), 0x66, '2001:db8:bad:1', 1)
  for (const at of [atS - 3, atS + 25]) advertisement(world, world.at(at), 1, '2001:db8:1:2', 0)
  world.label('rogue-router', 'second router of high preference', null, null, atS, atS + 50)
}
