// What looks like an attack and is none: each of these has made somebody's rules cry wolf.
import type { Turn } from '../../../fixtures/generate/conversation.ts'
import { hex, icmp, ipv4, join, tcp, u16, u32, udp } from '../../support/build.ts'
import { httpRequest } from '../../support/messages.ts'
import type { World } from '../world.ts'
import { refused, syn } from './machines.ts'

/** Hundreds of peers on any port, many of them gone: BitTorrent's table of hashes (BEP 5) and its connections. */
export function peers(world: World): void {
  const client = world.pick(world.clients)
  const port = world.whole(6881, 60_000)
  const id = world.bytes(20)
  const seconds = Math.min(world.seconds, 1200)
  for (const atS of world.moments(900, 0, seconds)) {
    const peer = world.outsider()
    const peerPort = world.whole(1025, 65_000)
    const query = join('d1:ad2:id20:', id, '6:target20:', world.bytes(20), 'e1:q9:find_node1:t2:', world.bytes(2), '1:y1:qe')
    world.udp(world.at(atS), client, port, peer, peerPort, query)
    if (world.random() < 0.6) {
      world.udp(
        world.at(atS) + 90_000,
        peer,
        peerPort,
        client,
        port,
        join('d1:rd2:id20:', world.bytes(20), '5:nodes208:', world.bytes(208), 'e1:y1:re'),
      )
      if (world.random() < 0.35) {
        const handshake = join(19, 'BitTorrent protocol', new Uint8Array(8), world.bytes(40))
        const turns: Turn[] = [
          { from: 'client', data: handshake },
          { from: 'server', data: handshake },
          { from: 'server', data: { bytes: world.whole(2_000, 60_000) } },
        ]
        world.tcp(world.at(atS) + 300_000, world.outward(client, { name: '', ip: peer, rttMs: 90 }, peerPort), turns)
      }
    } else if (world.random() < 0.3) {
      if (world.random() < 0.5) refused(world, world.at(atS), client, peer, peerPort)
      else world.add(world.at(atS), client, peer, syn(world.port(), peerPort, world.whole(1, 0x7fffffff)))
    }
  }
}

/** The answers to a flood elsewhere whose senders were made up: SYN-ACK and RST from one server, out of nowhere. Its victim attacks nobody. */
export function backscatter(world: World): void {
  const victim = world.outsider()
  const startS = world.between(2, world.seconds * 0.6)
  for (const atS of world.moments(7200, startS, Math.min(world.seconds, startS + 120))) {
    const target = world.lanAddress(world.whole(2, 250))
    const flags = world.pick(['SA', 'SA', 'RA'])
    world.add(
      world.at(atS),
      victim,
      target,
      tcp(world.pick([80, 443]), world.whole(1024, 65_535), flags, '', { sequence: 77, acknowledgment: world.whole(1, 0x7fffffff) }),
    )
  }
}

/** One pair talks by chance alone, over and over: gaps without memory, sizes that vary. */
export function chance(world: World, meanGapS: number): void {
  const client = world.pick(world.clients)
  const site = world.site()
  for (const atS of world.moments(3600 / meanGapS, 1, world.seconds - 5)) {
    const size = Math.round(300 * Math.exp(world.random() * 3))
    world.https(world.at(atS), client, site, [{ up: world.whole(200, 900), down: size }])
  }
}

/** FTP in passive mode: another port of the same server for every file, all of them open. No password is asked: anonymous. */
export function passiveTransfers(world: World): void {
  const client = world.pick(world.clients)
  const mirror = world.site(`ftp.${world.brand()}.org`)
  const files = 40
  const startUs = world.lookUp(world.at(world.between(2, world.seconds * 0.5)), client, mirror)
  const turns: Turn[] = [
    { from: 'server', data: '220 mirror ready\r\n' },
    { from: 'client', data: 'USER anonymous\r\n' },
    { from: 'server', data: '331 any password\r\n' },
    { from: 'client', data: 'PASS guest@\r\n' },
    { from: 'server', data: '230 welcome\r\n' },
  ]
  for (let file = 0; file < files; file++) {
    const port = world.whole(30_000, 60_000)
    turns.push(
      { from: 'client', data: 'PASV\r\n', afterUs: 900_000 },
      { from: 'server', data: `227 Entering Passive Mode (${mirror.ip.replaceAll('.', ',')},${port >> 8},${port & 255})\r\n` },
      { from: 'client', data: `RETR file${file}.gz\r\n` },
      { from: 'server', data: '150 opening\r\n' },
      { from: 'server', data: '226 done\r\n' },
    )
    const data: Turn[] = [{ from: 'server', data: { bytes: world.whole(1_000, 30_000) } }]
    world.tcp(startUs + (file + 1) * (900_000 + mirror.rttMs * 2200), world.outward(client, mirror, port), data)
  }
  world.tcp(startUs, world.outward(client, mirror, 21), turns)
  world.allow('clear-text-login', client, mirror.ip, 'an anonymous login is one, in the clear')
}

