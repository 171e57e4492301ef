// Guessing passwords, service by service, until one fits or not.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { hex, join, u32 } from '../support/build.ts'
import { shellGreeting } from './background/people.ts'
import { characters } from './vocabulary.ts'
import type { World } from './world.ts'

export type Service = 'ssh' | 'rdp' | 'ftp' | 'telnet' | 'smtp' | 'pop3' | 'imap' | 'mysql' | 'mssql' | 'postgresql' | 'vnc' | 'smb'

const PORTS: Record<Service, number> = {
  ssh: 22,
  rdp: 3389,
  ftp: 21,
  telnet: 23,
  smtp: 587,
  pop3: 110,
  imap: 143,
  mysql: 3306,
  mssql: 1433,
  postgresql: 5432,
  vnc: 5900,
  smb: 445,
}
/** Services whose password can be read: guessing there shows credentials too. */
const IN_THE_CLEAR: Service[] = ['ftp', 'telnet', 'smtp', 'pop3', 'imap']

export const dialogue = (world: World, lines: [string | Uint8Array, string | Uint8Array][], greeting?: string | Uint8Array): Turn[] => [
  ...(greeting === undefined ? [] : [{ from: 'server' as const, data: greeting }]),
  ...lines.flatMap(([question, answer]): Turn[] => [
    { from: 'client', data: question, afterUs: world.between(500, 9_000) },
    { from: 'server', data: answer, afterUs: world.between(500, 90_000) },
  ]),
]

/** One attempt, let in or not. */
export function attempt(world: World, service: Service, isRight: boolean): Turn[] {
  const secret = characters(world.random, 'abcdefghijk123', 8)
  const say = (yes: string, no: string): string => (isRight ? yes : no)
  switch (service) {
    case 'ssh':
      return [...shellGreeting(world), ...dialogue(world, [[world.bytes(148), world.bytes(isRight ? 28 : 52)]])]
    case 'rdp':
      return dialogue(world, [
        [
          join(hex('0300002f 2ae00000000000'), 'Cookie: mstshash=admin\r\n', hex('0100080003000000')),
          hex('0300001302d000001234000209080002000000'),
        ],
        [join(hex('160303 0100'), world.bytes(256)), join(hex('160303 03a0'), world.bytes(928))],
        [join(hex('160303 0060'), world.bytes(96)), join(hex('140303 0001 01 160303 0030'), world.bytes(48))],
        [join(hex('170303 0140'), world.bytes(320)), join(hex('170303 0050'), world.bytes(80))],
      ])
    case 'ftp':
      return dialogue(
        world,
        [
          ['USER admin\r\n', '331 Password required\r\n'],
          [`PASS ${secret}\r\n`, say('230 Logged in\r\n', '530 Login incorrect\r\n')],
        ],
        '220 FTP ready\r\n',
      )
    case 'telnet':
      return dialogue(
        world,
        [
          ['root\r\n', 'Password: '],
          [`${secret}\r\n`, say('Last login: today\r\n$ ', '\r\nLogin incorrect\r\nlogin: ')],
        ],
        'login: ',
      )
    case 'smtp':
      return dialogue(
        world,
        [
          ['EHLO mail\r\n', '250-mx\r\n250 AUTH LOGIN PLAIN\r\n'],
          ['AUTH LOGIN\r\n', '334 VXNlcm5hbWU6\r\n'],
          ['aW5mbw==\r\n', '334 UGFzc3dvcmQ6\r\n'],
          [`${btoa(secret)}\r\n`, say('235 2.7.0 ok\r\n', '535 5.7.8 authentication failed\r\n')],
        ],
        '220 mx ESMTP\r\n',
      )
    case 'pop3':
      return dialogue(
        world,
        [
          ['USER info\r\n', '+OK\r\n'],
          [`PASS ${secret}\r\n`, say('+OK maildrop ready\r\n', '-ERR authentication failed\r\n')],
        ],
        '+OK POP3\r\n',
      )
    case 'imap':
      return dialogue(
        world,
        [[`a1 LOGIN info ${secret}\r\n`, say('a1 OK done\r\n', 'a1 NO [AUTHENTICATIONFAILED] failed\r\n')]],
        '* OK IMAP4rev1\r\n',
      )
    case 'mysql':
      return dialogue(
        world,
        [
          [
            join(hex('b40000 01 85a6ff01 00000001 2d'), new Uint8Array(23), 'root\0', 20, world.bytes(20)),
            isRight ? hex('070000 02 00 00 00 02 00 00 00') : join(hex('480000 02 ff 1504'), "#28000Access denied for user 'root'"),
          ],
        ],
        join(hex('4a0000 00 0a'), '8.0.36\0', world.bytes(66)),
      )
    case 'mssql':
      return dialogue(world, [
        [hex('1201002f0000010000001a00060100200001020021000103002200040400260001ff'), hex('0401002b00000100')],
        [join(hex('100100e000000100'), world.bytes(216)), join(hex('0401006000000100'), isRight ? hex('ad') : hex('aa'), world.bytes(88))],
      ])
    case 'postgresql':
      return dialogue(world, [
        [join(u32(41), u32(196608), 'user\0postgres\0database\0postgres\0\0'), hex('52 0000000c 00000005 01020304')],
        [
          join('p', u32(40), 'md5', characters(world.random, '0123456789abcdef', 32), 0),
          isRight ? hex('52 00000008 00000000') : join('E', u32(90), 'SFATAL\0C28P01\0Mpassword authentication failed\0\0'),
        ],
      ])
    case 'vnc':
      return dialogue(
        world,
        [
          ['RFB 003.008\n', hex('01 02')],
          [hex('02'), world.bytes(16)],
          [world.bytes(16), isRight ? u32(0) : u32(1)],
        ],
        'RFB 003.008\n',
      )
    case 'smb':
      return dialogue(world, [
        [join(u32(0x6c), 0xfe, 'SMB', world.bytes(104)), join(u32(0xe0), 0xfe, 'SMB', world.bytes(220))],
        [join(u32(0xa0), 0xfe, 'SMB', world.bytes(156)), join(u32(0x110), 0xfe, 'SMB', world.bytes(268))],
        [
          join(u32(0x200), 0xfe, 'SMB', world.bytes(508)),
          join(u32(0x4c), 0xfe, 'SMB', hex('40000100'), isRight ? u32(0) : hex('6d0000c0'), hex('0100 0100'), world.bytes(60)),
        ],
      ])
  }
}

