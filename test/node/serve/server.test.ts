// Who gets in and who does not: keys, cookies, other sites' pages, rebound names, paths, slow and oversized requests.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FailedKeys } from '../../../src/node/serve/access/failed-keys.ts'
import { policyOf } from '../../../src/node/serve/headers.ts'
import { reportContent } from '../../../src/node/serve/report-content.ts'
import { Reports } from '../../../src/node/serve/reports.ts'
import { bindServer, startServer } from '../../../src/node/serve/server.ts'
import { SITE_DIR } from '../../support/browser.ts'
import { sourceThreads } from '../../support/database-threads.ts'
import { ask, KEY, OPTIONS, type Served, serveSample } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serveSample(['demo', 'other day'], { allowedOrigins: ['https://dashboard.example'], allowedHosts: ['globe.example'] })
})
afterAll(() => served.close())

describe('the key', () => {
  test('is required everywhere except at /healthz', async () => {
    for (const path of ['/', '/demo/', '/demo/traffic.sqlite', '/api/traffic', '/api/flows', '/metrics', '/openapi.json', '/nothing'])
      expect((await served.ask(path, {})).status, path).toBe(401)
    expect(await served.ask('/healthz', {})).toMatchObject({ status: 200, body: 'ok\n' })
  })

  test.each([
    ['X-API-Key', { 'x-api-key': KEY }],
    ['Bearer', { authorization: `Bearer ${KEY}` }],
    ['Basic, as a password', { authorization: `Basic ${Buffer.from(`anybody:${KEY}`).toString('base64')}` }],
  ])('opens by header: %s', async (_, headers) => {
    expect((await served.ask('/api/reports', headers)).status).toBe(200)
  })

  test('in the address becomes a cookie that only this server gets, by a redirect to an address without it', async () => {
    const swap = await served.ask(`/demo/?key=${KEY}&x=1`, {})
    expect(swap.status).toBe(303)
    expect(swap.headers.location).toBe('/demo/?x=1')
    const cookie = swap.headers['set-cookie']![0]
    expect(cookie).toMatch(/^rtnvis-\d+=[\w.-]{43,}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(KEY)
    const page = await served.ask('/demo/', { cookie: cookie.split(';')[0] })
    expect(page.status).toBe(200)
    expect(page.body).not.toContain(KEY)
  })

  test('typed into the form becomes the same cookie', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: served.server.origin }
    const done = await served.ask('/sign-in', form, 'POST', `key=${KEY}`)
    expect([done.status, done.headers.location]).toEqual([303, '/'])
    expect(done.headers['set-cookie']![0]).toContain('HttpOnly; SameSite=Strict')
  })

  test('is requested by a page without scripts when it is missing', async () => {
    const page = await served.ask('/', { accept: 'text/html' })
    expect(page.status).toBe(401)
    expect(page.body).toContain('<input id="key"')
    // What programs are told is no help to a person.
    expect(page.body).not.toContain('X-API-Key')
    expect((await served.ask('/api/traffic', {})).body).toContain('X-API-Key')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['content-security-policy']).not.toContain('script-src')
  })

  test('wrong ones are refused, after ten different ones with a delay, and the right one is still accepted', async () => {
    const one = await serveSample([''])
    try {
      const statuses: number[] = []
      for (let attempt = 0; attempt < 11; attempt++)
        statuses.push((await one.ask('/api/traffic', { 'x-api-key': `guess ${attempt}` })).status)
      expect(statuses).toEqual([...new Array(10).fill(401), 429])
      const wrong = one.ask('/api/reports', { 'x-api-key': 'guess 11' })
      const right = one.ask('/api/reports')
      expect((await Promise.race([wrong, right])).status).toBe(200) // asked later, answered first
      expect((await one.ask(`/?key=${KEY}`, {})).status).toBe(303)
      const { status, headers } = await wrong
      expect([status, Number(headers['retry-after']) > 0]).toEqual([429, true])
      expect((await one.ask('/api/traffic', {})).status).toBe(401) // asking without a key is no guess
      expect(one.server.failedKeys.total).toBe(12)
    } finally {
      await one.close()
    }
  })

  test('that is wrong and sent again and again counts once: a program with an old key makes nobody wait', async () => {
    const one = await serveSample([''])
    try {
      for (let attempt = 0; attempt < 30; attempt++) expect((await one.ask('/', { 'x-api-key': 'an old key' })).status).toBe(401)
      expect((await one.ask('/', { 'x-api-key': 'another one' })).status).toBe(401)
    } finally {
      await one.close()
    }
  })

  test('of a cookie is not the key, and a wrong cookie opens nothing', async () => {
    const name = `rtnvis-${served.port}`
    for (const value of [KEY, '', 'x'.repeat(43)])
      expect((await served.ask('/api/reports', { cookie: `${name}=${value}` })).status).toBe(401)
  })

  test('is required with any cookies, and the right one works after any number of wrong ones', async () => {
    const one = await serveSample([''])
    try {
      const right = (await one.ask(`/?key=${KEY}`, {})).headers['set-cookie']![0].split(';')[0]
      const [name, value = ''] = right.split('=')
      const status = async (cookie: string) => (await one.ask('/api/reports', { cookie: `${name}=${cookie}` })).status
      const strange = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
      for (let attempt = 0; attempt < 30; attempt++) {
        expect(await status(`${value.slice(0, -3)}${attempt + 100}`)).toBe(401)
        expect((await one.ask('/', { ...strange, cookie: `${name}=x${attempt}` })).status).toBe(401)
      }
      expect(await status(value)).toBe(200)
      expect((await one.ask('/', { 'x-api-key': 'wrong' })).status).toBe(401) // no 429: cookies are no keys
    } finally {
      await one.close()
    }
  })

  test('wrong ones in pictures on other sites’ pages do not make this browser wait', async () => {
    const one = await serveSample([''])
    try {
      const picture = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
      for (let attempt = 0; attempt < 12; attempt++) expect((await one.ask('/?key=wrong', picture)).status).toBe(401)
      const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      const followed = await one.ask(`/?key=${KEY}`, link)
      expect([followed.status, followed.headers['set-cookie']?.length]).toEqual([200, 1])
      expect(followed.body).toContain('href="/sign-in?to=%2F"')
    } finally {
      await one.close()
    }
  })

  test('is required as soon as the port is open; requests wait until there is something to serve', async () => {
    const reports = await Reports.open(served.folder, sourceThreads())
    const bound = await bindServer({ ...OPTIONS, port: 0 })
    try {
      const port = Number(new URL(bound.origin).port)
      const asked = [ask(port, '/api/reports', { 'x-api-key': KEY }), ask(port, '/api/reports', {}), ask(port, '/healthz', {})]
      await setTimeout(100)
      bound.serve((counters) => reportContent(reports, '0.0.0', counters))
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 401, 200])
    } finally {
      await bound.close()
    }
  })

  test('must not be short, nor hold what no header can', async () => {
    for (const key of ['short', 'with a space in it', 'línea-nueva-y-más'])
      await expect(
        startServer({ ...OPTIONS, key }, () => {
          throw new Error('started')
        }),
      ).rejects.toThrow(/^the access key must/)
  })
})

