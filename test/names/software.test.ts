// What programs call themselves: user agents, SSH strings, greetings.
import { expect, test } from 'vitest'
import { Observer } from './observer.ts'

const CLIENT = '10.0.0.5:40000'
const SERVER = '192.0.2.80:80'

/** "address source text xCount" of every program. */
function software(observer: Observer): string[] {
  return observer.finish().software.map(({ host, source, text, count }) => `${observer.flows.hosts.ip(host)} ${source} ${text} x${count}`)
}

const request = (agent: string) => `GET / HTTP/1.1\r\nHost: web.example\r\nuser-AGENT:  ${agent}\r\n\r\n`

test('the user agent of the first request of a conversation, in its own spelling', () => {
  const observer = new Observer()
    .tcp(CLIENT, SERVER, request('Mozilla/5.0 (X11; Linux x86_64)'))
    .tcp(CLIENT, SERVER, request('another'), 1 + request('Mozilla/5.0 (X11; Linux x86_64)').length)
    .tcp('10.0.0.5:40001', SERVER, request('Mozilla/5.0 (X11; Linux x86_64)'))
    .tcp('10.0.0.6:40001', SERVER, request('curl/8.5.0'))
  expect(software(observer)).toEqual(['10.0.0.5 http Mozilla/5.0 (X11; Linux x86_64) x2', '10.0.0.6 http curl/8.5.0 x1'])
})

test('SSH: each end has its own', () => {
  const observer = new Observer()
    .tcp('192.0.2.22:22', '10.0.0.5:40022', 'SSH-2.0-OpenSSH_9.6 Debian-3\r\n')
    .tcp('10.0.0.5:40022', '192.0.2.22:22', 'SSH-2.0-PuTTY_Release_0.80\r\n')
    .tcp('10.0.0.5:40022', '192.0.2.22:22', 'SSH-2.0-never read\r\n', 29)
  expect(software(observer).sort()).toEqual([
    '10.0.0.5 ssh SSH-2.0-PuTTY_Release_0.80 x1',
    '192.0.2.22 ssh SSH-2.0-OpenSSH_9.6 Debian-3 x1',
  ])
})

test('greetings of servers, without what differs each time', () => {
  const observer = new Observer()
    .tcp('192.0.2.25:25', '10.0.0.5:40025', '220 mx.example ESMTP Sendmail 8.17; Mon, 2 Mar 2026 10:00:00 GMT\r\n')
    .tcp('192.0.2.11:110', '10.0.0.5:40110', '+OK Dovecot ready <1896.697170952@dbc.mtview.ca.us>\r\n')
    .tcp('192.0.2.14:143', '10.0.0.5:40143', '* OK [CAPABILITY IMAP4rev1] Courier-IMAP ready\r\n')
    .tcp('192.0.2.21:21', '10.0.0.5:40021', '220 (vsFTPd 3.0.5)\r\n')
  expect(software(observer)).toEqual([
    '192.0.2.25 smtp mx.example ESMTP Sendmail 8.17 x1',
    '192.0.2.11 pop3 Dovecot ready x1',
    '192.0.2.14 imap [CAPABILITY IMAP4rev1] Courier-IMAP ready x1',
    '192.0.2.21 ftp (vsFTPd 3.0.5) x1',
  ])
})

test('what cannot be seen is written out, what is long is cut, what is empty is nothing', () => {
  const observer = new Observer()
    .tcp(CLIENT, SERVER, request('\x1b[31mred\u202e'))
    .tcp('10.0.0.6:1', SERVER, request('x'.repeat(2000)))
    .tcp('10.0.0.7:1', SERVER, request('  '))
  expect(software(observer)).toEqual(['10.0.0.5 http \\033[31mred\\u202e x1', `10.0.0.6 http ${'x'.repeat(255)} x1`])
})

test('a host of a thousand faces shows 256, and the rest are counted', () => {
  const observer = new Observer()
  for (let i = 0; i < 1000; i++) observer.tcp(`10.0.0.5:${1000 + i}`, SERVER, request(`agent ${i}`))
  const { software: rows, leftOut } = observer.finish()
  expect([rows.length, leftOut.software]).toEqual([256, 744])
})