export interface Guessing {
  service: Service
  /** Where the service listens; its usual port by default. */
  port?: number
  attempts: number
  perSecond: number
  succeeds: boolean
  from: 'inside' | 'outside'
}

export function bruteForce(
  world: World,
  atS: number,
  { service, port = PORTS[service], attempts, perSecond, succeeds, from }: Guessing,
): void {
  const source = from === 'inside' ? world.newcomer() : world.outsider()
  const target = from === 'inside' ? world.lanAddress(14) : world.server
  const delayUs = from === 'inside' ? 300 : world.whole(20_000, 120_000)
  const ends = (): Parameters<World['tcp']>[1] => ({
    client: source,
    clientPort: world.port(),
    server: target,
    serverPort: port,
    serverDelayUs: 300,
    clientDelayUs: delayUs,
  })
  let now = world.at(atS)
  for (let count = 0; count < attempts; count++) {
    world.tcp(now, ends(), attempt(world, service, false), world.pick(['fin', 'fin', 'server reset']))
    now += (1_000_000 / perSecond) * world.between(0.7, 1.3)
  }
  if (succeeds) {
    const work = Array.from({ length: 30 }, (): Turn[] => [
      { from: 'client', data: world.bytes(60), afterUs: 1_000_000 },
      { from: 'server', data: world.bytes(world.whole(200, 3_000)) },
    ])
    now = world.tcp(now, ends(), [...attempt(world, service, true), ...work.flat()])
  }
  // A program that guesses at a steady pace is a rhythm, too.
  const also = IN_THE_CLEAR.includes(service) ? ['beacon', 'clear-text-login', 'unusual-port'] : ['beacon', 'unusual-port']
  const variant = `${service} port ${port} ${attempts} attempts ${perSecond}/s${succeeds ? ' then success' : ''}`
  world.label('brute-force', variant, source, target, atS, atS + (now - world.at(atS)) / 1_000_000, also)
  if (IN_THE_CLEAR.includes(service))
    world.label('clear-text-login', `${service} guessed`, source, target, atS, atS + (now - world.at(atS)) / 1_000_000)
}