test('guesses are slowed down by address, an IPv6 network counting as one, and forgotten with time', () => {
  let nowMs = 0
  const failed = new FailedKeys(() => nowMs)
  for (let host = 1; host <= 10; host++) failed.add(`2001:db8:1:2::${host}`, `guess ${host}`)
  expect(failed.waitSeconds('2001:db8:1:2:ffff::1')).toBe(6)
  expect(failed.waitSeconds('2001:db8:1:3::1')).toBe(0)
  nowMs = 5_999
  expect(failed.waitSeconds('2001:db8:1:2::1')).toBe(1)
  nowMs = 6_000
  expect(failed.waitSeconds('2001:db8:1:2::1')).toBe(0)
})

describe('other sites in the same browser', () => {
  const cookie = async () => (await served.ask(`/?key=${KEY}`, {})).headers['set-cookie']![0].split(';')[0]

  test.each([
    ['a rebound name', { host: 'attacker.example:8770' }, 421],
    ['another machine’s address', { host: '192.0.2.1' }, 421],
    ['a name with junk', { host: 'localhost:80@evil' }, 400],
    ['localhost', { host: 'localhost' }, 200],
    ['another port, as through a tunnel', { host: '127.0.0.1:9999' }, 200],
    ['IPv6', { host: '[::1]:8770' }, 200],
    ['the allowed name', { host: 'Globe.Example' }, 200],
  ])('Host: %s', async (_, headers, status) => {
    expect((await served.ask('/api/reports', { ...headers, 'x-api-key': KEY })).status).toBe(status)
  })

  test.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://127.0.0.1:1', 403],
    ['http://globe.example.evil.example', 403],
  ])('Origin %s is refused, with or without the key', async (origin, status) => {
    expect((await served.ask('/api/reports', { origin, 'x-api-key': KEY })).status).toBe(status)
    expect((await served.ask('/api/reports', { origin, cookie: await cookie() })).status).toBe(status)
    const preflight = await served.ask('/api/traffic', { origin, 'access-control-request-method': 'GET' }, 'OPTIONS')
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([status, undefined])
  })

  test('an allowed origin gets in with the key in a header, never with a cookie', async () => {
    const origin = 'https://dashboard.example'
    const preflight = await served.ask(
      '/api/traffic',
      { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-api-key' },
      'OPTIONS',
    )
    expect(preflight.status).toBe(204)
    expect(preflight.headers['access-control-allow-origin']).toBe(origin)
    expect(preflight.headers['access-control-allow-headers']).toContain('X-API-Key')
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
    const answer = await served.ask('/api/traffic?report=demo', { origin, 'x-api-key': KEY })
    expect([answer.status, answer.headers['access-control-allow-origin'], answer.headers.vary]).toEqual([200, origin, 'Origin'])
    expect((await served.ask('/api/traffic?report=demo', { origin, cookie: await cookie() })).status).toBe(401)
  })

  test('a page of another port cannot load anything with the cookie, a person who follows a link can', async () => {
    const fetched = { cookie: await cookie(), 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }
    expect((await served.ask('/demo/assets/app.js', fetched)).status).toBe(401)
    const followed = { ...fetched, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await served.ask('/demo/', followed)).status).toBe(200)
    expect((await served.ask('/demo/', { ...followed, 'sec-fetch-dest': 'iframe' })).status).toBe(401)
  })
})

