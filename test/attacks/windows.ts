// Windows machines attacked over SMB and DCE/RPC, and the same protocols as domains use them all day.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { hex, join, u32 } from '../support/build.ts'
import { domainLogins } from './kerberos.ts'
import type { World } from './world.ts'

const le16 = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8)
const le32 = (value: number): Uint8Array => Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24)
const session = (message: Uint8Array): Uint8Array => join(u32(message.length), message)

/** A message of SMB 1 (MS-CIFS 2.2.3.1). */
const smb1 = (command: number, status: number, multiplex: number, body: Uint8Array): Uint8Array =>
  session(
    join(0xff, 'SMB', command, le32(status), 0x18, le16(0x2807), new Uint8Array(12), le16(8), le16(0xfeff), le16(8), le16(multiplex), body),
  )

/** A message of SMB 2 (MS-SMB2 2.2.1.2). */
const smb2 = (command: number, status: number, body: Uint8Array): Uint8Array =>
  session(join(0xfe, 'SMB', le16(64), le16(1), le32(status), le16(command), le16(1), new Uint8Array(48), body))

/** Bytes of a pipe (MS-SMB2 2.2.21). */
const write = (data: Uint8Array): Uint8Array => smb2(9, 0, join(le16(49), le16(112), le32(data.length), new Uint8Array(40), data))

const uuid = (text: string): Uint8Array => {
  const [a, b, c, d, e] = text.split('-').map(hex)
  return join(a.reverse(), b.reverse(), c.reverse(), d, e)
}
const NDR = uuid('8a885d04-1ceb-11c9-9fe8-08002b104860')

/** A PDU of DCE/RPC (C706 12.6.4). */
const pdu = (type: number, body: Uint8Array): Uint8Array =>
  join(5, 0, type, 3, hex('10000000'), le16(16 + body.length), le16(0), le32(1), body)
const bind = (id: string): Uint8Array =>
  pdu(11, join(le16(4280), le16(4280), le32(0), hex('01000000'), le16(0), hex('0100'), uuid(id), le32(1), NDR, le32(2)))
const request = (operation: number, stub: Uint8Array): Uint8Array => pdu(0, join(le32(stub.length), le16(0), le16(operation), stub))

const INTERFACES = {
  svcctl: '367abb81-9844-35f1-ad32-98f038001003',
  atsvc: '1ff70682-0a51-30e8-076d-740be8cee98b',
  schrpc: '86d35949-83c9-4044-b424-db363231fd0c',
  drsuapi: 'e3514235-4b06-11d1-ab04-00c04fc2dcd2',
  netlogon: '12345678-1234-abcd-ef00-01234567cffb',
  efsrpc: 'c681d488-d850-11d0-8c52-00c04fd90f7e',
  netdfs: '4fc742e0-4a10-11cf-8273-00aa004ae673',
  samr: '12345778-1234-abcd-ef00-0123456789ac',
  spoolss: '12345678-1234-abcd-ef00-0123456789ab',
  winreg: '338cd001-2244-31f1-aaaa-900038001003',
  wmi: '9556dc99-828c-11cf-a37e-00aa003240c7',
}

export interface Calls {
  interface: keyof typeof INTERFACES
  operations: number[]
  over: 'smb' | 'tcp'
}

function call(world: World, atUs: number, source: string, target: string, { interface: name, operations, over }: Calls): number {
  const wrap = over === 'smb' ? write : (data: Uint8Array): Uint8Array => data
  const messages = [bind(INTERFACES[name]), ...operations.map((operation) => request(operation, world.bytes(80)))]
  const accepted = smb2(1, 0, new Uint8Array(16))
  const turns: Turn[] = [
    ...(over === 'tcp'
      ? []
      : ([
          { from: 'client', data: smb2(0, 0, world.bytes(40)) },
          { from: 'server', data: smb2(0, 0, world.bytes(60)) },
          { from: 'client', data: smb2(1, 0, world.bytes(90)) },
          { from: 'server', data: accepted },
        ] as Turn[])),
    ...messages.flatMap((message): Turn[] => [
      { from: 'client', data: wrap(message), afterUs: 3_000 },
      { from: 'server', data: over === 'smb' ? smb2(9, 0, new Uint8Array(17)) : pdu(2, world.bytes(40)) },
    ]),
  ]
  const port = over === 'smb' ? 445 : 49_667
  return world.tcp(atUs, world.outward(source, { name: '', ip: target, rttMs: 0.4 }, port), turns)
}

/** The same calls on two connections, as tools make them that try one way after the other. */
export function repeatedProcedures(world: World, atS: number, calls: Calls): void {
  const source = world.newcomer()
  call(world, world.at(atS + 3), source, world.server, calls)
  remoteProcedures(world, atS, calls, source)
}

