// Answers to logins as the protocols' documents give them, written byte by byte.
import { describe, expect, it } from 'vitest'
import { AnsweredLogins } from '../../../src/detect/observe/answered-logins.ts'
import { hex, join } from '../../support/build.ts'

function verdict(port: number, ...payloads: Uint8Array[]): { refused: number; accepted: number } | null {
  const logins = new AnsweredLogins()
  const service = AnsweredLogins.serviceOf('', port)!
  for (const payload of payloads) logins.inspect(7, service, payload, 0, payload.length)
  const row = logins.list.rows[0]
  return row === undefined ? null : { refused: row.refused, accepted: row.accepted }
}

const LET_IN = { refused: 0, accepted: 1 }
const REFUSED = { refused: 1, accepted: 0 }

describe('answers to logins', () => {
  const greeting = join(hex('4a000000 0a'), '8.0.36\0', new Uint8Array(66))
  it.each([
    ['MySQL: OK after the greeting', 3306, [greeting, hex('07000002 00 00 00 02000000')], LET_IN],
    ['MySQL: access denied (1045)', 3306, [greeting, join(hex('48000002 ff 1504'), '#28000Access denied')], REFUSED],
    ['MySQL: the greeting alone says nothing', 3306, [greeting], null],
    [
      'MySQL: an error of a query after the login',
      3306,
      [hex('07000002 00 00 00 02000000'), join(hex('20000002 ff 2804'), '#42000')],
      LET_IN,
    ],
    ['Redis 7: a wrong password', 6379, [join('-WRONGPASS invalid username-password pair or user is disabled.\r\n')], REFUSED],
    ['Redis 5: a wrong password', 6379, [join('-ERR invalid password\r\n')], REFUSED],
    ['Redis: other errors, and +OK, say nothing', 6379, [join('-ERR unknown command\r\n'), join('+OK\r\n')], null],
    ['PostgreSQL: AuthenticationOk', 5432, [hex('52 00000008 00000000')], LET_IN],
    ['PostgreSQL: a request for MD5 says nothing', 5432, [hex('52 0000000c 00000005 01020304')], null],
    ['PostgreSQL: ErrorResponse', 5432, [join(hex('45 0000005a'), 'SFATAL\0C28P01\0\0')], REFUSED],
    ['SQL Server: LOGINACK behind a change of the environment', 1433, [hex('0401002000000100 e3 0300 010000 ad 0100 00')], LET_IN],
    ['SQL Server: ERROR', 1433, [hex('0401006000000100 aa 5800 18480000')], REFUSED],
    ['SMB: logon failure', 445, [join(hex('0000004c fe534d42 4000 0100 6d0000c0 0100 0100'), new Uint8Array(60))], REFUSED],
    [
      'SMB: more processing required says nothing',
      445,
      [join(hex('0000004c fe534d42 4000 0100 160000c0 0100 0100'), new Uint8Array(60))],
      null,
    ],
    ['SMB: success', 445, [join(hex('0000004c fe534d42 4000 0100 00000000 0100 0100'), new Uint8Array(60))], LET_IN],
    [
      'SMB: access denied to a share is no answer to a login',
      445,
      [join(hex('0000004c fe534d42 4000 0100 220000c0 0100 0100'), new Uint8Array(60))],
      null,
    ],
    ['SMB 1: logon failure', 445, [join(hex('00000023 ff534d42 73 6d0000c0'), new Uint8Array(26))], REFUSED],
    ['SMB 1: an error of a transaction (MS17-010)', 445, [join(hex('00000023 ff534d42 32 0d0000c0'), new Uint8Array(26))], null],
    ['SMB over NetBIOS', 139, [join(hex('0000004c fe534d42 4000 0100 6d0000c0 0100 0100'), new Uint8Array(60))], REFUSED],
    ['VNC: SecurityResult failed', 5900, [hex('00000001')], REFUSED],
    ['cut short', 1433, [hex('04010060')], null],
  ] as const)('%s', (_, port, payloads, expected) => {
    expect(verdict(port, ...payloads)).toEqual(expected)
  })

  it('are told by what the content is, and by the port only where the content is unknown', () => {
    expect(AnsweredLogins.serviceOf('mysql', 33_060)).toBe('mysql')
    expect(AnsweredLogins.serviceOf('', 3306)).toBe('mysql')
    expect(AnsweredLogins.serviceOf('tls', 3306)).toBeNull()
  })
})