describe('files', () => {
  test('of the page and the database are served whole, in part, or not again', async () => {
    for (const [path, type, file] of [
      ['/demo/assets/app.js', 'text/javascript; charset=utf-8', join(SITE_DIR, 'assets/app.js')],
      ['/demo/traffic.sqlite', 'application/vnd.sqlite3', join(served.folder, 'demo/traffic.sqlite')],
    ] as const) {
      const content = readFileSync(file, 'latin1')
      const whole = await served.ask(path)
      expect([whole.status, whole.body === content, whole.headers['content-type']], path).toEqual([200, true, type])
      const ranged = async (range: string) => {
        const { status, body, headers } = await served.ask(path, { 'x-api-key': KEY, range })
        return [status, body, headers['content-range']]
      }
      const { length } = content
      expect(await ranged('bytes=2-4')).toEqual([206, content.slice(2, 5), `bytes 2-4/${length}`])
      expect(await ranged('bytes=-3')).toEqual([206, content.slice(-3), `bytes ${length - 3}-${length - 1}/${length}`])
      expect(await ranged(`bytes=${length - 2}-`)).toEqual([206, content.slice(-2), `bytes ${length - 2}-${length - 1}/${length}`])
      expect((await ranged('bytes=99999999-'))[0]).toBe(416)
      const again = await served.ask(path, { 'x-api-key': KEY, 'if-none-match': whole.headers.etag! })
      expect([again.status, again.body]).toEqual([304, ''])
      const head = await served.ask(path, { 'x-api-key': KEY }, 'HEAD')
      expect([head.status, head.headers['content-length'], head.body]).toEqual([200, String(length), ''])
    }
    expect((await served.ask('/other%20day/')).status).toBe(200)
    expect((await served.ask('/other%20day')).headers.location).toBe('/other%20day/')
  })

  test.each([
    '/secret.txt',
    '/demo/../secret.txt',
    '/demo/..%2fsecret.txt',
    '/demo/..%2Fsecret.txt',
    '/demo/%2e%2e/secret.txt',
    '/demo/%252e%252e%252fsecret.txt',
    '/demo/..%5csecret.txt',
    '/demo/assets/../../secret.txt',
    '/demo/assets/..%2f..%2fsecret.txt',
    '/demo/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/demo//../secret.txt',
    '/demo/secret.txt%00.js',
    '/demo/traffic.sqlite/',
    '/./demo/./../secret.txt',
    '/.git/config',
    '/%c0%ae%c0%ae/secret.txt',
    '/demo/%',
  ])('%s leads nowhere', async (path) => {
    const answer = await served.ask(path)
    expect([400, 404]).toContain(answer.status)
    expect(answer.body).not.toContain('secret')
  })

  test('that lead nowhere are a page for people, with the way back, and JSON for programs', async () => {
    const page = await served.ask('/gone/', { accept: 'text/html,application/xhtml+xml', 'x-api-key': KEY })
    expect(page.status).toBe(404)
    expect(page.headers['content-type']).toMatch('text/html')
    expect(page.body).toContain('There is no page at this address.')
    expect(page.body).toContain('href="/"')
    const answer = await served.ask('/gone/', { accept: '*/*', 'x-api-key': KEY })
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.body)).toEqual({ error: 'There is no page at this address.' })
  })

  test('in a folder reached by a link to the outside are not served', async () => {
    await symlink('/etc', join(served.folder, 'etc'))
    expect((await served.ask('/etc/')).status).toBe(404)
  })

  test('have strict headers; a page’s own policy adds only hashes', async () => {
    const { headers } = await served.ask('/demo/')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    const policy = headers['content-security-policy']!
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policyOf('<meta http-equiv="Content-Security-Policy" content="script-src \'unsafe-inline\' https://evil.example">')).toBe(
      policyOf(''),
    )
  })

  test('are listed on the index page', async () => {
    const { status, body, headers } = await served.ask('/')
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=UTF-8'])
    expect(body).toContain('<h1>Reports</h1>')
  })
})

