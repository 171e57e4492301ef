// Much of something that is nobody's attack: a busy server, a crawler, a blocked protocol, mail for the whole world, a telephone exchange.
import type { Turn } from '../../../fixtures/generate/conversation.ts'
import { hex, icmp, join, tcp, u16, u32 } from '../../support/build.ts'
import { clientHello, httpRequest } from '../../support/messages.ts'
import { quicInitial, quicTransportParameters } from '../../support/quic.ts'
import { characters } from '../vocabulary.ts'
import type { World } from '../world.ts'
import { refused, syn } from './machines.ts'
import { secured } from './people.ts'

/** A load test of the server in the LAN, or a day of fame: many connections a second, all of them made. */
export function busyServer(world: World): void {
  const startS = world.between(5, world.seconds - 60)
  for (const atS of world.moments(3600 * 60, startS, startS + 15)) {
    const client = world.lanAddress(world.whole(200, 210))
    const turns: Turn[] = [
      { from: 'client', data: httpRequest('shop.corp.test') },
      { from: 'server', data: `HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n${'x'.repeat(300)}` },
    ]
    world.tcp(world.at(atS), world.outward(client, { name: '', ip: world.server, rttMs: 0.3 }, 80), turns)
  }
}

/** Somebody reads half the web: hundreds of sites in minutes, some of them down. */
export function crawler(world: World): void {
  const client = world.pick(world.clients)
  const startS = world.between(5, world.seconds * 0.6)
  for (const atS of world.moments(1800, startS, Math.min(world.seconds - 5, startS + 300))) {
    const site = world.site()
    const readyUs = world.lookUp(world.at(atS), client, site)
    if (world.random() < 0.12)
      for (const retry of [0, 1, 3]) world.add(readyUs + retry * 1_000_000, client, site.ip, syn(world.port(), 443, 99))
    else world.https(readyUs, client, site, [{ up: 300, down: world.whole(2_000, 20_000) }])
  }
}

/** A firewall swallows QUIC: every site is tried by UDP first, in vain, then by TCP. */
export function quicBlocked(world: World): void {
  const client = world.pick(world.clients)
  for (const atS of world.moments(200, 1, Math.min(world.seconds - 5, 900))) {
    const site = world.site()
    const readyUs = world.lookUp(world.at(atS), client, site)
    const hello = clientHello({ serverName: site.name, alpn: ['h3'], random: world.bytes(32), extensions: [quicTransportParameters()] })
    const port = world.port()
    const initial = quicInitial(world.bytes(8), world.bytes(5), hello)
    for (const afterUs of [0, 300_000, 900_000]) world.udp(readyUs + afterUs, client, port, site.ip, 443, initial)
    world.https(readyUs + 1_000_000, client, site, [{ up: 400, down: 9_000 }])
  }
}

/** The mail server delivers: a host of another domain each time, some of which do not answer; keys and policies are asked for as TXT. */
export function mailOut(world: World): void {
  for (const atS of world.moments(120, 1, Math.min(world.seconds - 5, 1800))) {
    const mx = world.site(`mx1.${world.brand()}.com`)
    const domain = mx.name.slice(4)
    for (const name of [domain, `_dmarc.${domain}`, `s${world.whole(1, 9)}._domainkey.${domain}`]) {
      world.ask(world.at(atS), world.server, name, 'TXT', [{ type: 'TXT', data: 'v=spf1.include:spf.mail.-all' }])
    }
    const readyUs = world.lookUp(world.at(atS) + 100_000, world.server, mx)
    if (world.random() < 0.3) {
      for (const retry of [0, 1, 3]) world.add(readyUs + retry * 1_000_000, world.server, mx.ip, syn(world.port(), 25, 77))
      continue
    }
    const turns: Turn[] = [
      { from: 'server', data: `220 ${mx.name} ESMTP\r\n` },
      { from: 'client', data: 'EHLO mx.corp.test\r\n' },
      { from: 'server', data: `250-${mx.name}\r\n250 STARTTLS\r\n` },
      { from: 'client', data: 'STARTTLS\r\n' },
      { from: 'server', data: '220 go ahead\r\n' },
      ...secured(world, mx.name, world.whole(3_000, 40_000), 120),
    ]
    world.tcp(readyUs, world.outward(world.server, mx, 25), turns)
  }
}

