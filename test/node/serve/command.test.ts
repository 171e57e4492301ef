// `rtnvis serve` as a program: what it prints, how it ends, what it refuses; HTTPS; and a page of another origin that asks every 20 seconds.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../support/browser.ts'
import { ask, KEY, makeReport, serveSample } from './served.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-serve-command-'))
  await makeReport(join(folder, 'output/demo'))
  await mkdir(join(folder, 'empty'))
  await writeFile(join(folder, 'key'), `${KEY}\nsecond line\n`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Running {
  child: ChildProcessWithoutNullStreams
  address: URL
  said: () => string
  end(): Promise<number | null>
}

/** Resolves once the address is printed. */
function run(args: string[], env: Record<string, string> = {}): Promise<Running> {
  const { RTNVIS_KEY: _, RTNVIS_KEY_FILE: __, ...rest } = process.env
  const child = spawn(process.execPath, [CLI, 'serve', ...args], { cwd: folder, env: { ...rest, ...env } })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) =>
      resolve({
        child,
        address: new URL(String(line).trim()),
        said: () => said,
        end: () => {
          child.kill('SIGINT')
          return ended
        },
      }),
    )
    child.once('exit', () => reject(new Error(said)))
  })
}

const refuse = (args: string[]) => spawnSync(process.execPath, [CLI, 'serve', ...args], { cwd: folder, encoding: 'utf8', timeout: 20_000 })

describe('rtnvis live --serve', () => {
  test('does all that may fail before a device is opened or a file made', async () => {
    const programs = join(folder, 'programs')
    await mkdir(programs)
    await writeFile(join(programs, 'tcpdump'), `#!/bin/sh\n: > ${join(folder, 'opened')}\necho no such device >&2\nexit 1\n`, {
      mode: 0o755,
    })
    await writeFile(join(folder, 'no.pem'), 'nothing')
    const taken = await run(['--port', '0'])
    const live = (...args: string[]) =>
      spawnSync(process.execPath, [CLI, 'live', '-i', 'lo', '-o', 'never', '--serve', ...args], {
        ...{ cwd: folder, encoding: 'utf8', timeout: 20_000 },
        env: { ...process.env, PATH: `${programs}:${process.env.PATH}` },
      })
    const cases: [string[], RegExp][] = [
      [['--port', taken.address.port], /^rtnvis: port \d+ of 127\.0\.0\.1 is taken: choose another with --port\n$/],
      [['--host', '192.0.2.77'], /^rtnvis: --host 192\.0\.2\.77: this machine has no such address\n$/],
      [['--port', '0', '--tls-cert', 'none.pem', '--tls-key', 'none.pem'], /^rtnvis: --tls-cert none\.pem: no such file.*\n$/],
      [['--port', '0', '--tls-cert', 'no.pem', '--tls-key', 'no.pem'], /^rtnvis: --tls-cert no\.pem, --tls-key no\.pem: .+\n$/],
      [['--port', '0', '--key', 'short'], /^rtnvis: the access key must have at least 12 characters\n$/],
      [['--port', '0', '--geoip', 'none.mmdb'], /^rtnvis: --geoip none\.mmdb: no such file.*\n$/],
      [['--port', '0', '--rules', 'none.toml'], /^rtnvis: .*none\.toml.*\n$/],
      [['--port', '0', '-o', 'programs'], /^rtnvis: programs contains something that is not an rtnvis report.*\n$/],
    ]
    for (const [args, said] of cases) {
      const { stderr, status } = live(...args)
      expect(stderr).toMatch(said)
      expect(status).not.toBe(0)
      expect(existsSync(join(folder, 'opened')), args.join(' ')).toBe(false)
    }
    live('--port', '0')
    expect(existsSync(join(folder, 'opened'))).toBe(true)
    expect(existsSync(join(folder, 'never'))).toBe(false)
    await taken.end()
  })
})

