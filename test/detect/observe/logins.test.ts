// Dialogues as the protocols' documents give them. What was sent as a secret must be nowhere in what is kept.
import { describe, expect, it } from 'vitest'
import { ethernet, hex, ipv4, join, udp } from '../../support/build.ts'
import { conversation, observe } from '../../support/observations.ts'

type Turns = ['client' | 'server', string | Uint8Array][]
const SECRET = 'Tr0ub4dor'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const FTP: Turns = [
  ['server', '220 ready\r\n'],
  ['client', 'USER walter\r\n'],
  ['server', '331 password\r\n'],
  ['client', `PASS ${SECRET}\r\n`],
]
const bind = join(hex('30 26 020101 60 21 020103 04 11'), 'cn=walter,dc=test', hex('80 09'), SECRET)

describe('logins without encryption', () => {
  it.each<[string, number, Turns, { service: string; user: string; refused: number; accepted: number }]>([
    ['FTP let in', 21, [...FTP, ['server', '230 in\r\n']], { service: 'ftp', user: 'w***', refused: 0, accepted: 1 }],
    ['FTP on another port', 2121, [...FTP, ['server', '530 no\r\n']], { service: 'ftp', user: 'w***', refused: 1, accepted: 0 }],
    [
      'FTP that refuses the name',
      21,
      [...FTP.slice(0, 2), ['server', '530 anonymous only\r\n'], ['client', 'SYST\r\n'], ['server', '530 log in\r\n']],
      { service: 'ftp', user: 'w***', refused: 1, accepted: 0 },
    ],
    [
      'Telnet whose greeting contains the word of a prompt',
      23,
      [
        ['server', 'login: '],
        ['client', 'walter\r\n'],
        ['server', 'Password: '],
        ['client', `${SECRET}\r\n`],
        ['server', 'Last login: Fri Nov 27 09:00:00 from 10.0.0.9\r\n'],
      ],
      { service: 'telnet', user: 'w***', refused: 0, accepted: 1 },
    ],
    [
      'POP3',
      110,
      [
        ['server', '+OK\r\n'],
        ['client', 'USER walter\r\n'],
        ['server', '+OK\r\n'],
        ['client', `PASS ${SECRET}\r\n`],
        ['server', '-ERR\r\n'],
      ],
      { service: 'pop3', user: 'w***', refused: 1, accepted: 0 },
    ],
    [
      'IMAP',
      143,
      [
        ['server', '* OK ready\r\n'],
        ['client', `a1 LOGIN walter ${SECRET}\r\n`],
        ['server', 'a1 OK in\r\n'],
      ],
      { service: 'imap', user: 'w***', refused: 0, accepted: 1 },
    ],
    [
      'SMTP AUTH PLAIN',
      25,
      [
        ['server', '220 mx\r\n'],
        ['client', 'EHLO me\r\n'],
        ['server', '250 AUTH PLAIN\r\n'],
        ['client', `AUTH PLAIN ${base64(`\0walter\0${SECRET}`)}\r\n`],
        ['server', '235 ok\r\n'],
      ],
      { service: 'smtp', user: 'w***', refused: 0, accepted: 1 },
    ],
    [
      'SMTP AUTH LOGIN',
      587,
      [
        ['client', 'AUTH LOGIN\r\n'],
        ['server', '334 VXNlcm5hbWU6\r\n'],
        ['client', `${base64('walter')}\r\n`],
        ['server', '334 UGFzc3dvcmQ6\r\n'],
        ['client', `${base64(SECRET)}\r\n`],
        ['server', '535 no\r\n'],
      ],
      { service: 'smtp', user: 'w***', refused: 1, accepted: 0 },
    ],
    [
      'Telnet, a key at a time',
      23,
      [
        ['server', 'login: '],
        ['client', 'w'],
        ['server', 'w'],
        ['client', 'alter\r\n'],
        ['server', '\r\nPassword: '],
        ['client', SECRET],
        ['client', '\r\n'],
        ['server', '\r\nLogin incorrect\r\n'],
      ],
      { service: 'telnet', user: 'w***', refused: 1, accepted: 0 },
    ],
    [
      'HTTP Basic',
      8080,
      [
        ['client', `GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Basic ${base64(`walter:${SECRET}`)}\r\n\r\n`],
        ['server', 'HTTP/1.1 401 Unauthorized\r\n\r\n'],
      ],
      { service: 'http', user: 'w***', refused: 1, accepted: 0 },
    ],
    [
      'HTTP form, its body in a segment of its own',
      80,
      [
        ['client', 'POST /in HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n'],
        ['client', `name=walter&password=${SECRET}`],
        ['server', 'HTTP/1.1 302 Found\r\n\r\n'],
      ],
      { service: 'http-form', user: '', refused: 0, accepted: 1 },
    ],
    [
      'LDAP simple bind',
      389,
      [
        ['client', bind],
        ['server', hex('30 0c 020101 61 07 0a0100 0400 0400')],
      ],
      { service: 'ldap', user: 'w***', refused: 0, accepted: 1 },
    ],
  ])('%s', (_, port, turns, { service, user, refused, accepted }) => {
    const observations = observe(conversation(port, turns))
    expect(observations.credentials).toMatchObject([{ service, maskedUser: user, attempts: 1, refused, accepted }])
    const kept = JSON.stringify(observations)
    for (const text of [SECRET, base64(SECRET), 'walter']) expect(kept).not.toContain(text)
  })

  it.each<[string, number, Turns]>([
    [
      'an upload that has password= in it',
      80,
      [
        ['client', 'PUT /notes.txt HTTP/1.1\r\nHost: a.test\r\nContent-Length: 40\r\n\r\n'],
        ['client', `how to log in: see a.test/?a=b&password=${SECRET}`],
        ['server', 'HTTP/1.1 201 Created\r\n\r\n'],
      ],
    ],
    [
      'anonymous FTP',
      21,
      [
        ['client', 'USER anonymous\r\n'],
        ['client', 'PASS me@test\r\n'],
        ['server', '230 in\r\n'],
      ],
    ],
    [
      'POP3 with a digest',
      110,
      [
        ['server', '+OK <1@t>\r\n'],
        ['client', 'APOP walter c4c9334bac560ecc979e58001b3e22fb\r\n'],
      ],
    ],
    [
      'SMTP with a digest',
      25,
      [
        ['client', 'AUTH CRAM-MD5\r\n'],
        ['server', '334 PDE+\r\n'],
        ['client', 'dGltIGI5MTNh\r\n'],
      ],
    ],
    [
      'STARTTLS',
      25,
      [
        ['client', 'STARTTLS\r\n'],
        ['server', '220 go\r\n'],
        ['client', hex('16 0301 0004 01000000')],
      ],
    ],
    ['HTTP Bearer', 80, [['client', 'GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n']]],
    ['an anonymous bind', 389, [['client', hex('30 0c 020101 60 07 020103 0400 8000')]]],
    ['cut off in the middle', 21, [['client', 'PASS']]],
  ])('%s is none', (_, port, turns) => {
    expect(observe(conversation(port, turns)).credentials).toEqual([])
  })

  it('SNMP shows the community of versions 1 and 2c, not of 3', () => {
    const request = (version: number): Uint8Array =>
      ethernet(
        ipv4(
          '10.0.0.5',
          '10.0.0.9',
          udp(5000 + version, 161, join(hex('30 14'), 2, 1, version, hex('04 07'), 'private', hex('a0 06 020101 020100'))),
        ),
      )
    const { credentials } = observe([
      [1, request(0)],
      [2, request(1)],
      [3, request(3)],
    ])
    expect(credentials).toMatchObject([
      { service: 'snmp', attempts: 1 },
      { service: 'snmp', attempts: 1 },
    ])
    expect(JSON.stringify(credentials)).not.toContain('private')
  })
})
