// Logins that anyone on the way can read, and others on the same services that tell nobody the secret.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { hex, join, udp } from '../support/build.ts'
import { attempt, dialogue } from './logins.ts'
import type { World } from './world.ts'

export type ClearService = 'ftp' | 'telnet' | 'http-basic' | 'http-form' | 'pop3' | 'imap' | 'smtp-plain' | 'smtp-login' | 'ldap' | 'snmp'
const CLEAR_PORTS: Record<ClearService, number> = {
  ftp: 21,
  telnet: 23,
  'http-basic': 80,
  'http-form': 8080,
  pop3: 110,
  imap: 143,
  'smtp-plain': 25,
  'smtp-login': 587,
  ldap: 389,
  snmp: 161,
}

/** One login that can be read on the wire, and some work after it. */
export function clearLogin(world: World, atS: number, service: ClearService, isOutward: boolean): void {
  const client = world.newcomer()
  const site = isOutward ? world.site(`${service}.${world.brand()}.com`) : { name: 'old.corp.test', ip: world.newcomer(), rttMs: 0.5 }
  const startUs = isOutward ? world.lookUp(world.at(atS), client, site) : world.at(atS)
  if (service === 'snmp') {
    const pdu = hex('30 29 02 01 01 04 06 7075626c6963 a0 1c 02 04 12345678 02 01 00 02 01 00 30 0e 30 0c 06 08 2b06010201010500 05 00')
    const port = world.port()
    for (let count = 0; count < 5; count++) {
      world.add(startUs + count * 2_000_000, client, site.ip, udp(port, 161, pdu))
      world.add(startUs + count * 2_000_000 + 900, site.ip, client, udp(161, port, join(pdu.slice(0, 13), 0xa2, pdu.slice(14))))
    }
  } else {
    const turns: Record<Exclude<ClearService, 'snmp'>, () => Turn[]> = {
      ftp: () => attempt(world, 'ftp', true),
      telnet: () => attempt(world, 'telnet', true),
      pop3: () => attempt(world, 'pop3', true),
      imap: () => attempt(world, 'imap', true),
      'smtp-login': () => attempt(world, 'smtp', true),
      'smtp-plain': () =>
        dialogue(
          world,
          [
            ['EHLO me\r\n', '250-mx\r\n250 AUTH PLAIN\r\n'],
            [`AUTH PLAIN ${btoa('\0info\0secret-word')}\r\n`, '235 2.7.0 ok\r\n'],
          ],
          '220 mx ESMTP\r\n',
        ),
      'http-basic': () =>
        dialogue(world, [
          [
            `GET /admin HTTP/1.1\r\nHost: ${site.name}\r\nAuthorization: Basic ${btoa('admin:secret-word')}\r\n\r\n`,
            'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
          ],
        ]),
      'http-form': () => {
        const body = 'username=admin&password=secret-word&login=1'
        return dialogue(world, [
          [
            `POST /login HTTP/1.1\r\nHost: ${site.name}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
            'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n',
          ],
        ])
      },
      ldap: () => {
        const name = 'cn=admin,dc=corp,dc=test'
        const bind = join(hex('02 01 03 04'), name.length, name, hex('80 0b'), 'secret-word')
        const message = join(hex('02 01 01 60'), bind.length, bind)
        return dialogue(world, [[join(0x30, message.length, message), hex('30 0c 02 01 01 61 07 0a 01 00 04 00 04 00')]])
      },
    }
    world.tcp(startUs, world.outward(client, site, CLEAR_PORTS[service]), turns[service](), 'fin')
  }
  world.label('clear-text-login', service, client, site.ip, atS, atS + 15)
}

/** Logins on the same services that tell nobody the secret: challenge and response, or nothing to keep secret. */
export function guardedLogins(world: World, atS: number): void {
  const client = world.newcomer()
  const site = { name: 'mail.corp.test', ip: world.newcomer(), rttMs: 0.5 }
  const speak = (port: number, turns: Turn[]): void => {
    world.tcp(world.at(atS), world.outward(client, site, port), turns)
  }
  speak(
    110,
    dialogue(
      world,
      [
        ['APOP info c4c9334bac560ecc979e58001b3e22fb\r\n', '+OK\r\n'],
        ['STAT\r\n', '+OK 0 0\r\n'],
      ],
      '+OK <1896.697170952@mail>\r\n',
    ),
  )
  speak(
    143,
    dialogue(
      world,
      [
        ['a1 AUTHENTICATE CRAM-MD5\r\n', '+ PDE4OTYuNjk3MTcwOTUyQG1haWw+\r\n'],
        ['aW5mbyBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA==\r\n', 'a1 OK\r\n'],
      ],
      '* OK\r\n',
    ),
  )
  speak(
    25,
    dialogue(
      world,
      [
        ['EHLO me\r\n', '250 mx\r\n'],
        ['MAIL FROM:<a@corp.test>\r\n', '250 ok\r\n'],
        ['QUIT\r\n', '221 bye\r\n'],
      ],
      '220 mx\r\n',
    ),
  )
  const digest = 'Authorization: Digest username="admin", realm="x", nonce="abc", uri="/", response="6629fae49393a05397450978507c4ef1"'
  speak(
    80,
    dialogue(world, [[`GET / HTTP/1.1\r\nHost: mail.corp.test\r\n${digest}\r\n\r\n`, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']]),
  )
}
