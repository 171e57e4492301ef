// What machines do by themselves: time, updates, announcements, monitoring, directory, backups, health checks.
import type { Turn } from '../../../fixtures/generate/conversation.ts'
import { hex, icmp, icmpv6, join, type Layer, tcp, u16, u32 } from '../../support/build.ts'
import { dnsAnswer, dnsQuery, httpRequest, ntp } from '../../support/messages.ts'
import { characters, domain } from '../vocabulary.ts'
import type { World } from '../world.ts'
import { secured, shellGreeting } from './people.ts'

const SECOND_US = 1_000_000

export function time(world: World): void {
  const servers = [world.site('0.pool.ntp.org'), world.site('time.windows.com')]
  for (const client of world.clients) {
    const server = world.pick(servers)
    const everyS = world.pick([64, 128, 1024])
    const port = world.pick([123, world.port()])
    world.lookUp(world.at(0.5), client, server)
    for (let atS = world.between(1, everyS); atS < world.seconds; atS += everyS + world.between(-1, 1)) {
      const seconds = Math.floor(world.at(atS) / SECOND_US)
      world.udp(world.at(atS), client, port, server.ip, 123, ntp(3, seconds))
      world.udp(world.at(atS) + server.rttMs * 1000, server.ip, 123, client, port, ntp(4, seconds))
    }
  }
}

export function updates(world: World): void {
  const service = world.site('ctldl.windowsupdate.com')
  const check = world.site('fe3.delivery.mp.microsoft.com')
  for (const client of world.clients.slice(0, 3)) {
    const atUs = world.at(world.between(3, world.seconds * 0.7))
    world.https(atUs, client, check, [{ up: 2_400, down: 5_000 }])
    const readyUs = world.lookUp(atUs + SECOND_US, client, service)
    world.http(readyUs, world.outward(client, service, 80), service.name, [
      { path: '/msdownload/update/v3/static/trustedr/en/authrootstl.cab', bytes: 60_000 },
    ])
  }
}

/** mDNS, NBNS, LLMNR, SSDP, ARP, router solicitation: what a LAN tells itself. */
export function announcements(world: World): void {
  for (const client of world.clients) {
    const last = Number(client.split('.')[3])
    for (const atS of world.moments(30)) {
      const atUs = world.at(atS)
      const kind = world.whole(0, 5)
      if (kind === 0) world.udp(atUs, client, 5353, '224.0.0.251', 5353, dnsQuery(0, '_ipp._tcp.local', 'PTR', 0))
      if (kind === 1) {
        const answer = dnsAnswer(0, `laptop-${last}.local`, 'A', [{ type: 'A', data: client }], { withoutQuestion: true })
        world.udp(atUs, client, 5353, '224.0.0.251', 5353, answer)
      }
      if (kind === 2) world.udp(atUs, client, world.port(), '224.0.0.252', 5355, dnsQuery(last, 'fileserver', 'A', 0))
      if (kind === 3) {
        const search = 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n'
        world.udp(atUs, client, world.port(), '239.255.255.250', 1900, search)
      }
      if (kind === 4) world.add(atUs, `fe80::${last.toString(16)}`, 'ff02::2', icmpv6(133, 0))
      if (kind === 5) resolve(world, atUs, client, world.router)
    }
    resolve(world, world.at(world.between(0, 2)), client, world.router)
  }
}

/** An ARP request and its answer (RFC 826). */
export function resolve(world: World, atUs: number, host: string, wanted: string): void {
  const [asker, asked] = [world.hardwareOf(host), world.hardwareOf(wanted)]
  const ends = (first: Uint8Array, from: string, second: Uint8Array, to: string): Uint8Array =>
    join(first, ipBytes(from), second, ipBytes(to))
  const head = hex('0001 0800 06 04')
  world.frame(atUs, 0x0806, join(head, u16(1), ends(asker, host, new Uint8Array(6), wanted)), asker, new Uint8Array(6).fill(255))
  world.frame(atUs + 300, 0x0806, join(head, u16(2), ends(asked, wanted, asker, host)), asked, asker)
}