export function remoteProcedures(world: World, atS: number, calls: Calls, source = world.newcomer(), target = world.server): void {
  call(world, world.at(atS), source, target, calls)
  const variant = `${calls.interface} ${calls.operations[0]} over ${calls.over}`
  world.label('remote-administration', variant, source, target, atS, atS + 8, ['unusual-port'])
}

export type Exploit = 'exploit' | 'test' | 'implant'

export function smbExploit(world: World, atS: number, kind: Exploit): void {
  const source = world.newcomer()
  const negotiate: Turn[] = [
    { from: 'client', data: smb1(0x72, 0, 64, world.bytes(40)) },
    { from: 'server', data: smb1(0x72, 0, 64, world.bytes(60)) },
    { from: 'client', data: smb1(0x73, 0, 64, world.bytes(40)) },
    { from: 'server', data: smb1(0x73, 0, 64, world.bytes(40)) },
  ]
  const ends: Record<Exploit, Turn[]> = {
    exploit: [
      { from: 'client', data: smb1(0xa0, 0, 64, world.bytes(900)) },
      { from: 'server', data: smb1(0xa0, 0, 64, world.bytes(3)) },
      ...Array.from({ length: 6 }, (): Turn => ({ from: 'client', data: smb1(0x33, 0, 64, world.bytes(900)) })),
    ],
    test: [
      { from: 'client', data: smb1(0x25, 0, 64, world.bytes(44)) },
      { from: 'server', data: smb1(0x25, 0xc0000205, 64, hex('000000')) },
    ],
    implant: [
      { from: 'client', data: smb1(0x32, 0, 0x41, world.bytes(44)) },
      { from: 'server', data: smb1(0x32, 0xc0000002, 0x51, hex('000000')) },
    ],
  }
  world.tcp(world.at(atS), world.outward(source, { name: '', ip: world.server, rttMs: 0.4 }, 445), [...negotiate, ...ends[kind]])
  world.label('smb-exploit', kind, source, world.server, atS, atS + 5)
}

/** Clients print, and a monitor reads registries and asks WMI. */
function managedDay(world: World, server: string): void {
  const monitor = world.lanAddress(5)
  for (const client of world.clients.slice(0, 3)) {
    for (const operations of [
      [69, 8, 26, 65],
      [69, 65, 17, 19, 23, 29],
    ])
      for (const atS of world.moments(2)) call(world, world.at(atS), client, server, { interface: 'spoolss', operations, over: 'smb' })
    for (const atS of world.moments(4)) {
      call(world, world.at(atS), monitor, client, { interface: 'winreg', operations: [2, 15, 16, 17, 5], over: 'smb' })
      call(world, world.at(atS + 1), monitor, client, { interface: 'wmi', operations: [6, 20], over: 'tcp' })
    }
  }
}

/** A domain at work: controllers replicate, machines log in, directories are asked, files are copied. */
export function domainDay(world: World): void {
  const [one, other] = [world.lanAddress(11), world.lanAddress(233)]
  domainLogins(world, one)
  for (const controller of [one, other]) {
    const turns: Turn[] = [
      { from: 'client', data: join(u32(230), 0x6c, world.bytes(229)) },
      { from: 'server', data: join(u32(900), 0x6d, world.bytes(899)) },
    ]
    world.tcp(world.at(3), world.outward(world.pick(world.clients), { name: '', ip: controller, rttMs: 0.4 }, 88), turns)
  }
  for (const atS of world.moments(30)) call(world, world.at(atS), one, other, { interface: 'drsuapi', operations: [0, 3, 3], over: 'tcp' })
  for (const client of world.clients) {
    for (const atS of world.moments(6)) call(world, world.at(atS), client, one, { interface: 'netlogon', operations: [4, 26], over: 'tcp' })
    for (const atS of world.moments(6)) call(world, world.at(atS), client, one, { interface: 'samr', operations: [64, 5, 34], over: 'smb' })
    // A program that lists the services of a server, and one that asks for the state of one.
    for (const atS of world.moments(2)) call(world, world.at(atS), client, one, { interface: 'svcctl', operations: [15, 14], over: 'smb' })
  }
  managedDay(world, one)
  const turns: Turn[] = Array.from({ length: 12 }, (_, i): Turn[] => [
    { from: 'client', data: smb1([0xa0, 0xa1, 0x32, 0x33][i % 4], 0, i, world.bytes(300)) },
    { from: 'server', data: smb1([0xa0, 0xa0, 0x32, 0x32][i % 4], 0, i, world.bytes(60)) },
  ]).flat()
  for (const atS of world.moments(4))
    world.tcp(world.at(atS), world.outward(world.pick(world.clients), { name: '', ip: one, rttMs: 0.4 }, 445), turns)
}