/** A service that is down, and a client that does not believe it: one port, one server, refused for minutes. */
export function stubbornClient(world: World): void {
  const client = world.pick(world.clients)
  const target = world.lanAddress(15)
  const startS = world.between(2, world.seconds * 0.5)
  let waitS = 1
  for (let atS = startS; atS < Math.min(world.seconds, startS + 400); atS += waitS) {
    refused(world, world.at(atS), client, target, 5672)
    waitS = Math.min(30, waitS * 1.5)
  }
  world.allow('beacon', client, target, 'a client that retries is regular')
}

/** Two pings, by hand. */
export function pings(world: World): void {
  const client = world.pick(world.clients)
  const far = world.site()
  const startUs = world.lookUp(world.at(world.between(2, world.seconds * 0.8)), client, far)
  for (let count = 0; count < 20; count++) {
    const rest = join(u16(7), u16(count))
    const payload = join(
      u32(count),
      Uint8Array.from({ length: 52 }, (_, index) => index),
    )
    world.add(startUs + count * 1_000_000, client, far.ip, icmp(8, 0, rest, payload))
    world.add(startUs + count * 1_000_000 + far.rttMs * 1000, far.ip, client, icmp(0, 0, rest, payload))
  }
}

/** A datagram to a closed port now and then, and the error that comes back. */
export function unreachable(world: World): void {
  for (const atS of world.moments(20)) {
    const client = world.pick(world.clients)
    const datagram = udp(world.port(), 161, hex('3000'))
    world.add(world.at(atS), client, world.server, datagram)
    world.add(
      world.at(atS) + 300,
      world.server,
      client,
      icmp(3, 3, u32(0), ipv4(world.seen(client), world.seen(world.server), datagram).bytes.subarray(0, 28)),
    )
  }
}

/** Ordinary services where others expect them: HTTP on 8080 and 3000, a proxy, TLS on 8443. */
export function otherPorts(world: World): void {
  const client = world.pick(world.clients)
  const server = { name: 'tools.corp.test', ip: world.lanAddress(13), rttMs: 0.4 }
  for (const atS of world.moments(40)) {
    const port = world.pick([8080, 3000, 8443, 3128])
    if (port === 8443)
      world.tcp(world.at(atS), world.outward(client, server, port), world.tlsTurns(server.name, [{ up: 300, down: 4_000 }]))
    else if (port === 3128) {
      const turns: Turn[] = [
        { from: 'client', data: 'CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n' },
        { from: 'server', data: 'HTTP/1.1 200 Connection established\r\n\r\n' },
        ...world.tlsTurns('www.example.org', [{ up: 300, down: 9_000 }]),
      ]
      world.tcp(world.at(atS), world.outward(client, server, port), turns)
    } else {
      const turns: Turn[] = [
        { from: 'client', data: httpRequest(server.name, '/') },
        { from: 'server', data: 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n' },
        { from: 'server', data: { bytes: 900 } },
      ]
      world.tcp(world.at(atS), world.outward(client, server, port), turns)
    }
  }
}

/** A tool for controllers asks everybody from one port after the other; the controllers answer to everybody. */
export function broadcastTool(world: World): void {
  const [tool, controller] = [world.lanAddress(231), world.lanAddress(232)]
  const startUs = world.at(world.between(2, world.seconds * 0.7))
  for (let count = 0; count < 25; count++) {
    const to = count % 2 === 0 ? '255.255.255.255' : world.broadcast
    world.udp(startUs + count * 100_000, tool, 50_000 + count, to, 5560, 'hell')
    world.udp(startUs + count * 100_000 + 9_000, controller, 5560, to, 50_000 + count, world.bytes(14))
  }
}

/** Connections kept open for messages: a small ping every few seconds, now and then something to show. */
export function webSockets(world: World): void {
  for (const everyS of [5, 7, 10]) {
    const client = world.pick(world.clients)
    const site = world.site()
    const turns: Turn[] = world.tlsTurns(site.name, [{ up: 700, down: 5_000 }])
    for (let atS = 0; atS < Math.min(400, world.seconds / 2); atS += everyS) {
      turns.push({ from: 'client', data: join(hex('17 0303 001c'), world.bytes(28)), afterUs: everyS * 1_000_000 })
      turns.push({ from: 'server', data: join(hex('17 0303 001c'), world.bytes(28)) })
      if (world.random() < 0.1) turns.push({ from: 'server', data: { bytes: world.whole(2_000, 40_000) }, afterUs: 700_000 })
    }
    world.tcp(world.lookUp(world.at(world.between(2, world.seconds * 0.4)), client, site), world.outward(client, site, 443), turns)
  }
}

/** A laptop wakes up and acknowledges what it had open with many servers; they have forgotten it. */
export function wokenUp(world: World): void {
  const client = world.pick(world.clients)
  const atUs = world.at(world.between(2, world.seconds - 5))
  for (let count = 0; count < 40; count++) {
    const [server, port] = [world.outsider(), world.port()]
    world.add(atUs + count * 3_000, client, server, tcp(port, 443, world.pick(['A', 'FA']), '', { sequence: 50, acknowledgment: 60 }))
    world.add(atUs + count * 3_000 + 30_000, server, client, tcp(443, port, 'R', '', { sequence: 60 }))
  }
}