/** Telephones that fetch mail through one address: a handful of short IMAP conversations behind TLS every minute, all alike. */
export function phones(world: World): void {
  const client = world.pick(world.clients)
  const imap = world.site('imap.corp-mail.com')
  const end = Math.min(world.seconds - 5, 700)
  for (let atS = 5; atS < end; atS += 60) {
    for (let phone = 0; phone < 8; phone++) {
      const readyUs = world.lookUp(world.at(atS + phone * 1.1), client, imap)
      world.tcp(readyUs, world.outward(client, imap, 993), secured(world, imap.name, world.whole(280, 420), world.whole(300, 900)))
    }
  }
}

/** A telephone exchange: registrations by SIP, and voice on another pair of ports for every call. */
export function exchange(world: World): void {
  const client = world.lanAddress(9)
  const trunk = world.site('sip.trunk-provider.com')
  for (const atS of world.moments(60, 1, Math.min(world.seconds - 40, 1200))) {
    const readyUs = world.lookUp(world.at(atS), client, trunk)
    const invite = `INVITE sip:100@${trunk.name} SIP/2.0\r\nVia: SIP/2.0/UDP ${world.seen(client)}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n`
    world.udp(readyUs, client, 5060, trunk.ip, 5060, invite)
    world.udp(readyUs + 50_000, trunk.ip, 5060, client, 5060, 'SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n')
    const [here, there] = [10_000 + 2 * world.whole(0, 5_000), 20_000 + 2 * world.whole(0, 5_000)]
    for (let packet = 0; packet < 100; packet++) {
      const voice = join(0x80, 8, u16(packet), u32(packet * 160), u32(1), world.bytes(160))
      world.udp(readyUs + 200_000 + packet * 20_000, client, here, trunk.ip, there, voice)
      world.udp(readyUs + 203_000 + packet * 20_000, trunk.ip, there, client, here, voice)
    }
  }
}

/** Advertisements: a host name of its own below one domain for every banner, and a conversation with it. */
export function banners(world: World): void {
  const client = world.pick(world.clients)
  const zone = `${world.brand()}-ads.net`
  const edge = world.outsider()
  for (const atS of world.moments(240, 1, Math.min(world.seconds - 5, 1200))) {
    const site = { name: `${characters(world.random, '0123456789abcdef', 32)}.safeframe.${zone}`, ip: edge, rttMs: 12 }
    world.https(world.at(atS), client, site, [{ up: 300, down: 3_000 }])
  }
}

/** Names typed without their domain are tried with the company's: many names that do not exist, all below one domain; and slips of the finger. */
export function missingNames(world: World): void {
  for (const atS of world.moments(90)) {
    const client = world.pick(world.clients)
    const name = world.site().name
    if (world.random() < 0.7) world.ask(world.at(atS), client, `${name}.corp.example-company.com`, 'A', [], 3)
    else world.ask(world.at(atS), client, name.replace(/(.)(.)\./, '$2$1.'), 'A', [], 3)
  }
}

/** Conversations that were under way when the capture began, and one that is only seen from one side. */
export function underWay(world: World): void {
  for (let count = 0; count < 12; count++) {
    const client = world.pick(world.clients)
    const site = world.site()
    const port = world.port()
    for (let segment = 0; segment < 20; segment++) {
      const atUs = world.at(0.2 + segment * world.between(0.2, 2))
      if (count % 3 > 0)
        world.add(atUs, client, site.ip, tcp(port, 443, 'PA', world.bytes(100), { sequence: 1000 + segment * 100, acknowledgment: 5 }))
      world.add(
        atUs + 20_000,
        site.ip,
        client,
        tcp(443, port, 'A', world.bytes(900), { sequence: 9000 + segment * 900, acknowledgment: 5 }),
      )
    }
  }
}

/** One way only is blocked: pings answered, a retired address asked again, a port of games refused. */
export function leftovers(world: World): void {
  const client = world.pick(world.clients)
  for (const atS of world.moments(12)) refused(world, world.at(atS), client, world.outsider(), world.pick([80, 443, 5223, 27_015]))
  for (const atS of world.moments(6)) {
    const far = world.outsider()
    const rest = join(u16(9), u16(1))
    const big = hex('00'.repeat(1200))
    world.add(world.at(atS), client, far, icmp(8, 0, rest, big))
    world.add(world.at(atS) + 40_000, far, client, icmp(0, 0, rest, big))
  }
}
