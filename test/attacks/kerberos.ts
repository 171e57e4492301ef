// Accounts guessed and tickets collected at a Kerberos server, and the logins of a domain as they are every day (RFC 4120 5.4, 5.9).
import { hex, join, u32 } from '../support/build.ts'
import { der, principal, string } from '../support/windows-logins.ts'
import { characters } from './vocabulary.ts'
import type { World } from './world.ts'

const REALM = 'CORP.EXAMPLE'
const RC4 = 23
const AES256 = 18
const PREAUTH_REQUIRED = 25
const PREAUTH_FAILED = 24
const UNKNOWN = 6
/** What Windows 10 offers. */
const ORDINARY = [18, 17, 23, 24, -135]

const integer = (value: number) => der(0x02, value < -128 ? join(value >> 8, value & 255) : value & 255)
const version = (type: number) => join(der(0xa1, integer(5)), der(0xa2, integer(type)))
const replyVersion = (type: number) => join(der(0xa0, integer(5)), der(0xa1, integer(type)))
const time = (tag: number) => der(tag, der(0x18, '20370913024805Z'))
const encrypted = (type: number, data: Uint8Array) => der(0x30, der(0xa0, integer(type)), der(0xa2, der(0x04, data)))

/** @param proof an encrypted time, else only PA-PAC-REQUEST */
function asRequest(world: World, account: string, proof: boolean, encryptions = ORDINARY): Uint8Array {
  const padata = (type: number, value: Uint8Array) => der(0x30, der(0xa1, integer(type)), der(0xa2, der(0x04, value)))
  const proofs = proof ? [padata(2, encrypted(encryptions[0], world.bytes(56)))] : []
  const body = der(
    0x30,
    der(0xa0, hex('03 05 00 40 81 00 10')),
    der(0xa1, principal(account)),
    der(0xa2, string(REALM)),
    der(0xa3, principal('krbtgt', REALM)),
    time(0xa5),
    der(0xa7, integer(77)),
    der(0xa8, der(0x30, ...encryptions.map(integer))),
  )
  const proofsAndPac = der(0x30, ...proofs, padata(128, hex('30 05 a0 03 01 01 ff')))
  return der(0x6a, der(0x30, version(10), der(0xa3, proofsAndPac), der(0xa4, body)))
}

/** As Windows answers: without the name of the client. */
function error(code: number): Uint8Array {
  const service = principal('krbtgt', REALM)
  const body = der(
    0x30,
    replyVersion(30),
    time(0xa4),
    der(0xa5, integer(1)),
    der(0xa6, integer(code)),
    der(0xa9, string(REALM)),
    der(0xaa, service),
  )
  return der(0x7e, body)
}

function reply(world: World, tag: number, client: string, service: string[], encryption: number): Uint8Array {
  const ticket = der(
    0x61,
    der(
      0x30,
      der(0xa0, integer(5)),
      der(0xa1, string(REALM)),
      der(0xa2, principal(...service)),
      der(0xa3, encrypted(encryption, world.bytes(900))),
    ),
  )
  const names = [der(0xa3, string(REALM)), der(0xa4, principal(client))]
  return der(
    tag,
    der(0x30, replyVersion(tag === 0x6b ? 11 : 13), ...names, der(0xa5, ticket), der(0xa6, encrypted(AES256, world.bytes(200)))),
  )
}

/** A request for a service's ticket: its ticket-granting ticket fills more than a segment. */
function tgsRequest(world: World): Uint8Array {
  return der(0x6c, der(0x30, version(12), der(0xa3, der(0x30, world.bytes(1_700))), der(0xa4, der(0x30, world.bytes(90)))))
}

export type Carrier = 'udp' | 'tcp'

/** One question and its answer, in a conversation of its own. */
function exchange(
  world: World,
  atS: number,
  client: string,
  server: string,
  over: Carrier,
  question: Uint8Array,
  answer: Uint8Array,
): void {
  if (over === 'tcp') {
    world.tcp(world.at(atS), world.outward(client, { name: '', ip: server, rttMs: 0.4 }, 88), [
      { from: 'client', data: join(u32(question.length), question) },
      { from: 'server', data: join(u32(answer.length), answer) },
    ])
    return
  }
  const port = world.port()
  world.udp(world.at(atS), client, port, server, 88, question)
  world.udp(world.at(atS + 0.001), server, 88, client, port, answer)
}

const account = (world: World): string =>
  `${characters(world.random, 'abcdefghijklmnop', 6)}.${characters(world.random, 'abcdefghijklmnop', 5)}`