export const ipBytes = (ip: string): Uint8Array => Uint8Array.from(ip.split('.'), Number)

/** One machine asks all others whether they live, every minute; some do not. */
export function monitoring(world: World): void {
  const monitor = world.lanAddress(5)
  const everyS = world.pick([30, 60])
  const ghosts = [world.lanAddress(18), world.lanAddress(19)]
  const targets = [...world.clients, world.server, world.router]
  for (let atS = 4; atS < world.seconds - 5; atS += everyS) {
    for (const [index, target] of [...targets, ...ghosts].entries()) {
      const atUs = world.at(atS) + index * 20_000
      const echo = join(u16(0x4d4f), u16(Math.floor(atS) & 0xffff))
      const payload = characters(world.random, 'abcdefgh', 48)
      world.add(atUs, monitor, target, icmp(8, 0, echo, payload))
      if (!ghosts.includes(target)) world.add(atUs + 300, target, monitor, icmp(0, 0, echo, payload))
    }
    const page = httpRequest('intranet', '/health')
    const turns: Turn[] = [
      { from: 'client', data: page },
      { from: 'server', data: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' },
    ]
    world.tcp(world.at(atS + 1), world.outward(monitor, { name: 'intranet', ip: world.server, rttMs: 0.3 }, 80), turns)
    // One of them went out of service long ago and nobody told the monitor.
    refused(world, world.at(atS + 2), monitor, world.lanAddress(17), 8080)
  }
  for (const target of [...targets, ...ghosts, world.lanAddress(17)]) world.allow('beacon', monitor, target, 'monitoring is regular')
}

/** A connection nobody wants: SYN, and RST back. */
export function refused(world: World, atUs: number, client: string, server: string, port: number): void {
  const from = world.port()
  const sequence = world.whole(1, 0x7fffffff)
  world.add(atUs, client, server, syn(from, port, sequence))
  world.add(atUs + 400, server, client, reset(port, from, sequence + 1))
}

export const syn = (from: number, to: number, sequence: number): Layer => tcp(from, to, 'S', '', { sequence, options: hex('020405b4') })
const reset = (from: number, to: number, acknowledgment: number): Layer =>
  tcp(from, to, 'RA', '', { sequence: 0, acknowledgment, window: 0 })

/** The directory: Kerberos, LDAP with a SASL bind, SMB, and the dynamic ports of RPC, many short conversations that all succeed. */
export function directory(world: World): void {
  const controller = { name: 'dc1.corp.test', ip: world.lanAddress(11), rttMs: 0.4 }
  for (const client of world.clients) {
    for (const atS of world.moments(20)) {
      const atUs = world.at(atS)
      const ports = [88, 389, 445, world.whole(49_152, 49_300)]
      ports.forEach((port, index) => {
        const up = { 88: join(u32(230), 0x6c, world.bytes(229)), 389: SASL_BIND, 445: SMB_NEGOTIATE }[port] ?? RPC_BIND
        const turns: Turn[] = [
          { from: 'client', data: up },
          {
            from: 'server',
            data: port === 88 ? join(u32(1200), 0x6d, world.bytes(1199)) : join(up.slice(0, 12), world.bytes(world.whole(200, 900))),
          },
          { from: 'client', data: join(up.slice(0, 12), world.bytes(world.whole(100, 400))) },
          { from: 'server', data: join(up.slice(0, 12), world.bytes(world.whole(200, 3000))) },
        ]
        world.tcp(atUs + index * 40_000, world.outward(client, controller, port), turns)
      })
    }
  }
}

/** LDAP bind with SASL GSS-SPNEGO (RFC 4511 4.2): message 1, version 3, no name, no password. */
const SASL_BIND = join(hex('30 84 00000024 02 01 01 60 84 0000001b 02 01 03 04 00 a3 84 00000010 04 0a'), 'GSS-SPNEGO', hex('04 02 6000'))
const SMB_NEGOTIATE = join(u32(0x6c), 0xfe, 'SMB', u16(0x4000), new Uint8Array(98))
const RPC_BIND = hex('05000b0310000000a0000000020000000000b810b810000000000100000000000100')

/** Much data upwards, but only to the machine beside: copies for the night. */
export function backup(world: World): void {
  const store = { name: 'nas', ip: world.lanAddress(12), rttMs: 0.4 }
  const turns = [
    ...shellGreeting(world),
    { from: 'client' as const, data: { bytes: 13_000_000 } },
    { from: 'server' as const, data: world.bytes(80) },
  ]
  world.tcp(world.at(world.between(10, world.seconds * 0.5)), world.outward(world.server, store, 22), turns)
}

/** A balancer opens and resets connections to see whether the ports behind it answer: every few seconds, without a byte. */
export function healthChecks(world: World): void {
  const balancer = world.lanAddress(6)
  const seconds = Math.min(world.seconds, 900)
  for (const [target, port] of [13, 14, 15].flatMap((host) => [443, 3306].map((port) => [world.lanAddress(host), port] as const))) {
    for (let atS = world.between(1, 5); atS < seconds; atS += 5) {
      const from = world.port()
      const sequence = world.whole(1, 0x7fffffff)
      world.add(world.at(atS), balancer, target, syn(from, port, sequence))
      world.add(world.at(atS) + 150, target, balancer, tcp(port, from, 'SA', '', { sequence: 9, acknowledgment: sequence + 1 }))
      world.add(world.at(atS) + 300, balancer, target, tcp(from, port, 'RA', '', { sequence: sequence + 1, acknowledgment: 10 }))
    }
    world.allow('beacon', balancer, target, 'a health check is regular')
  }
}

/** A web application that opens a connection to its database for every page: short, many, all of them let in. */
export function databaseClients(world: World): void {
  const application = world.lanAddress(13)
  const database = { name: 'db', ip: world.lanAddress(14), rttMs: 0.3 }
  const startS = world.between(5, world.seconds * 0.4)
  for (const atS of world.moments(1500, startS, Math.min(world.seconds, startS + 600))) {
    const greeting = join(hex('4a0000 00 0a'), '8.0.36\0', world.bytes(66))
    const turns: Turn[] = [
      { from: 'server', data: greeting },
      { from: 'client', data: join(hex('b40000 01 85a6ff01 00000001 2d'), new Uint8Array(23), 'app\0', 20, world.bytes(20), 'shop\0') },
      { from: 'server', data: hex('070000 02 00 00 00 02 00 00 00') },
      { from: 'client', data: join(hex('210000 00 03'), 'SELECT 1 FROM products LIMIT 100') },
      { from: 'server', data: join(hex('010000 01 01'), world.bytes(world.whole(200, 2500))) },
      { from: 'client', data: hex('010000 00 01') },
    ]
    world.tcp(world.at(atS), world.outward(application, database, 3306), turns)
  }
}

/** A build machine fetches by git over SSH again and again: short logins that succeed, with data after them. */
export function builds(world: World): void {
  const runner = world.lanAddress(16)
  const forge = world.site('git.example-forge.com')
  for (const atS of world.moments(90, 0, Math.min(world.seconds, 1800))) {
    const turns: Turn[] = [
      ...shellGreeting(world),
      { from: 'client', data: world.bytes(500) },
      { from: 'server', data: { bytes: world.whole(9_000, 60_000) } },
    ]
    world.tcp(world.lookUp(world.at(atS), runner, forge), world.outward(runner, forge, 22), turns)
  }
}

/** A mail server asks lists about the addresses that write to it: many names below one domain, most of which do not exist. */
export function listLookups(world: World): void {
  for (const atS of world.moments(200, 0, Math.min(world.seconds, 1800))) {
    const octets = Array.from({ length: 4 }, () => world.whole(1, 254)).join('.')
    const isListed = world.random() < 0.2
    world.ask(
      world.at(atS),
      world.server,
      `${octets}.zen.spamhaus.org`,
      'A',
      isListed ? [{ type: 'A', data: '127.0.0.2' }] : [],
      isListed ? 0 : 3,
    )
    if (world.random() < 0.5) world.ask(world.at(atS) + 90_000, world.server, `${octets}.in-addr.arpa`, 'PTR', [], 3)
    const sender = world.outsider()
    if (world.random() < 0.3) {
      const readyUs = world.at(atS) + 10_000
      const turns: Turn[] = [
        { from: 'server', data: '220 mx.corp.test ESMTP\r\n' },
        { from: 'client', data: 'EHLO mail\r\n' },
        { from: 'server', data: '250-mx.corp.test\r\n250 STARTTLS\r\n' },
        { from: 'client', data: 'STARTTLS\r\n' },
        { from: 'server', data: '220 go ahead\r\n' },
        ...secured(world, 'mx.corp.test', world.whole(900, 9_000), 200),
      ]
      world.tcp(
        readyUs,
        { client: sender, clientPort: world.port(), server: world.server, serverPort: 25, serverDelayUs: 300, clientDelayUs: 40_000 },
        turns,
      )
    }
  }
}

/** An endpoint scanner that asks its cloud by DNS: long labels of hexadecimal digits, no data behind them. */
export function reputationLookups(world: World): void {
  const zone = `avqs.${world.brand()}-av.com`
  for (const atS of world.moments(40)) {
    const name = `0.11-a3000081.c0b0083.1518.${characters(world.random, '0123456789abcdef', 4)}.2f4a.210.0.${characters(world.random, ALPHANUMERIC, 26)}.${zone}`
    world.ask(world.at(atS), world.pick(world.clients), name, 'A', [{ type: 'A', data: '127.0.0.128' }])
  }
}

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** TXT as it is asked for all day: rules and keys of mail (SPF, DKIM, DMARC), proofs of ownership, block lists with a reason, virus scanners. */
export function textLookups(world: World): void {
  const av = `sig.${world.brand()}-scan.com`
  const key = () => characters(world.random, `${ALPHANUMERIC}ABCDEFGHIJKLMNOPQRSTUVWXYZ+/`, 216)
  for (const atS of world.moments(90)) {
    const sender = domain(world.random)
    const selector = world.pick(['s1', 'selector2', 'k1', 'google', '20230601'])
    const ask = (afterMs: number, name: string, ...texts: string[]) =>
      world.ask(
        world.at(atS) + afterMs * 1000,
        world.server,
        name,
        'TXT',
        texts.map((data) => ({ type: 'TXT', data })),
      )
    ask(
      0,
      sender,
      `v=spf1 include:_spf.${sender} ip4:${world.outsider()} -all`,
      `google-site-verification=${key().slice(0, 43)}`,
      `MS=ms${world.whole(1e6, 9e7)}`,
    )
    ask(60, `${selector}._domainkey.${sender}`, `v=DKIM1;k=rsa;p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A${key()}${key()}`)
    ask(120, `_dmarc.${sender}`, `v=DMARC1; p=reject; rua=mailto:dmarc@${sender}`)
    // One operator signs for many: a name for each customer below one domain.
    ask(180, `${characters(world.random, ALPHANUMERIC, 12)}._domainkey.mailer-example.com`, `v=DKIM1;k=rsa;p=${key()}`)
    ask(
      240,
      `${world.whole(1, 254)}.2.0.192.bl.${world.pick(['example.net', 'rbl-example.org'])}`,
      `Listed, see https://www.example.net/lookup?ip=192.0.2.${world.whole(1, 254)}`,
    )
    world.ask(world.at(atS) + 300_000, world.pick(world.clients), `${characters(world.random, '0123456789abcdef', 6)}.${av}`, 'TXT', [
      { type: 'TXT', data: `r=0;ttl=3600;t=${characters(world.random, ALPHANUMERIC, 20)}` },
    ])
  }
}
