// What people do: read pages, watch, call each other, mail, copy files.

import type { Turn } from '../../../fixtures/generate/conversation.ts'
import { ciphertext } from '../../../fixtures/generate/demo/office.ts'
import type { Site } from '../../../fixtures/generate/demo/places.ts'
import { join, type Part, u16, u32 } from '../../support/build.ts'
import { tlsClientHello, tlsServerHello } from '../../support/messages.ts'
import { contentHost, probeName } from '../vocabulary.ts'
import type { World } from '../world.ts'

/** So many visits an hour by each of the clients, with what pages load from elsewhere. */
export function browsing(world: World, visitsPerHour: number): void {
  const pages = Array.from({ length: 30 }, () => world.site())
  // Many names, few addresses: that is what content networks are.
  const edges = Array.from({ length: 8 }, () => world.outsider())
  const parties = Array.from({ length: 50 }, () => world.site(contentHost(world.random), world.pick(edges)))
  for (const client of world.clients) {
    const favourites = Array.from({ length: 6 }, () => world.pick(pages))
    for (const atS of world.moments(visitsPerHour)) {
      const page = world.random() < 0.6 ? world.pick(favourites) : world.pick(pages)
      const some = new Set(Array.from({ length: world.whole(1, 4) }, () => world.pick(parties)))
      world.visit(world.at(atS), client, page, [...some])
    }
  }
  for (const client of world.clients.slice(0, 3)) {
    const startS = world.between(1, world.seconds * 0.8)
    for (let probe = 0; probe < 3; probe++) world.ask(world.at(startS + probe * 0.01), client, probeName(world.random), 'A', [], 3)
    world.quic(world.at(startS + 3), client, world.pick(parties), world.whole(30_000, 400_000), 40_000)
    const portal = world.site('detectportal.firefox.com')
    const readyUs = world.lookUp(world.at(startS + 4), client, portal)
    world.http(readyUs, world.outward(client, portal, 80), portal.name, [{ path: '/success.txt', bytes: 8 }])
  }
}

/** A few megabytes downwards, in one conversation. */
export function download(world: World, megabytes: number): void {
  const client = world.pick(world.clients)
  world.https(world.at(world.between(5, world.seconds * 0.6)), client, world.site(), [{ up: 500, down: megabytes * 1_000_000 }])
}

/** A video call: both directions alike, found by STUN, for a minute or two. */
export function call(world: World): void {
  const client = world.pick(world.clients)
  const peer = world.site(`turn.${world.brand()}.com`)
  const atS = world.between(5, Math.max(6, world.seconds - 200))
  const port = world.port()
  const stun = (type: number, more: Part = ''): Uint8Array =>
    join(u16(type), u16(join(more).length), u32(0x2112a442), world.bytes(12), more)
  let atUs = world.lookUp(world.at(atS), client, peer)
  world.udp(atUs, client, port, peer.ip, 3478, stun(1))
  world.udp(atUs + 30_000, peer.ip, 3478, client, port, stun(0x0101, join(u16(0x0020), u16(8), u16(1), world.bytes(6))))
  const endUs = atUs + world.between(60, 120) * 1_000_000
  for (let sequence = 0; atUs < endUs; sequence++) {
    atUs += world.between(35_000, 50_000)
    const rtp = (source: number): Uint8Array => join(0x80, 96, u16(sequence & 0xffff), u32(sequence * 3000), u32(source))
    world.udp(atUs, client, port, peer.ip, 3478, { bytes: world.whole(700, 1150), head: rtp(1) })
    world.udp(atUs + 9_000, peer.ip, 3478, client, port, { bytes: world.whole(700, 1150), head: rtp(2) })
  }
}

/** Mail programs: IMAP over TLS every few minutes and a message now and then. Regular, and nothing to worry about. */
export function mail(world: World): void {
  const provider = world.brand()
  const imap = world.site(`imap.${provider}.com`)
  const submission = world.site(`smtp.${provider}.com`)
  for (const client of world.clients.slice(0, 4)) {
    const everyS = world.pick([60, 180, 300, 600])
    for (let atS = world.between(1, everyS); atS < world.seconds - 5; atS += everyS + world.between(-0.4, 0.8)) {
      const readyUs = world.lookUp(world.at(atS), client, imap)
      world.tcp(readyUs, world.outward(client, imap, 993), world.tlsTurns(imap.name, [{ up: world.whole(180, 240), down: 420 }], []))
    }
    for (const atS of world.moments(3)) {
      const readyUs = world.lookUp(world.at(atS), client, submission)
      const greeting: Turn[] = [
        { from: 'server', data: `220 ${submission.name} ESMTP\r\n` },
        { from: 'client', data: 'EHLO laptop\r\n' },
        { from: 'server', data: `250-${submission.name}\r\n250-SIZE 35882577\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n` },
        { from: 'client', data: 'STARTTLS\r\n' },
        { from: 'server', data: '220 2.0.0 Ready to start TLS\r\n' },
      ]
      const secret = world.tlsTurns(submission.name, [{ up: world.whole(2_000, 90_000), down: 90 }], [])
      world.tcp(readyUs, world.outward(client, submission, 587), [...greeting, ...secret])
    }
  }
}

/** Somebody works on a far machine all the time the capture lasts: small packets both ways. */
export function longShell(world: World, host: Site): void {
  const client = world.pick(world.clients)
  const turns = shellGreeting(world)
  for (const atS of world.moments(40, 2, world.seconds - 30).slice(0, 400)) {
    const lastS = turns.reduce((sum, turn) => sum + (turn.afterUs ?? 0) / 1_000_000, 1)
    const afterUs = Math.max(0, (atS - lastS) * 1_000_000)
    turns.push({ from: 'client', data: world.bytes(36), afterUs }, { from: 'server', data: world.bytes(world.whole(36, 600)) })
  }
  world.tcp(world.lookUp(world.at(1), client, host), world.outward(client, host, 22), turns, 'open')
  if (world.seconds > 3600) {
    world.label('long-connection', 'ssh', client, host.ip, 1, world.seconds)
  }
}

/** The part of SSH that can be read (RFC 4253 4.2, 7.1), and the encrypted packets of a login after it. */
export function shellGreeting(world: World): Turn[] {
  const keys = (size: number): Uint8Array => join(u32(size - 4), 6, 20, world.bytes(size - 6))
  return [
    { from: 'client', data: 'SSH-2.0-OpenSSH_9.6\r\n' },
    { from: 'server', data: 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n' },
    { from: 'client', data: keys(1504) },
    { from: 'server', data: keys(1080) },
    { from: 'client', data: world.bytes(48) },
    { from: 'server', data: world.bytes(452) },
    { from: 'client', data: world.bytes(16 + 44) },
    { from: 'server', data: world.bytes(44) },
    { from: 'client', data: world.bytes(68) },
    { from: 'server', data: world.bytes(52) },
  ]
}

/** TLS as far as it can be read, then so many bytes each way: for services behind TLS on their own ports. */
export const secured = (world: World, name: string, up: number, down: number): Turn[] => [
  { from: 'client', data: tlsClientHello({ serverName: name, random: world.bytes(32) }) },
  { from: 'server', data: tlsServerHello(world.bytes(32)) },
  { from: 'server', data: ciphertext(2400) },
  { from: 'client', data: ciphertext(up) },
  { from: 'server', data: ciphertext(down) },
]
