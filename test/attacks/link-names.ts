// Names on the link and whole zones: who answers for others, who asks for everything; and hosts that only speak of themselves.

import { hex, join, u16 } from '../support/build.ts'
import { dnsAnswer, dnsOverTcp, dnsQuery } from '../support/messages.ts'
import { ipBytes } from './background/machines.ts'
import type { World } from './world.ts'

const EVERYBODY = '224.0.0.252'

/** A question to everybody (RFC 4795), and a unicast answer. */
function llmnr(world: World, atUs: number, asker: string, name: string, answerer: string | null): void {
  const port = world.port()
  const id = world.whole(1, 65_535)
  world.udp(atUs, asker, port, EVERYBODY, 5355, dnsQuery(id, name, 'A', 0))
  if (answerer !== null) world.udp(atUs + 3_000, answerer, 5355, asker, port, dnsAnswer(id, name, 'A', [{ type: 'A', data: answerer }]))
}

export function namePoisoning(world: World, atS: number, names: number, everyS: number): void {
  const poisoner = world.newcomer()
  const asked = ['wpad', 'fileserver', 'printer', 'sharepoint', 'intranet', 'backup', 'nas', 'scanner'].slice(0, names)
  asked.forEach((name, index) => {
    llmnr(world, world.at(atS + index * everyS), world.pick(world.clients), name, poisoner)
  })
  world.label('name-poisoning', `${names} names, one in ${everyS} s`, poisoner, null, atS, atS + names * everyS)
}

/** Hosts answer for their own names, some of which nobody has. */
export function linkNames(world: World): void {
  for (const client of world.clients) {
    for (const atS of world.moments(20)) {
      const owner = world.pick(world.clients)
      const isGone = world.random() < 0.3
      const name = isGone ? `gone-${world.whole(1, 99)}` : `pc-${owner.split('.')[3]}`
      llmnr(world, world.at(atS), client, name, isGone ? null : owner)
    }
  }
}

function transfer(world: World, atUs: number, client: string, server: string, zone: string, isGiven: boolean): void {
  const id = world.whole(1, 65_535)
  const records = Array.from({ length: 20 }, (_, i) => ({ name: `pc${i}.${zone}`, type: 'A' as const, data: world.lanAddress(20 + i) }))
  const answer = dnsAnswer(id, zone, 'AXFR', isGiven ? records : [], { responseCode: isGiven ? 0 : 5 })
  world.tcp(atUs, world.outward(client, { name: '', ip: server, rttMs: 0.5 }, 53), [
    { from: 'client', data: dnsOverTcp(dnsQuery(id, zone, 'AXFR', 0)) },
    { from: 'server', data: dnsOverTcp(answer) },
  ])
}

export function zoneTransfer(world: World, atS: number, isGiven: boolean): void {
  const client = world.newcomer()
  const zone = `${world.brand()}.com`
  transfer(world, world.at(atS), client, world.server, zone, isGiven)
  world.label('zone-transfer', isGiven ? 'given' : 'refused', client, world.server, atS, atS + 4)
}

/** A secondary name server: it answers questions, and takes the zone from the first. */
export function secondaryServer(world: World): void {
  const secondary = world.lanAddress(234)
  const client = world.pick(world.clients)
  const port = world.port()
  world.udp(world.at(3), client, port, secondary, 53, dnsQuery(7, 'www.corp.test'))
  world.udp(world.at(3) + 900, secondary, 53, client, port, dnsAnswer(7, 'www.corp.test', 'A', [{ type: 'A', data: world.server }]))
  for (const atS of world.moments(4)) transfer(world, world.at(atS), secondary, world.lanAddress(11), 'corp-example.com', true)
}

function answered(world: World, atS: number, client: string, name: string, address: string, server = world.resolver): void {
  const [id, port] = [world.whole(1, 65_535), world.port()]
  world.udp(world.at(atS), client, port, server, 53, dnsQuery(id, name))
  world.udp(world.at(atS) + 20_000, server, 53, client, port, dnsAnswer(id, name, 'A', [{ type: 'A', data: address, ttl: 1 }]))
}

/** The attacker's name answers with its own address first, then with one of the network that only the browser can reach. */
export function dnsRebinding(world: World, atS: number, afterS: number, inside: string): void {
  const client = world.pick(world.clients)
  const name = `${world.brand()}.rebind-${world.brand()}.com`
  const site = { name, ip: world.outsider(), rttMs: 40 }
  answered(world, atS, client, name, site.ip)
  world.http(world.at(atS + 0.2), world.outward(client, site, 80), name, [{ path: '/', bytes: 3_000 }])
  answered(world, atS + afterS, client, name, inside)
  if (!inside.startsWith('127.'))
    world.http(world.at(atS + afterS + 0.2), world.outward(client, { ...site, ip: inside, rttMs: 0.4 }, 80), name, [
      { path: '/setup', bytes: 900 },
    ])
  world.label('dns-rebinding', `${afterS} s later, ${inside}`, client, null, atS, atS + afterS + 2)
}

/** Names with two faces: outside and inside of a company by two resolvers, a portal that answers for all, a name that is inside at all times. */
export function twoFaces(world: World): void {
  const client = world.pick(world.clients)
  const [outside, own] = [world.lanAddress(2), world.lanAddress(3)]
  const company = `intranet.${world.brand()}.com`
  answered(world, 10, client, company, world.outsider(), outside)
  answered(world, 200, client, company, world.server, own)
  for (let count = 0; count < 5; count++) {
    const name = `www.${world.brand()}${count}.com`
    answered(world, 20 + count, client, name, world.outsider())
    answered(world, 300 + count, client, name, world.router)
  }
  for (const atS of [30, 90, 150]) answered(world, atS, client, `192-168-1-20.${world.brand()}.direct.com`, world.server)
}

const EVERY_MAC = new Uint8Array(6).fill(255)

/** Who has ..1, who has ..2: one address after the other. */
export function arpScan(world: World, atS: number, hosts: number, perSecond: number): void {
  const source = world.newcomer()
  const hardware = world.hardwareOf(source)
  for (let host = 0; host < hosts; host++) {
    const body = join(hex('0001 0800 06 04'), u16(1), hardware, ipBytes(source), new Uint8Array(6), ipBytes(world.lanAddress(1 + host)))
    world.frame(world.at(atS) + (host * 1_000_000) / perSecond, 0x0806, body, hardware, EVERY_MAC)
  }
  // What was done in ARP alone has no address of IP in the capture.
  world.label('arp-scan', `${hosts} addresses, ${perSecond}/s`, null, null, atS, atS + hosts / perSecond)
}

/** A router looks for every address that somebody outside tries. */
export function askingRouter(world: World): void {
  const hardware = world.hardwareOf('8.8.8.8')
  const startUs = world.at(world.between(2, world.seconds * 0.6))
  for (let host = 0; host < 200; host++) {
    const body = join(
      hex('0001 0800 06 04'),
      u16(1),
      hardware,
      ipBytes(world.lanAddress(236)),
      new Uint8Array(6),
      ipBytes(world.lanAddress(30 + host)),
    )
    world.frame(startUs + host * 150_000, 0x0806, body, hardware, EVERY_MAC)
  }
}
