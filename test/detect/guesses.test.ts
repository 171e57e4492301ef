// Guesses as programs make them: several passwords in one connection, until the server ends it. The dialogue is vsftpd's, the delays are OpenSSH's.
import { describe, expect, test } from 'vitest'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { type FoundFinding, findingsOf } from '../evaluate/findings.ts'
import { type Layer, tcp } from '../support/build.ts'

/** Seconds, whether the server sends it, the segment. */
type Packets = [number, boolean, Layer][]
const count = (n: number) => Array.from({ length: n }, (_, i) => i)

/** A connection with these payloads, "<" from the server, a line in 0.1 s, then `seconds` until its end. */
function connection(atS: number, from: number, port: number, lines: string[], seconds = 0): Packets {
  const sequence = { client: 1001, server: 5001 }
  let nowS = atS
  const send = (isServer: boolean, flags: string, payload = ''): Packets[number] => {
    const own = isServer ? 'server' : 'client'
    const more = { sequence: sequence[own] }
    sequence[own] += payload.length
    nowS += 0.1
    return [nowS, isServer, isServer ? tcp(port, from, flags, payload, more) : tcp(from, port, flags, payload, more)]
  }
  const opened: Packets = [
    [atS, false, tcp(from, port, 'S', '', { sequence: 1000 })],
    [atS + 0.01, true, tcp(port, from, 'SA', '', { sequence: 5000 })],
    [atS + 0.02, false, tcp(from, port, 'A', '', { sequence: 1001 })],
  ]
  const said = lines.map((line) => send(line.startsWith('<'), 'PA', line.replace('<', '')))
  nowS += seconds
  return [...opened, ...said, send(false, 'FA'), send(true, 'FA')]
}

const refused = ['USER walter\r\n', '<331 Please specify the password.\r\n', 'PASS guess\r\n', '<530 Login incorrect.\r\n']
const accepted = [...refused.slice(0, 3), '<230 Login successful.\r\n']
const ftp = (atS: number, from: number, ...logins: string[][]): Packets =>
  connection(atS, from, 21, ['<220 (vsFTPd 3.0.3)\r\n', ...logins.flat()])
const times = (n: number, login: string[]): string[][] => count(n).map(() => login)

describe('several guesses in a connection', () => {
  async function guesses(packets: Packets): Promise<FoundFinding[]> {
    const world = new World({ seed: 7, seconds: 3700, loss: 0, isBehindNat: false })
    const [guesser, server] = [world.lanAddress(77), world.lanAddress(78)]
    for (const [atS, isServer, segment] of packets) {
      world.add(world.at(atS), isServer ? server : guesser, isServer ? guesser : server, segment)
    }
    return (await findingsOf(written(world.sorted()))).findings.filter(({ rule }) => rule === 'brute-force')
  }

  test('twenty in two connections are found, nineteen are not', async () => {
    const found = await guesses([...ftp(0, 40_001, ...times(10, refused)), ...ftp(20, 40_002, ...times(10, refused))])
    expect(found).toMatchObject([{ severity: 'medium', title: expect.stringMatching(/77 tried to log in to .*78 \(ftp\) 20 times in /) }])
    expect(await guesses([...ftp(0, 40_001, ...times(10, refused)), ...ftp(20, 40_002, ...times(9, refused))])).toEqual([])
  })

  test('one that gets in at the end is of high severity', async () => {
    const packets = [...ftp(0, 40_001, ...times(12, refused)), ...ftp(20, 40_002, ...times(9, refused), accepted)]
    expect(await guesses(packets)).toMatchObject([{ severity: 'high' }])
  })

  test('people who mistype and then get in are none, however many; nor are twenty refusals in an hour', async () => {
    expect(await guesses(count(30).flatMap((i) => ftp(i * 9, 40_001 + i, refused, accepted)))).toEqual([])
    expect(await guesses(count(10).flatMap((i) => ftp(i * 360, 40_001 + i, ...times(2, refused))))).toEqual([])
  })

  test('six refusals of OpenSSH take twenty seconds; sessions of minutes are none', async () => {
    const ssh = (seconds: number): Packets =>
      count(25).flatMap((i) =>
        connection(
          i * 2,
          40_001 + i,
          22,
          ['<SSH-2.0-OpenSSH_9.2p1\r\n', 'SSH-2.0-libssh_0.10.6\r\n', `<${'k'.repeat(1100)}`, 'k'.repeat(1100)],
          seconds,
        ),
      )
    expect(await guesses(ssh(19))).toMatchObject([{ severity: 'medium' }])
    expect(await guesses(ssh(60))).toEqual([])
  })
})
