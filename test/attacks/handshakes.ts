// TLS as nobody should speak it any more: old versions, broken ciphers, certificates that nobody signed or that have run out.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { ciphertext } from '../../fixtures/generate/demo/office.ts'
import { hex, join, type Part, u16, u24 } from '../support/build.ts'
import { tlsClientHello, tlsRecord } from '../support/messages.ts'
import type { World } from './world.ts'

/** DER (X.690 8.1): tag, length, value. */
function der(tag: number, ...parts: Part[]): Uint8Array {
  const body = join(...parts)
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return join(tag, ...length, body)
}

const name = (common: string): Uint8Array => der(0x30, der(0x31, der(0x30, hex('06 03 55 04 03'), der(0x0c, common))))
const time = (us: number): Uint8Array => der(0x17, `${new Date(us / 1000).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`)

export interface CertificateOptions {
  subject: string
  issuer: string
  notBeforeUs: number
  notAfterUs: number
}

/** X.509 (RFC 5280 4.1) with a key and a signature that are only bytes: nobody here checks them. */
function certificate(world: World, { subject, issuer, notBeforeUs, notAfterUs }: CertificateOptions): Uint8Array {
  const algorithm = der(0x30, hex('06 09 2a864886f70d01010b 05 00'))
  const key = der(
    0x30,
    der(0x30, hex('06 09 2a864886f70d010101 05 00')),
    der(0x03, 0, der(0x30, der(0x02, 0, world.bytes(256)), hex('02 03 010001'))),
  )
  const alternative = der(0x30, hex('06 03 55 1d 11'), der(0x04, der(0x30, der(0x82, subject))))
  const body = der(
    0x30,
    hex('a0 03 02 01 02'),
    der(0x02, 1, world.bytes(8)),
    algorithm,
    name(issuer),
    der(0x30, time(notBeforeUs), time(notAfterUs)),
    name(subject),
    key,
    der(0xa3, der(0x30, alternative)),
  )
  return der(0x30, body, algorithm, der(0x03, 0, world.bytes(256)))
}

/** ServerHello of TLS 1.2 and before (RFC 5246 7.4.1.3), certificate and ServerHelloDone. */
function oldServerHello(world: World, version: number, cipher: number, certificates: Uint8Array[]): Uint8Array {
  const hello = join(u16(version), world.bytes(32), 0, u16(cipher), 0, u16(5), hex('ff01 0001 00'))
  const list = join(...certificates.flatMap((one) => [u24(one.length), one]))
  const message = (type: number, body: Uint8Array): Uint8Array => join(type, u24(body.length), body)
  return join(
    tlsRecord(22, message(2, hello), version),
    tlsRecord(22, message(11, join(u24(list.length), list)), version),
    tlsRecord(22, message(14, new Uint8Array(0)), version),
  )
}

export type Weakness = 'ssl 3.0' | 'tls 1.0' | 'tls 1.1' | 'rc4' | 'export' | 'null cipher' | 'expired' | 'self-signed'

const YEAR_US = 365 * 86_400_000_000

function handshake(world: World, serverName: string | undefined, version: number, cipher: number, certificates: Uint8Array[]): Turn[] {
  return [
    { from: 'client', data: tlsClientHello({ ...(serverName !== undefined && { serverName }), random: world.bytes(32) }) },
    { from: 'server', data: oldServerHello(world, version, cipher, certificates) },
    {
      from: 'client',
      data: join(tlsRecord(22, world.bytes(130), version), tlsRecord(20, hex('01'), version), tlsRecord(22, world.bytes(40), version)),
    },
    { from: 'server', data: join(tlsRecord(20, hex('01'), version), tlsRecord(22, world.bytes(40), version)) },
    { from: 'client', data: ciphertext(420) },
    { from: 'server', data: ciphertext(world.whole(900, 9_000)) },
  ]
}

export function weakTls(world: World, atS: number, weakness: Weakness, client = world.newcomer()): void {
  const site = world.site()
  const versions: Partial<Record<Weakness, number>> = { 'ssl 3.0': 0x0300, 'tls 1.0': 0x0301, 'tls 1.1': 0x0302 }
  const ciphers: Partial<Record<Weakness, number>> = { rc4: 0x0005, export: 0x0008, 'null cipher': 0x003b }
  const now = world.at(atS)
  const own = certificate(world, {
    subject: site.name,
    issuer: weakness === 'self-signed' ? site.name : 'Example Issuing CA 3',
    notBeforeUs: now - YEAR_US * (weakness === 'expired' ? 2 : 0.3),
    notAfterUs: weakness === 'expired' ? now - YEAR_US * 0.1 : now + YEAR_US * 0.6,
  })
  const turns = handshake(world, site.name, versions[weakness] ?? 0x0303, ciphers[weakness] ?? 0xc02f, [own])
  const visits = world.whole(1, 4)
  for (let visit = 0; visit < visits; visit++) {
    world.tcp(world.lookUp(world.at(atS + visit * 7), client, site), world.outward(client, site, 443), turns)
  }
  world.label('weak-tls', weakness, client, site.ip, atS, atS + visits * 7 + 8)
}