export interface KerberosAttack {
  kind: 'spray' | 'guess' | 'names' | 'kerberoast' | 'as-rep'
  names: number
  /** Between two. */
  seconds: number
  over: Carrier
  /** One password fits. */
  isLucky?: boolean
}

export function kerberosAttack(world: World, atS: number, { kind, names, seconds, over, isLucky }: KerberosAttack): void {
  const source = world.newcomer()
  const server = world.server
  const one = account(world)
  for (let i = 0; i < names; i++) {
    const name = kind === 'guess' ? one : account(world)
    const [question, answer] = {
      spray: () => [asRequest(world, name, true), error(PREAUTH_FAILED)],
      guess: () => [asRequest(world, name, true), error(PREAUTH_FAILED)],
      names: () => [asRequest(world, name, false), error(UNKNOWN)],
      kerberoast: () => [tgsRequest(world), reply(world, 0x6d, one, i % 2 === 0 ? ['MSSQLSvc', `${name}.corp.example:1433`] : [name], RC4)],
      'as-rep': () => [asRequest(world, name, false, [RC4]), reply(world, 0x6b, name, ['krbtgt', REALM], AES256)],
    }[kind]()
    exchange(world, atS + i * seconds, source, server, over, question, answer)
  }
  if (isLucky === true) {
    const fits = kind === 'guess' ? one : account(world)
    const afterS = kind === 'guess' ? names * seconds : (names - 1.5) * seconds
    exchange(world, atS + afterS, source, server, over, asRequest(world, fits, true), reply(world, 0x6b, fits, ['krbtgt', REALM], AES256))
  }
  world.label('kerberos-attack', `${kind}, ${names} over ${over}`, source, server, atS, atS + names * seconds + 2)
}

/** Logins of a domain: most are proved at the second try, tickets are for AES but for a database, passwords are mistyped. */
export function domainLogins(world: World, controller: string): void {
  for (const client of world.clients) {
    const people = [account(world), account(world)]
    for (const atS of world.moments(4)) {
      const name = world.pick(people)
      const over = world.pick<Carrier>(['udp', 'tcp'])
      const ask = (afterS: number, question: Uint8Array, answer: Uint8Array) =>
        exchange(world, atS + afterS, client, controller, over, question, answer)
      ask(0, asRequest(world, name, false), error(PREAUTH_REQUIRED))
      const mistakes = world.whole(0, 2)
      for (let i = 0; i < mistakes; i++) ask(0.1 + i * 4, asRequest(world, name, true), error(PREAUTH_FAILED))
      ask(9, asRequest(world, name, true), reply(world, 0x6b, name, ['krbtgt', REALM], AES256))
      for (const [i, service] of ['ldap', 'cifs', 'host', 'HTTP', 'LDAP'].entries())
        ask(9.1 + i / 10, tgsRequest(world), reply(world, 0x6d, name, [service, 'dc1.corp.example'], AES256))
      ask(10, tgsRequest(world), reply(world, 0x6d, name, ['MSSQLSvc', 'db.corp.example:1433'], RC4))
    }
  }
  // A terminal server: everybody works there, everybody mistypes.
  const shared = world.clients[0]
  for (const [i, name] of Array.from({ length: 12 }, () => account(world)).entries()) {
    exchange(world, 30 + i * 9, shared, controller, 'udp', asRequest(world, name, true), error(PREAUTH_FAILED))
    exchange(
      world,
      36 + i * 9,
      shared,
      controller,
      'udp',
      asRequest(world, name, true),
      reply(world, 0x6b, name, ['krbtgt', REALM], AES256),
    )
  }
  // A service whose password was changed tries again and again; a printer that was never in the domain asks for an account that is none.
  for (const atS of world.moments(20)) {
    exchange(world, atS, world.clients[0], controller, 'udp', asRequest(world, 'svc-backup', true), error(PREAUTH_FAILED))
    exchange(world, atS + 1, world.clients[0], controller, 'udp', asRequest(world, 'scanner', false), error(UNKNOWN))
  }
  // An old member of the domain: RC4 for the services of machines.
  const old = world.clients[world.clients.length - 1]
  for (const [i, service] of ['cifs', 'ldap', 'host', 'RPCSS', 'DNS', 'PC-5$'].entries())
    exchange(world, 60 + i, old, controller, 'tcp', tgsRequest(world), reply(world, 0x6d, 'old', [service, 'dc1.corp.example'], RC4))
}
