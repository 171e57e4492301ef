// Too much of something: half-open connections, datagrams, echo requests, answers nobody asked for.

import { hex, icmp, join, type Layer, tcp, u16 } from '../support/build.ts'
import { dnsAnswer } from '../support/messages.ts'
import type { World } from './world.ts'

export interface Flood {
  perSecond: number
  seconds: number
  /** How many senders the packets claim to have; 0: another one each. */
  sources: number
  towards: 'inside' | 'outside'
}

/** Calls `send` at the flood's pace with the address the packet claims to come from; returns the one source, or null for many. */
function pour(
  world: World,
  atS: number,
  flood: Flood,
  rule: string,
  variant: string,
  send: (atUs: number, source: string, target: string) => void,
): void {
  const target = flood.towards === 'inside' ? world.server : world.outsider()
  const one = flood.towards === 'inside' ? () => world.outsider() : () => world.newcomer()
  const sources = Array.from({ length: flood.sources }, one)
  for (let atUs = world.at(atS); atUs < world.at(atS + flood.seconds); ) {
    atUs += (1_000_000 / flood.perSecond) * world.between(0.3, 1.7)
    send(atUs, sources.length > 0 ? world.pick(sources) : world.outsider(), target)
  }
  const who = flood.sources === 1 ? sources[0] : null
  world.label(
    rule,
    `${variant} ${flood.perSecond}/s ${flood.seconds} s ${flood.sources || 'all'} sources`,
    who,
    target,
    atS,
    atS + flood.seconds,
  )
}

export function synFlood(world: World, atS: number, flood: Flood, isAnswered: boolean): void {
  const port = world.pick([80, 443, 25])
  pour(world, atS, flood, 'syn-flood', isAnswered ? 'answered' : 'silent', (atUs, source, target) => {
    const from = world.whole(1024, 65_535)
    const sequence = world.whole(1, 0x7fffffff)
    world.add(atUs, source, target, tcp(from, port, 'S', '', { sequence }))
    if (isAnswered) world.add(atUs + 200, target, source, tcp(port, from, 'SA', '', { sequence: 9, acknowledgment: sequence + 1 }))
  })
}

/** Datagrams of one conversation each, or all of one. */
export function udpFlood(world: World, atS: number, flood: Flood, isOneConversation: boolean): void {
  const port = world.whole(1, 60_000)
  const from = world.whole(1024, 65_000)
  pour(world, atS, flood, 'flood', isOneConversation ? 'udp one conversation' : 'udp any port', (atUs, source, target) => {
    const targetPort = isOneConversation ? port : world.whole(1, 65_535)
    world.udp(atUs, source, isOneConversation ? from : world.whole(1024, 65_000), target, targetPort, { bytes: world.whole(200, 1200) })
  })
}

export function icmpFlood(world: World, atS: number, flood: Flood): void {
  let count = 0
  pour(world, atS, flood, 'flood', 'icmp', (atUs, source, target) => {
    count++
    const echo: Layer = icmp(8, 0, join(u16(1), u16(count & 0xffff)), new Uint8Array(56))
    world.add(atUs, source, target, echo)
  })
}

const REFLECTORS = {
  dns: { port: 53, bytes: 2900 },
  ntp: { port: 123, bytes: 468 },
  ssdp: { port: 1900, bytes: 320 },
  cldap: { port: 389, bytes: 1400 },
  memcached: { port: 11211, bytes: 1400 },
} as const
export type Reflector = keyof typeof REFLECTORS

/** SYN-ACKs of many servers that got SYNs in the target's name; it resets some of them. */
export function synAckFlood(world: World, atS: number, flood: Flood): void {
  pour(world, atS, flood, 'flood', 'SYN-ACK', (atUs, source, target) => {
    const [from, to] = [world.pick([80, 443, 22, 179]), world.whole(1024, 65_000)]
    world.add(atUs, source, target, tcp(from, to, 'SA', '', { sequence: 9, acknowledgment: 8 }))
    if (world.random() < 0.5) world.add(atUs + 200, target, source, tcp(to, from, 'R', '', { sequence: 8, window: 0 }))
  })
}

/** Large answers of many servers to questions the target never asked. */
export function amplification(world: World, atS: number, flood: Flood, kind: Reflector): void {
  const { port, bytes } = REFLECTORS[kind]
  const targetPort = world.whole(1024, 65_000)
  const heads: Record<Reflector, Uint8Array> = {
    dns: dnsAnswer(
      7,
      'isc.org',
      'ANY',
      Array.from({ length: 30 }, () => ({ type: 'TXT' as const, data: 'v.spf1.include.all' })),
    ),
    ntp: hex('d7 00 03 2a 00 06 00 48'),
    ssdp: join('HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: upnp:rootdevice\r\n\r\n'),
    cldap: hex('30 84 00000500 02 01 07 64 84 000004f0 04 00'),
    memcached: join(hex('0001 0000 0001 0000'), 'VALUE a 0 1048576\r\n'),
  }
  pour(world, atS, flood, 'flood', `amplified ${kind}`, (atUs, source, target) => {
    world.udp(atUs, source, port, target, targetPort, { bytes: Math.min(1460, bytes), head: heads[kind] })
  })
}
