// Keys with names and roles: what each role may see, how they are withdrawn while the server runs, and what is written down of it.
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { formatKeyFile, makeKey, readKeyFile } from '../../../src/node/serve/access/key-file.ts'
import { parseHash } from '../../../src/node/serve/access/key-hash.ts'
import { Keyring } from '../../../src/node/serve/access/keyring.ts'
import { ROLES, type Role } from '../../../src/node/serve/access/roles.ts'
import { Sessions } from '../../../src/node/serve/access/sessions.ts'
import { User } from '../../../src/node/serve/access/user.ts'
import { liveContent } from '../../../src/node/serve/live-content.ts'
import { startServer } from '../../../src/node/serve/server.ts'
import { ensureSite, SITE_DIR } from '../../support/browser.ts'
import { sourceThreads } from '../../support/database-threads.ts'
import { ScriptedFeed } from './scripted-feed.ts'
import { ask, KEY, OPTIONS, serveSample } from './served.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))

let folder: string
const keys = {} as Record<Role, string>
const file = () => join(folder, 'keys')
const auditFile = () => join(folder, 'audit')
const entriesOf = (...names: string[]) => readKeyFile(file()).filter(({ name }) => names.includes(name))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-keys-'))
  const made = await Promise.all(Object.keys(ROLES).map((role) => makeKey(`a-${role}`, role as Role, '2026-03-02')))
  for (const { key, entry } of made) keys[entry.role] = key
  await writeFile(file(), formatKeyFile(made.map(({ entry }) => entry)), { mode: 0o600 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const cookieFrom = (headers: IncomingHttpHeaders) => headers['set-cookie']![0].split(';')[0]
const audited = async () =>
  (await readFile(auditFile(), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('roles', () => {
  test('see what they should of a report, and nothing else', async () => {
    const served = await serveSample(['demo'], { key: null, keys: file() })
    try {
      const statuses = async (path: string) =>
        Promise.all((['viewer', 'analyst', 'admin'] as const).map(async (role) => (await served.ask(path, bearer(keys[role]))).status))
      for (const path of ['/', '/demo/', '/demo/assets/app.js', '/api/reports', '/api/summary', '/api/incidents', '/openapi.json'])
        expect(await statuses(path), path).toEqual([200, 200, 200])
      const rows = ['/api/traffic', '/api/flows', '/api/hosts', '/api/alerts']
      for (const path of [...rows, '/demo/traffic.sqlite', '/demo/traffic%2Esqlite', '/demo/traffic.sqlite?x'])
        expect(await statuses(path), path).toEqual([403, 200, 200])
      for (const path of ['/metrics', '/api/audit']) expect(await statuses(path), path).toEqual([403, 403, 200])
      // Every other address of the API is one of these: a new one has to be judged here.
      const { paths } = JSON.parse((await served.ask('/openapi.json', bearer(keys.viewer))).body) as { paths: object }
      expect(Object.keys(paths).sort()).toEqual(
        [...rows, '/api/audit', '/api/incidents', '/api/reports', '/api/summary', '/healthz', '/metrics'].sort(),
      )
      const head = await served.ask('/demo/traffic.sqlite', { ...bearer(keys.viewer), range: 'bytes=0-9' }, 'HEAD')
      expect([head.status, head.headers['content-range']]).toEqual([403, undefined])
    } finally {
      await served.close()
    }
  })

  test('apply to a cookie as to the key, and with a file there is no random key', async () => {
    const served = await serveSample([''], { key: null, keys: file() })
    try {
      expect(served.server.address).toBe(`${served.server.origin}/`)
      const cookie = cookieFrom((await served.ask(`/?key=${keys.viewer}`, {})).headers)
      expect(cookie).not.toContain(keys.viewer)
      expect((await served.ask('/', { cookie })).status).toBe(200)
      expect((await served.ask('/traffic.sqlite', { cookie })).status).toBe(403)
      for (const wrong of [
        KEY,
        keys.viewer.slice(0, -1),
        `${keys.viewer}x`,
        keys.viewer.slice(0, 8),
        `${keys.viewer.slice(0, 8)}${keys.admin.slice(8)}`,
      ])
        expect((await served.ask('/', bearer(wrong))).status, wrong).toBe(401)
    } finally {
      await served.close()
    }
  })

  test('watch a running capture; its database as a file is for analysts', async () => {
    await ensureSite()
    const feed = new ScriptedFeed()
    const server = await startServer({ ...OPTIONS, keys: file() }, (counters) =>
      liveContent(feed, '0.0.0', counters, SITE_DIR, sourceThreads()),
    )
    const port = Number(new URL(server.origin).port)
    try {
      feed.push()
      const status = async (path: string, role: Role) => (await ask(port, path, bearer(keys[role]))).status
      for (const path of ['/', '/assets/data/manifest.js', '/assets/data/capture.sqlite', '/api/status', '/api/changes', '/api/tables'])
        expect(await status(path, 'viewer'), path).toBe(200)
      for (const path of ['/traffic.sqlite', '/api/traffic', '/api/flows']) {
        expect(await status(path, 'viewer'), path).toBe(403)
        expect(await status(path, 'analyst'), path).toBe(200)
      }
    } finally {
      await server.close()
    }
  })
})

describe('a key that is withdrawn', () => {
  test('ends its sessions and sockets when the file is read again; others and their sockets stay', async () => {
    await ensureSite()
    const own = join(folder, 'own')
    await writeFile(own, await readFile(file()), { mode: 0o600 })
    await rm(auditFile(), { force: true })
    const options = { ...OPTIONS, keys: own, audit: auditFile() }
    const feed = new ScriptedFeed()
    const server = await startServer(options, (counters) => liveContent(feed, '0.0.0', counters, SITE_DIR, sourceThreads()))
    const port = Number(new URL(server.origin).port)
    const cookieOf = async (key: string) => cookieFrom((await ask(port, `/?key=${key}`, {})).headers)
    const view = async (headers: Record<string, string>) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/live?since=0`, { headers })
      socket.on('error', () => {})
      await new Promise((resolve) => socket.once('open', resolve))
      return socket
    }
    try {
      const [gone, stays, owner] = await Promise.all([keys.viewer, keys.analyst, KEY].map(cookieOf))
      const sockets = await Promise.all([
        view({ cookie: gone }),
        view(bearer(keys.viewer)),
        view({ cookie: stays }),
        view({ cookie: owner }),
      ])
      const states = () => sockets.map(({ readyState }) => readyState === WebSocket.OPEN)

      await writeFile(own, 'a broken line\n')
      expect(() => server.reload()).toThrow(/own, line 1: it must be name, role, day, id and scrypt hash/)
      expect((await ask(port, '/', { cookie: gone })).status).toBe(200)

      await writeFile(own, formatKeyFile(entriesOf('a-analyst')))
      server.reload()
      await expect.poll(states).toEqual([false, false, true, true])
      for (const headers of [{ cookie: gone }, bearer(keys.viewer), bearer(keys.admin)])
        expect((await ask(port, '/', headers)).status).toBe(401)
      for (const headers of [{ cookie: stays }, bearer(keys.analyst), { cookie: owner }])
        expect((await ask(port, '/', headers)).status).toBe(200)
      const revoked = (await audited()).filter(({ action }) => action === 'revoked')
      expect(revoked.map(({ key }) => key).sort()).toEqual(['a-admin', 'a-viewer'])
      for (const socket of sockets) socket.terminate()
    } finally {
      await server.close()
    }
  })

  test('and one whose role is changed is another key: its sessions begin anew', async () => {
    const own = join(folder, 'changed')
    await writeFile(own, formatKeyFile(entriesOf('a-analyst')), { mode: 0o600 })
    const served = await serveSample([''], { keys: own })
    try {
      const cookie = cookieFrom((await served.ask(`/?key=${keys.analyst}`, {})).headers)
      expect((await served.ask('/traffic.sqlite', { cookie })).status).toBe(200)
      await writeFile(own, (await readFile(own, 'utf8')).replace(' analyst ', ' viewer '))
      served.server.reload()
      expect((await served.ask('/traffic.sqlite', { cookie })).status).toBe(401)
      expect((await served.ask('/traffic.sqlite', bearer(keys.analyst))).status).toBe(403)
    } finally {
      await served.close()
    }
  })
})

describe('sessions', () => {
  test('are shared by tabs, end by signing out, and the key of another user takes their place', async () => {
    const served = await serveSample([''], { keys: file() })
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: served.server.origin }
    try {
      const cookie = cookieFrom((await served.ask(`/?key=${keys.viewer}`, {})).headers)
      expect((await served.ask(`/?key=${keys.viewer}`, { cookie })).headers['set-cookie']).toBeUndefined() // a second tab
      const other = cookieFrom((await served.ask(`/?key=${keys.admin}`, { cookie })).headers)
      expect((await served.ask('/', { cookie })).status).toBe(401)
      expect((await served.ask('/sign-out', { cookie: other })).body).toContain('the key of a-admin')
      expect((await served.ask('/sign-out', { cookie: other, origin: 'https://evil.example' }, 'POST')).status).toBe(403)
      expect((await served.ask('/', { cookie: other })).status).toBe(200)
      const out = await served.ask('/sign-out', { ...form, cookie: other }, 'POST')
      expect([out.status, out.headers.location, out.headers['set-cookie']![0]]).toEqual([
        303,
        '/sign-out',
        expect.stringMatching(/=; Path=\/; HttpOnly; SameSite=Strict; Max-Age=0$/),
      ])
      expect((await served.ask('/', { cookie: other })).status).toBe(401)
    } finally {
      await served.close()
    }
  })

  test('of the one key go on when the server starts again with it, but not after signing out, nor with another key', async () => {
    const served = await serveSample([''])
    const cookie = cookieFrom((await served.ask(`/?key=${KEY}`, {})).headers)
    const { port } = served
    await served.close()
    const again = await serveSample([''], { port })
    expect((await again.ask('/', { cookie })).status).toBe(200)
    await again.ask('/sign-out', { cookie, origin: again.server.origin }, 'POST')
    expect((await again.ask('/', { cookie })).status).toBe(401)
    await again.close()
    const changed = await serveSample([''], { port, key: 'another-key-of-mine' })
    expect((await changed.ask('/', { cookie })).status).toBe(401)
    await changed.close()
  })

  test('end after 30 days, and a thousand of a user at most are kept', () => {
    let nowMs = Date.UTC(2026, 2, 2)
    const sessions = new Sessions(null, () => nowMs)
    const user = new User('one', 'viewer')
    const first = sessions.start(user)
    for (let tab = 0; tab < 1_000; tab++) sessions.start(user)
    expect(sessions.find(first)).toBeNull()
    const last = sessions.start(user)
    nowMs += 30 * 86_400_000 - 1_000
    expect(sessions.find(last)?.user).toBe(user)
    nowMs += 2_000
    expect(sessions.find(last)).toBeNull()
  })
})

describe('going on after signing in', () => {
  test.each([
    ['/demo/?x=1', '/demo/?x=1'],
    ['//evil.example/', '/'],
    ['/\\evil.example', '/'],
    ['/.//evil.example', '/evil.example'],
    ['https://evil.example', '/'],
    ['/a?key=secret', '/a'],
    ['/\r\nset-cookie: a=b', '/'],
  ])('%s leads to %s', async (to, location) => {
    const served = await serveSample([''])
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: served.server.origin }
    const done = await served.ask('/sign-in', form, 'POST', new URLSearchParams({ key: KEY, to }).toString())
    expect([done.status, done.headers.location]).toEqual([303, location])
    await served.close()
  })

  test('the page that asks for the key remembers the address, as text', async () => {
    const served = await serveSample([''])
    const page = await served.ask(`/a"><script>alert(1)</script>?key=wrong`, { accept: 'text/html' })
    expect(page.status).toBe(401)
    expect(page.body).not.toContain('<script>')
    expect(page.body).toMatch(/name="to" value="\/a[^"]*script/)
    await served.close()
  })
})

describe('a flood of wrong keys', () => {
  test('with a known beginning hashes two at a time, and lets the right key in that was there before', async () => {
    const keyring = new Keyring(null, file())
    expect(await keyring.find(keys.viewer)).toMatchObject({ name: 'a-viewer', role: 'viewer' })
    const startedMs = performance.now()
    const guesses = Array.from({ length: 1_000 }, (_, guess) => keyring.find(`${keys.viewer.slice(0, 8)}${guess}`))
    expect(await keyring.find(keys.viewer)).toMatchObject({ name: 'a-viewer' })
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([null]))
    expect(performance.now() - startedMs).toBeLessThan(500) // not one of them was hashed: that would take 20 s
    const others = await Promise.all(Array.from({ length: 500 }, (_, guess) => keyring.find(`${keys.admin.slice(0, 8)}${guess}`)))
    expect(others.filter((found) => found === 'busy').length).toBeGreaterThan(390)
    expect(others.filter((found) => found !== 'busy' && found !== null)).toEqual([])
    expect(await keyring.find(keys.admin)).toMatchObject({ name: 'a-admin' })
  })
})

describe('the audit', () => {
  test('has sign-ins, refusals and downloads with name and address, no key, and hostile text as text', async () => {
    await rm(auditFile(), { force: true })
    const served = await serveSample(['demo'], { keys: file(), audit: auditFile() })
    try {
      const { headers } = await served.ask(`/demo/?key=${keys.analyst}`, {})
      const cookie = cookieFrom(headers)
      await served.ask('/demo/traffic.sqlite', { cookie })
      for (let part = 0; part < 20; part++) await served.ask('/demo/traffic.sqlite', { cookie, range: `bytes=${part}-${part}` })
      await served.ask('/demo/traffic.sqlite', { cookie }, 'HEAD')
      await served.ask('/metrics', { cookie })
      await served.ask('/demo/?key=a-wrong-secret', {})
      await served.ask('/', bearer(keys.viewer))
      await served.ask('/', bearer(keys.viewer))
      await served.ask('/api/flows?\u001b[2J"', bearer(keys.viewer)).catch(() => {})
      await served.ask('/api/flows/%1b[2J"', bearer(keys.viewer))
      await served.ask('/sign-out', { cookie, origin: served.server.origin }, 'POST')
      const latest = JSON.parse((await served.ask('/api/audit')).body) as { items: unknown[] }
      await served.close()
      const lines = await audited()
      const brief = lines.map(({ action, key, detail = '' }) => `${action} ${key} ${detail}`)
      expect(brief.slice(0, 6)).toEqual([
        'sign-in a-analyst key in the address',
        'download a-analyst /demo/traffic.sqlite',
        'refused a-analyst /metrics',
        'refused null wrong key',
        'sign-in a-viewer key in a header',
        'sign-out a-analyst ',
      ])
      expect(brief[6]).toBe('sign-in (access key) key in a header')
      // What was repeated within a minute is one more line with its number.
      expect(lines.find(({ action, times }) => action === 'download' && times !== 1)).toMatchObject({ times: 20 })
      expect(latest.items).toHaveLength(7)
      for (const { time, address } of lines) {
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
        expect(address).toBe('127.0.0.1')
      }
      const text = await readFile(auditFile(), 'utf8')
      for (const secret of [...Object.values(keys), KEY, 'a-wrong-secret', cookie.split('=')[1]]) expect(text).not.toContain(secret)
      expect(text).toMatch(/^[\x20-\x7e\n]*$/)
      expect((await stat(auditFile())).mode & 0o777).toBe(0o600)
    } finally {
      await served.close().catch(() => {})
    }
  })

  test('continues in a new file after the old one was moved away', async () => {
    await rm(auditFile(), { force: true })
    const served = await serveSample([''], { audit: auditFile() })
    await served.ask(`/?key=${KEY}`, {})
    await rename(auditFile(), `${auditFile()}.1`)
    served.server.reload()
    await served.ask('/', bearer('wrong'))
    await served.close()
    expect((await audited()).map(({ action }) => action)).toEqual(['refused'])
  })
})

describe('rtnvis keys', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [CLI, 'keys', ...args], { cwd: folder, encoding: 'utf8', timeout: 20_000 })

  test('makes a key that is shown once, lists and removes it; the file has a hash with its parameters', async () => {
    const added = run('add', 'anna', '--role', 'analyst', '--file', 'made')
    expect([added.status, added.stdout]).toEqual([0, expect.stringMatching(/^[\w-]{40}\n$/)])
    const key = added.stdout.trim()
    const text = await readFile(join(folder, 'made'), 'utf8')
    expect(text).not.toContain(key.slice(8))
    expect(text).toMatch(/^anna analyst \d{4}-\d\d-\d\d [\w-]{8} \$scrypt\$ln=14,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/m)
    expect((await stat(join(folder, 'made'))).mode & 0o777).toBe(0o600)
    expect(await new Keyring(null, join(folder, 'made')).find(key)).toMatchObject({ name: 'anna', role: 'analyst' })

    expect(run('add', 'bob', '--file', 'made').status).toBe(0)
    expect(run('list', '--file', 'made').stdout).toMatch(/^anna {2}analyst {2}\S+\nbob {3}viewer {3}\S+\n$/)
    const twice = run('add', 'anna', '--file', 'made')
    expect([twice.status, twice.stdout, twice.stderr]).toEqual([2, '', 'rtnvis: made has a key of anna: remove it first\n'])
    expect(run('remove', 'anna', '--file', 'made').status).toBe(0)
    expect(run('list', '--file', 'made').stdout).toMatch(/^bob {2}viewer/)
    expect(await new Keyring(null, join(folder, 'made')).find(key)).toBeNull()
    await chmod(join(folder, 'made'), 0o644)
    expect(run('list', '--file', 'made').stderr).toBe('rtnvis: every user of this machine can read made: chmod 600 made\n')
  })

  test('refuses in one line what it cannot do', async () => {
    const hash = '$scrypt$ln=14,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    await writeFile(join(folder, 'bad-role'), `# a comment\n\neve god 2026-03-02 AAAAAAAA ${hash}\n`)
    await writeFile(join(folder, 'costly'), `eve viewer 2026-03-02 AAAAAAAA ${hash.replace('ln=14', 'ln=30')}\n`)
    await writeFile(join(folder, 'twice'), `eve viewer 2026-03-02 AAAAAAAA ${hash}\n`.repeat(2))
    const cases: [string[], string][] = [
      [['list', '--file', 'missing'], 'missing: no such file'],
      [['list', '--file', '.'], '.: it is not a file'],
      [['list', '--file', 'bad-role'], 'bad-role, line 3: the role must be one of viewer, analyst, admin'],
      [['list', '--file', 'costly'], 'costly, line 1: it must be name, role, day, id and scrypt hash'],
      [['list', '--file', 'twice'], 'twice, line 2: this key is there twice'],
      [['add', 'eve', '--role', 'god', '--file', 'new'], '--role must be one of viewer, analyst, admin'],
      [['add', 'eve mallory', '--file', 'new'], 'name has up to 64 letters, digits'],
      [['add', 'eve', '--file', 'none/new'], 'none/new cannot be written (ENOENT)'],
      [['remove', 'eve', '--file', 'keys'], 'keys has no key of eve'],
    ]
    for (const [args, line] of cases) {
      const { status, stdout, stderr } = run(...args)
      expect([status, stdout], args.join(' ')).toEqual([2, ''])
      expect(stderr).toContain(line)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
    expect(parseHash(hash)).not.toBeNull()
  })
})
