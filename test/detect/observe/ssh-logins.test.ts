// Lengths of segments as OpenSSH 9.2 sends them to its own client and to those of libssh and libssh2.
import { expect, it } from 'vitest'
import { AnsweredLogins } from '../../../src/detect/observe/answered-logins.ts'
import { SshLogins } from '../../../src/detect/observe/ssh-logins.ts'
import { join, u32 } from '../../support/build.ts'
import { conversation, observe } from '../../support/observations.ts'

type Turn = ['client' | 'server', Uint8Array]

/** A packet before the keys (RFC 4253 6): its length, that of its padding, the number of the message. */
const plain = (message: number, length: number): Uint8Array => join(u32(length - 4), 6, message, new Uint8Array(length - 6))
const server = (length: number): Turn => ['server', new Uint8Array(length).fill(0xa7)]
const client = (length: number): Turn => ['client', new Uint8Array(length).fill(0x5c)]
const banner = (name: string): Uint8Array => join(`SSH-2.0-${name}\r\n`)

/** @param more of the server's segment with its keys, encrypted already */
const exchange = (more = 0): Turn[] => [
  ['client', banner('libssh2_1.10.0')],
  ['server', banner('OpenSSH_9.2p1')],
  ['server', plain(20, 1136)],
  client(1128),
  client(48),
  ['server', join(plain(31, 200), plain(21, 16), new Uint8Array(more).fill(0xa7))],
]

const accepted = (turns: Turn[], port = 22): number[] => observe(conversation(port, turns)).answeredLogins.map((row) => row.accepted)

it.each<[string, number[], number[]]>([
  ['ChaCha20, a key', [44, 76, 100, 28, 776], [1]],
  ['ChaCha20, a password after three wrong ones', [44, 76, 76, 76, 76, 28, 628], [1]],
  ['AES with HMAC-SHA-256, a password', [64, 96, 48], [1]],
  ['ChaCha20, six wrong passwords', [44, 76, 76, 76, 76, 76, 76, 116], []],
  ['a server that offers passwords only, refused', [44, 44, 44, 44], []],
  ['AES with HMAC-SHA-256, refused', [64, 96, 96, 96, 96, 80], []],
])('%s', (_, lengths, expected) => {
  expect(accepted([...exchange(), ...lengths.flatMap((length) => [client(60), server(length)])])).toEqual(expected)
  expect(accepted([...exchange(116), ...lengths.flatMap((length) => [client(60), server(length)])], 2222)).toEqual(expected)
})

it('packets of the key exchange that span segments are followed; lengths that cannot be are not', () => {
  const long = plain(31, 2000)
  const spans = (second: Uint8Array): Turn[] => [
    ...exchange().slice(0, 5),
    ['server', long.slice(0, 1448)],
    ['server', second],
    ...[44, 76, 28].flatMap((length) => [client(60), server(length)]),
  ]
  expect(accepted(spans(join(long.slice(1448), plain(21, 16))))).toEqual([1])
  expect(accepted(spans(join(long.slice(1448), plain(21, 16).fill(0xff, 0, 4))))).toEqual([])
})

it('a login is known as accepted after any number of conversations that were given up before', () => {
  const found: number[] = []
  const logins = new AnsweredLogins()
  logins.accept = (flow) => found.push(flow)
  const ssh = new SshLogins(logins)
  const inspect = (flow: number, bytes: Uint8Array) => ssh.inspect(flow, bytes, 0, bytes.length)
  for (let flow = 0; flow < 60_000; flow++) inspect(flow, banner('OpenSSH_9.2p1'))
  for (const [from, bytes] of exchange()) if (from === 'server') inspect(60_000, bytes)
  for (const length of [44, 76, 28]) inspect(60_000, new Uint8Array(length))
  expect(found).toEqual([60_000])
})
