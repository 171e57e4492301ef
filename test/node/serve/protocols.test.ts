// What is spoken: TLS with forward secrecy only (openssl is asked), HSTS, and plain HTTP/1.1 for who asks for another protocol (curl is asked).
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEY, type Served, serveSample } from './served.ts'

let folder: string
let plain: Served
const tls: { rsa?: Served; ec?: Served } = {}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-protocols-'))
  const certificate = async (name: string, ...algorithm: string[]) => {
    const [tlsCert, tlsKey] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
    const args = ['req', '-x509', ...algorithm, '-nodes', '-keyout', tlsKey, '-out', tlsCert, '-days', '1', '-subj', '/CN=localhost']
    expect(spawnSync('openssl', args).status).toBe(0)
    return serveSample([''], { tlsCert, tlsKey })
  }
  plain = await serveSample([''])
  tls.rsa = await certificate('rsa', '-newkey', 'rsa:2048')
  tls.ec = await certificate('ec', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256')
})
afterAll(async () => {
  for (const served of [plain, tls.rsa, tls.ec]) await served?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Exit code and output of a program; the server in this process goes on meanwhile. */
const run = (program: string, args: string[], input = '') =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(program, args, { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
    child.stdin!.end(input)
  })

describe('TLS', () => {
  /** The suite that openssl agrees on, at a security level that lets it try old ones; null: none. */
  const agreed = async (port: number, ...args: string[]) => {
    const { output } = await run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-brief', ...args])
    return /^Ciphersuite: (\S+)$/m.exec(output)?.[1] ?? null
  }

  test.each([
    ['-tls1_2', '-cipher', 'AES128-SHA:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'AES256-SHA256:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'AES128-GCM-SHA256:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0'],
    ['-tls1_2', '-cipher', 'kDHE:@SECLEVEL=0'],
    ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
    ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'],
  ])('without forward secrecy or AEAD, or older than 1.2, is refused: %s %s %s', async (...args) => {
    for (const served of [tls.rsa!, tls.ec!]) expect(await agreed(served.port, ...args)).toBeNull()
  })

  test('1.2 and 1.3 are spoken', async () => {
    expect(await agreed(tls.rsa!.port, '-tls1_2')).toMatch(/^ECDHE-RSA-.*(GCM|POLY1305)/)
    expect(await agreed(tls.ec!.port, '-tls1_2')).toMatch(/^ECDHE-ECDSA-.*(GCM|POLY1305)/)
    for (const served of [tls.rsa!, tls.ec!]) expect(await agreed(served.port, '-tls1_3')).toMatch(/^TLS_(AES|CHACHA20)/)
  })

  const hsts = (port: number, host: string) =>
    new Promise<unknown>((resolve, reject) =>
      request({ host: '127.0.0.1', port, path: '/healthz', headers: { host }, rejectUnauthorized: false, agent: false }, (response) => {
        response.resume()
        resolve(response.headers['strict-transport-security'])
      })
        .on('error', reject)
        .end(),
    )

  test('is remembered by browsers (HSTS), but not for localhost, whose other ports speak plain HTTP', async () => {
    expect(await hsts(tls.ec!.port, '127.0.0.1')).toBe('max-age=31536000')
    expect(await hsts(tls.ec!.port, `localhost:${tls.ec!.port}`)).toBeUndefined()
    expect((await plain.ask('/healthz', {})).headers['strict-transport-security']).toBeUndefined()
  })
})

describe('a request for another protocol', () => {
  const curl = async (served: Served, ...args: string[]) => {
    const scheme = served.server.origin.split(':')[0]
    const { output } = await run(
      'curl',
      ['-sk', '-o', '/dev/null', '-w', '%{http_version} %{response_code}', ...args].map((part) =>
        part.replace('ORIGIN', `${scheme}://127.0.0.1:${served.port}`),
      ),
    )
    return output
  }
  const key = ['-H', `X-API-Key: ${KEY}`]

  test('h2c (curl --http2) is answered in HTTP/1.1, a form in it too', async () => {
    expect(await curl(plain, '--http2', 'ORIGIN/healthz')).toBe('1.1 200')
    expect(await curl(plain, '--http2', 'ORIGIN/')).toBe('1.1 401')
    expect(await curl(plain, '--http2', ...key, 'ORIGIN/traffic.sqlite')).toBe('1.1 200')
    expect(await curl(plain, '--http2', '-d', `key=${KEY}`, 'ORIGIN/sign-in')).toBe('1.1 303')
    expect(await curl(plain, '--http2', '-H', 'Transfer-Encoding: chunked', '-d', `key=${KEY}`, 'ORIGIN/sign-in')).toBe('1.1 303')
    expect(await curl(plain, '--http2', '-X', 'DELETE', 'ORIGIN/')).toBe('1.1 405')
  })

  test.each(['TLS/1.0', 'websocket', 'foo/2, bar', 'h2c'])('%s where there is no socket is answered as any request', async (protocol) => {
    const upgrade = ['-H', `Upgrade: ${protocol}`, '-H', 'Connection: Upgrade', '--http1.1']
    for (const served of [plain, tls.ec!]) {
      expect(await curl(served, ...upgrade, ...key, 'ORIGIN/')).toBe('1.1 200')
      expect(await curl(served, ...upgrade, ...key, 'ORIGIN/live')).toBe('1.1 404')
      expect(await curl(served, ...upgrade, 'ORIGIN/')).toBe('1.1 401')
    }
  })

  test('passes the guard like any other, and its connection is closed after the answer', async () => {
    const head =
      'GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n'
    for (const socket of [connect(plain.port, '127.0.0.1'), connectTls({ port: tls.ec!.port, rejectUnauthorized: false })]) {
      socket.write(head)
      let heard = ''
      for await (const chunk of socket) heard += chunk
      expect(heard.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 421'])
      expect(heard).toMatch(/^connection: close\r$/im)
    }
  })
})