/** A remote control program that brings its default certificate, and calls home now and then. */
export function controlCertificate(world: World, atS: number, subject: string): void {
  const client = world.newcomer()
  const site = world.site()
  const now = world.at(atS)
  const own = certificate(world, { subject, issuer: subject, notBeforeUs: now - YEAR_US, notAfterUs: now + 9 * YEAR_US })
  const calls = world.whole(1, 3)
  for (let call = 0; call < calls; call++) {
    world.tcp(
      world.lookUp(world.at(atS + call * 9), client, site),
      world.outward(client, site, world.pick([443, 4782, 6606, 8808])),
      handshake(world, site.name, 0x0303, 0xc02f, [own]),
    )
  }
  world.label('control-certificate', subject, client, site.ip, atS, atS + calls * 9 + 8, ['unusual-port'])
}

/** A program calls an address, says no name, and takes whatever certificate its master made. */
export function namelessTls(world: World, atS: number, subject: string, port: number, calls: number): void {
  const client = world.newcomer()
  const ip = world.outsider()
  const now = world.at(atS)
  const own = certificate(world, { subject, issuer: subject, notBeforeUs: now - YEAR_US * 0.2, notAfterUs: now + 9 * YEAR_US })
  for (let call = 0; call < calls; call++) {
    const atUs = world.at(atS + call * world.between(15, 30))
    world.tcp(atUs, world.outward(client, { name: '', ip, rttMs: 60 }, port), handshake(world, undefined, 0x0303, 0xc02f, [own]))
  }
  // Where the capture has lost the ClientHello, nobody knows whether it named the server: the certificate is weak, then.
  world.label('nameless-tls', `${subject || 'no subject'} port ${port}, ${calls} calls`, client, ip, atS, atS + calls * 30 + 8, [
    'weak-tls',
    'unusual-port',
    'beacon',
  ])
}

/** What has no name, and what signs itself, for other reasons: a device of the LAN, a resolver called by address, mail of a small site. */
export function plainTls(world: World): void {
  const now = world.at(0)
  const years = { notBeforeUs: now - YEAR_US, notAfterUs: now + 2 * YEAR_US }
  const self = (subject: string) => certificate(world, { subject, issuer: subject, ...years })
  const device = { name: '', ip: world.lanAddress(14), rttMs: 0.5 }
  const resolver = { name: '', ip: world.outsider(), rttMs: 20 }
  const mail = { name: '', ip: world.outsider(), rttMs: 30 }
  const remote = { name: '', ip: world.outsider(), rttMs: 30 }
  for (const atS of world.moments(20)) {
    const client = world.pick(world.clients)
    world.tcp(world.at(atS), world.outward(client, device, 443), handshake(world, undefined, 0x0303, 0xc02f, [self('camera')]))
    const signed = certificate(world, { subject: 'dns.example', issuer: 'Example Issuing CA 3', ...years })
    world.tcp(world.at(atS) + 2e6, world.outward(client, resolver, 443), handshake(world, undefined, 0x0303, 0xc02f, [signed]))
    world.tcp(world.at(atS) + 4e6, world.outward(client, mail, 993), handshake(world, undefined, 0x0303, 0xc02f, [self('mail.example')]))
    world.tcp(
      world.at(atS) + 6e6,
      world.outward(client, remote, 443),
      handshake(world, 'nas.example.org', 0x0303, 0xc02f, [self('nas.example.org')]),
    )
  }
  for (const [{ ip }, reason] of [
    [mail, 'a small site signs its own certificate'],
    [remote, 'the same'],
    [device, 'the same'],
  ] as const) {
    for (const client of world.clients) world.allow('weak-tls', client, ip, reason)
  }
}

/** TLS 1.2 as it should be: a modern cipher, a certificate of somebody else's, in its time. */
export function soundTls(world: World, atS: number): void {
  const client = world.pick(world.clients)
  const site = world.site()
  const now = world.at(atS)
  const issuer = certificate(world, {
    subject: 'Example Issuing CA 3',
    issuer: 'Example Root',
    notBeforeUs: now - 4 * YEAR_US,
    notAfterUs: now + 6 * YEAR_US,
  })
  const own = certificate(world, {
    subject: site.name,
    issuer: 'Example Issuing CA 3',
    notBeforeUs: now - YEAR_US * 0.1,
    notAfterUs: now + YEAR_US * 0.15,
  })
  world.tcp(world.lookUp(now, client, site), world.outward(client, site, 443), handshake(world, site.name, 0x0303, 0xc02f, [own, issuer]))
}

/** DNS over HTTPS with a well-known resolver, or over TLS with any. */
export function encryptedDns(world: World, atS: number, resolver: string, port: 443 | 853): void {
  const client = world.newcomer()
  const site = world.site(resolver)
  const turns = world.tlsTurns(
    resolver,
    Array.from({ length: 6 }, () => ({ up: 180, down: 500 })),
  )
  world.tcp(world.lookUp(world.at(atS), client, site), world.outward(client, site, port), turns)
  world.label('encrypted-dns', `${resolver} port ${port}`, client, null, atS, atS + 10)
}
