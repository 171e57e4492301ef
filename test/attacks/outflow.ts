// Data that leaves: uploads of all sorts, and echo requests that carry more than an echo.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import type { Site } from '../../fixtures/generate/demo/places.ts'
import { icmp, join, u16 } from '../support/build.ts'
import { shellGreeting } from './background/people.ts'
import type { World } from './world.ts'

export type Way = 'https' | 'ssh' | 'http' | 'quic' | 'https in pieces'

export function exfiltration(world: World, atS: number, way: Way, megabytes: number, client = world.newcomer()): Site {
  const site = world.site(`${world.brand()}.${world.pick(['top', 'cloud', 'xyz', 'net'])}`)
  const bytes = megabytes * 1_000_000
  const startUs = world.lookUp(world.at(atS), client, site)
  let endUs = startUs
  if (way === 'https') endUs = world.https(startUs, client, site, [{ up: bytes, down: 400 }])
  else if (way === 'https in pieces') {
    for (let piece = 0; piece < 10; piece++) endUs = world.https(endUs + 4_000_000, client, site, [{ up: bytes / 10, down: 400 }])
  } else if (way === 'ssh') {
    const turns: Turn[] = [...shellGreeting(world), { from: 'client', data: { bytes } }, { from: 'server', data: world.bytes(80) }]
    endUs = world.tcp(startUs, world.outward(client, site, 22), turns)
  } else if (way === 'http') {
    const head = `POST /upload HTTP/1.1\r\nHost: ${site.name}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n\r\n`
    const turns: Turn[] = [
      { from: 'client', data: head },
      { from: 'client', data: { bytes } },
      { from: 'server', data: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
    ]
    endUs = world.tcp(startUs, world.outward(client, site, 80), turns)
  } else {
    const port = world.port()
    for (let sent = 0; sent < bytes; sent += 1200) {
      endUs += world.between(500, 1_500)
      world.udp(endUs, client, port, site.ip, 443, { bytes: 1200, head: world.bytes(12) })
      if ((sent / 1200) % 8 === 0) world.udp(endUs + 300, site.ip, 443, client, port, { bytes: 40, head: world.bytes(12) })
    }
  }
  world.label('exfiltration', `${way} ${megabytes} MB`, client, site.ip, atS, atS + (endUs - world.at(atS)) / 1_000_000)
  return site
}

export interface EchoTunnel {
  packets: number
  bytes: number
  perSecond: number
  /** Whether answers carry data of their own, as a tunnel's do, or repeat what was asked, as any host does. */
  isTwoWay: boolean
  from: 'inside' | 'outside'
}

export function icmpTunnel(world: World, atS: number, { packets, bytes, perSecond, isTwoWay, from }: EchoTunnel): void {
  const client = from === 'inside' ? world.newcomer() : world.outsider()
  const target = from === 'inside' ? world.outsider() : world.server
  const id = world.whole(0, 65_535)
  let now = world.at(atS)
  for (let count = 0; count < packets; count++) {
    now += (1_000_000 / perSecond) * world.between(0.3, 1.7)
    const rest = join(u16(id), u16(count & 0xffff))
    const payload = world.bytes(Math.max(70, Math.floor(bytes * world.between(0.7, 1))))
    world.add(now, client, target, icmp(8, 0, rest, payload))
    const answer = isTwoWay ? world.bytes(Math.floor(bytes * world.between(0.5, 1))) : payload
    world.add(now + 30_000, target, client, icmp(0, 0, rest, answer))
  }
  const variant = `${packets} packets of ${bytes} bytes ${perSecond}/s${isTwoWay ? ' both ways' : ''}`
  world.label('icmp-tunnel', variant, client, target, atS, atS + (now - world.at(atS)) / 1_000_000)
}