describe('rtnvis serve', () => {
  test('prints an address with a random key, serves output/, and ends well on Ctrl-C', async () => {
    const running = await run(['--port', '0'])
    expect(running.address.hostname).toBe('127.0.0.1')
    const key = running.address.searchParams.get('key')!
    expect(key).toMatch(/^[\w-]{32}$/)
    const port = Number(running.address.port)
    expect(JSON.parse((await ask(port, '/api/reports', { 'x-api-key': key })).body)).toEqual({ items: ['demo'] })
    expect((await ask(port, '/api/reports', {})).status).toBe(401)
    expect(await running.end()).toBe(0)
    const other = await run(['--port', '0', '-q'])
    expect(other.address.searchParams.get('key')).not.toBe(key)
    expect(other.said()).toBe('')
    await other.end()
  })

  test.each([
    ['--key', ['--key', KEY], {}, KEY],
    ['RTNVIS_KEY', [], { RTNVIS_KEY: KEY }, null],
    ['RTNVIS_KEY_FILE', [], { RTNVIS_KEY_FILE: 'key' }, null],
  ])('takes the key from %s; one from the environment is printed nowhere', async (_, args, env, printed) => {
    const running = await run(['--port', '0', ...args], env)
    expect(running.address.searchParams.get('key')).toBe(printed)
    expect((await ask(Number(running.address.port), '/api/reports', { 'x-api-key': KEY })).status).toBe(200)
    await running.end()
    expect(running.said()).not.toContain(KEY)
  })

  test('on all addresses still requires the key, and warns that others could read the traffic', async () => {
    const running = await run(['--host', '0.0.0.0', '--port', '0'])
    const port = Number(running.address.port)
    expect((await ask(port, '/', {})).status).toBe(401)
    expect((await ask(port, '/healthz', {})).status).toBe(200)
    expect((await ask(port, '/healthz', { host: 'rebound.example' })).status).toBe(421)
    expect(running.said()).toContain('add --tls-cert and --tls-key')
    await running.end()
  })

  test('serves a folder that has no report yet, and says so', async () => {
    const running = await run(['empty', '--port', '0', '--key', KEY])
    expect(running.said()).toContain('there is no report in empty yet')
    const port = Number(running.address.port)
    expect((await ask(port, '/', { 'x-api-key': KEY })).body).toContain('No report yet')
    await makeReport(join(folder, 'empty/new'))
    expect(JSON.parse((await ask(port, '/api/reports', { 'x-api-key': KEY })).body)).toEqual({ items: ['new'] })
    await running.end()
  })

  test('reads its keys again on a hangup, and ends at the next Ctrl-C; without a file of keys a hangup ends it', async () => {
    const keys = (...args: string[]) => {
      const { stdout } = spawnSync(process.execPath, [CLI, 'keys', ...args, '--file', 'keys'], { cwd: folder, encoding: 'utf8' })
      return stdout.trim()
    }
    const [anna, bob] = [keys('add', 'anna'), keys('add', 'bob', '--role', 'admin')]
    const running = await run(['--port', '0', '--keys', 'keys', '--audit', 'audit'])
    const port = Number(running.address.port)
    const status = async (key: string) => (await ask(port, '/', { 'x-api-key': key })).status
    expect(running.address.search).toBe('')
    await expect.poll(running.said).toContain('the keys are those of keys')
    expect([await status(anna), await status(bob)]).toEqual([200, 200])
    keys('remove', 'anna')
    expect(await status(anna)).toBe(200)
    running.child.kill('SIGHUP')
    await expect.poll(() => status(anna)).toBe(401)
    await writeFile(join(folder, 'keys'), 'nonsense\n')
    running.child.kill('SIGHUP')
    await expect.poll(running.said).toMatch(/rtnvis: keys, line 1: it must be name, .*; the keys are unchanged\n/)
    expect(await status(bob)).toBe(200)
    expect(await running.end()).toBe(0)
    expect(await readFile(join(folder, 'audit'), 'utf8')).toMatch(/"action":"revoked","key":"anna","address":null/)

    const other = await run(['--port', '0'])
    other.child.kill('SIGHUP')
    expect((await once(other.child, 'exit'))[0]).toBe(0)
  })

  test('refuses in one line what it cannot do', async () => {
    const taken = await run(['--port', '0'])
    const cases: [string[], number, string][] = [
      [['missing'], 1, 'missing: there is no such folder'],
      [['key'], 1, 'key is a file: give the folder of a report'],
      [['--port', taken.address.port], 2, `port ${taken.address.port} of 127.0.0.1 is taken: choose another with --port`],
      [['--port', '70000'], 2, 'It must be a number from 0 to 65535.'],
      [['--key', 'short'], 2, 'the access key must have at least 12 characters'],
      [['--tls-cert', 'key'], 2, '--tls-cert and --tls-key go together: give both'],
      [['--allow-origin', 'example.org/page'], 2, '--allow-origin example.org/page: it must look like https://example.org'],
      [['--trust-proxy', 'proxy'], 2, '--trust-proxy proxy: it must be an address, a network as 10.0.0.0/8, or loopback'],
      [['--keys', 'missing'], 2, 'missing: no such file'],
      [['--audit', 'none/audit'], 2, '--audit none/audit cannot be written (ENOENT)'],
      [['--allow-host', 'a:80'], 2, '--allow-host a:80: it must be a name without port'],
      [['--host', '192.0.2.1'], 2, '--host 192.0.2.1: this machine has no such address'],
    ]
    for (const [args, status, line] of cases) {
      const { status: found, stderr, stdout } = refuse(args)
      expect([found, stdout], args.join(' ')).toEqual([status, ''])
      expect(stderr).toContain(line)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
    await taken.end()
  })

  test('speaks HTTPS with a certificate, and its cookie is for HTTPS only', async () => {
    const made = spawnSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'tls.key',
        '-out',
        'tls.crt',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
      ],
      { cwd: folder },
    )
    expect(made.status).toBe(0)
    const running = await run(['--port', '0', '--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--key', KEY])
    expect(running.address.protocol).toBe('https:')
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
      request(running.address, { rejectUnauthorized: false }, (response) => resolve(response.headers))
        .on('error', reject)
        .end(),
    )
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/; HttpOnly; SameSite=Strict; Secure$/)])
    await running.end()
  })
})

test('a page of another origin polls /api/traffic with its key, if its origin is allowed', async () => {
  const pages = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>other</title>'),
  )
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
  const browser = await launchChromium({ webGl: false })
  const page = await browser.newPage()
  await page.goto(origin)
  const poll = (port: number, key: string) =>
    page.evaluate(
      async ([address, secret]) => {
        try {
          const response = await fetch(address, { headers: { 'X-API-Key': secret } })
          return [response.status, await response.json()] as [number, unknown]
        } catch {
          return 'blocked'
        }
      },
      [`http://127.0.0.1:${port}/api/traffic`, key],
    )
  const open = await serveSample([''], { allowedOrigins: [origin] })
  const closed = await serveSample([''])
  const [status, rows] = (await poll(open.port, KEY)) as [number, { dst_ip: string }[]]
  expect([status, rows.map((row) => row.dst_ip)]).toEqual([200, ['198.41.0.4', '203.0.114.5', '198.41.0.4']])
  expect(await poll(open.port, 'a wrong key')).toEqual([401, { error: 'This is not the access key of this server.' }])
  expect(await poll(closed.port, KEY)).toBe('blocked')
  await browser.close()
  pages.close()
  await open.close()
  await closed.close()
})