describe('requests that cost', () => {
  /** Sends bytes as they are; answers what came back until the server hung up. */
  const talk = (text: string, isEnding = false) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(served.port, '127.0.0.1', () => {
        socket.write(text)
        if (isEnding) socket.end()
      })
      let heard = ''
      socket.on('data', (chunk) => {
        heard += chunk
      })
      socket.on('close', () => resolve(heard))
      socket.on('error', reject)
    })

  test('headers beyond 16 KiB are cut off', async () => {
    expect(await talk(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('headers without end are cut off', async () => {
    expect(await talk('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('a body that is not wanted is not read', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: served.server.origin }
    expect((await served.ask('/sign-in', form, 'POST', `key=${'x'.repeat(5_000)}`)).status).toBe(413)
    expect((await served.ask('/api/traffic', { 'x-api-key': KEY }, 'POST', 'x')).status).toBe(405)
    expect((await served.ask('/demo/traffic.sqlite', { 'x-api-key': KEY }, 'DELETE')).status).toBe(405)
  })

  test('a refused WebSocket is closed, even if the other side never ends its half', async () => {
    const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {}) // what is written to a closed connection comes back as one
    socket.write('GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /)
    await expect
      .poll(() => {
        socket.write('x')
        return socket.destroyed
      })
      .toBe(true)
  })

  test('a connection without HTTP is closed, and the server continues', async () => {
    expect(await talk('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')).toMatch(/^HTTP\/1\.1 400 /)
    expect((await served.ask('/healthz', {})).status).toBe(200)
  })
})
