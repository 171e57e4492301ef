// The server over a running capture: what viewers hear, in which order, and what becomes of those who do not read, ask too much or come in crowds.
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LivePacket } from '../../../src/contract/live-feed.ts'
import type { LiveChange, LiveMessage } from '../../../src/contract/live-message.ts'
import { type LiveContent, liveContent } from '../../../src/node/serve/live-content.ts'
import { type RunningServer, startServer } from '../../../src/node/serve/server.ts'
import { SITE_DIR } from '../../support/browser.ts'
import { sourceThreads } from '../../support/database-threads.ts'
import { flowTo, LAST_US, ScriptedFeed, SYDNEY } from './scripted-feed.ts'
import { ask, KEY, OPTIONS } from './served.ts'

let feed: ScriptedFeed
let content: LiveContent
let server: RunningServer
let port: number
beforeEach(async () => {
  feed = new ScriptedFeed()
  server = await startServer({ ...OPTIONS, allowedOrigins: ['https://dashboard.example'] }, (counters) => {
    content = liveContent(feed, '0.0.0', counters, SITE_DIR, sourceThreads())
    return content
  })
  port = Number(new URL(server.origin).port)
})
afterEach(async () => {
  content.close()
  await server.close()
})

const get = (path: string) => ask(port, path, { 'x-api-key': KEY })

/** A viewer; `messages` grow as they come. */
async function view(since = 0, headers: Record<string, string> = { 'x-api-key': KEY }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live?since=${since}`, { headers })
  const messages: LiveMessage[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as LiveMessage))
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  return { socket, messages, closed }
}

/** HTTP status of a refused WebSocket. */
const refused = (path: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
    socket.on('open', () => reject(new Error('the socket opened')))
    socket.on('error', () => {})
  })

const packet = (id: number, flowId: number, fromClient: boolean): LivePacket => ({
  id,
  flowId,
  atUs: LAST_US + id,
  fromClient,
  bytes: 100,
  tcpFlags: 16,
})

describe('a viewer', () => {
  test('receives the changes, and only those', async () => {
    const viewer = await view()
    feed.push({ hosts: [SYDNEY], flows: [flowTo(8, 8, 1)] })
    feed.push({ flows: [flowTo(3, 9, 2)] })
    await expect.poll(() => viewer.messages.length).toBe(2)
    const [first, second] = viewer.messages as [LiveChange, LiveChange]
    expect([first.after, first.sequence, first.hosts, first.flows]).toEqual([0, 1, [SYDNEY], [flowTo(8, 8, 1)]])
    expect([second.after, second.sequence, second.hosts, second.flows]).toEqual([1, 2, [], [flowTo(3, 9, 2)]])
    expect(second.totals.flows).toBe(9)
    expect(second.nowUs).toBeGreaterThanOrEqual(LAST_US + 2e6)
    viewer.socket.close()
  })

  test('that reconnects gets what it missed in one message, each conversation once', async () => {
    feed.push({ flows: [flowTo(3, 8, 1)] })
    feed.push({ flows: [flowTo(3, 8, 2, { clientPackets: 9 }), flowTo(4, 9, 2)] })
    feed.push({ flows: [flowTo(4, 9, 3, { clientPackets: 7 })] })
    const viewer = await view(1)
    await expect.poll(() => viewer.messages.length).toBe(1)
    const [change] = viewer.messages as [LiveChange]
    expect([change.after, change.sequence]).toEqual([1, 3])
    expect(change.flows.map(({ id, clientPackets }) => [id, clientPackets])).toEqual([
      [8, 9],
      [9, 7],
    ])
    viewer.socket.close()
  })

  test('that missed more than is kept, or is of another capture, must load everything again', async () => {
    for (let batch = 0; batch < 800; batch++) feed.push()
    for (const since of [1, 5_000]) {
      const viewer = await view(since)
      await expect.poll(() => viewer.messages).toEqual([{ type: 'resync' }])
      viewer.socket.close()
    }
  })

  test('receives the end after the last change', async () => {
    const viewer = await view()
    feed.push({ flows: [flowTo(3, 8, 1)] })
    feed.end('the time was up')
    await expect.poll(() => viewer.messages.map(({ type }) => type)).toEqual(['change', 'end'])
    expect(viewer.messages[1]).toEqual({ type: 'end', endedBy: 'the time was up' })
    viewer.socket.close()
  })

  test('that cannot open a WebSocket gets the same by requests', async () => {
    feed.push({ flows: [flowTo(3, 8, 1)] })
    const [change] = JSON.parse((await get('/api/changes?since=0')).body) as [LiveChange]
    expect([change.sequence, change.flows]).toEqual([1, [flowTo(3, 8, 1)]])
    expect((await get('/api/changes?since=1')).body).toBe('[]')
    const database = await get('/traffic.sqlite')
    expect([database.headers['rtnvis-sequence'], database.body.slice(0, 15)]).toEqual(['1', 'SQLite format 3'])
  })
})

test('/openapi.json describes what a running capture answers, and all of it does', async () => {
  const { paths } = JSON.parse((await get('/openapi.json')).body) as { paths: Record<string, unknown> }
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/status', '/api/changes', '/api/tables', '/api/traffic', '/metrics']))
  for (const path of Object.keys(paths)) expect((await get(path)).status, path).toBe(200)
  expect(JSON.parse((await get('/api/status')).body)).toMatchObject({ state: 'capturing', interfaceName: 'eth7' })
})

test('alerts and names are sent as rows that changed between two snapshots', async () => {
  interface Tables {
    version: number
    tables: { name: string; columns: string[]; key: string[]; rows: unknown[][]; gone: unknown[][] }[]
  }
  const tables = async (since: number) => JSON.parse((await get(`/api/tables?since=${since}`)).body) as Tables
  const first = await tables(0)
  const names = first.tables.find(({ name }) => name === 'names')!
  expect(names.key).toEqual(['host_id', 'name', 'source'])
  expect(names.rows).toHaveLength(3)
  expect((await tables(first.version)).tables).toEqual([])
  feed.push()
  await feed.edit(`UPDATE names SET count = 9 WHERE source = 'tls'; DELETE FROM names WHERE host_id = 6`)
  const second = await tables(first.version)
  expect(second.version).toBeGreaterThan(first.version)
  expect(second.tables).toHaveLength(1)
  expect(second.tables[0].rows.map((row) => row.at(-1))).toEqual([9])
  expect(second.tables[0].gone.map(([host]) => host)).toEqual([6])
  expect((await tables(second.version)).tables).toEqual([])
})

describe('a stranger', () => {
  test.each([
    ['without a key', '/live?since=0', {}, 401],
    ['with a wrong key', '/live?since=0', { 'x-api-key': 'wrong' }, 401],
    ['with the key in the address', `/live?since=0&key=${KEY}`, {}, 400],
    ['on a page of another site', '/live?since=0', { 'x-api-key': KEY, origin: 'https://evil.example' }, 403],
    ['by a rebound name', '/live?since=0', { 'x-api-key': KEY, host: 'evil.example' }, 421],
    ['somewhere else', '/elsewhere', { 'x-api-key': KEY }, 404],
    ['with a strange question', '/live?since=-1', { 'x-api-key': KEY }, 400],
  ])('%s gets no WebSocket', async (_, path, headers, status) => {
    expect(await refused(path, headers)).toBe(status)
  })

  test('on a page of another port cannot use the reader’s cookie', async () => {
    const swap = await ask(port, `/?key=${KEY}`, {})
    const cookie = swap.headers['set-cookie']![0].split(';')[0]
    expect(await refused('/live?since=0', { cookie, origin: 'http://127.0.0.1:1' })).toBe(403)
    expect(await refused('/live?since=0', { cookie, origin: 'https://dashboard.example' })).toBe(401)
    const viewer = await view(0, { cookie, origin: server.origin })
    viewer.socket.close()
  })

  test('that talks is hung up on, at once when it talks long', async () => {
    const chatty = await view()
    chatty.socket.send('hello')
    expect(await chatty.closed).toBe(1008)
    const long = await view()
    long.socket.send('x'.repeat(2_000))
    expect(await long.closed).toBe(1009)
  })
})

test('a client that never reads costs a bounded amount and does not hold up the others', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `GET /live?since=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: ${KEY}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  )
  await new Promise((resolve) => socket.once('readable', resolve))
  const reader = await view()
  const fat = 'x'.repeat(1000)
  let most = 0
  for (let batch = 1; batch <= 200; batch++) {
    // 100 kB a batch, 20 MB in all: far more than the two ends' sockets hold.
    feed.push({ flows: Array.from({ length: 100 }, (_, flow) => flowTo(3, 8 + flow, batch / 5, { serverName: fat })) })
    await setTimeout(2)
    most = Math.max(most, content.viewers.waitingBytes)
  }
  await expect.poll(() => (reader.messages.at(-1) as LiveChange).sequence).toBe(200)
  expect(content.viewers.count).toBe(2)
  // What waits is at most the limit for writing on, and the one message that went over it: here never more than the 100 conversations as they stand.
  expect(most).toBeLessThan(2_000_000)
  socket.destroy()
  reader.socket.close()
})

test('200 viewers all receive everything', async () => {
  const viewers = await Promise.all(Array.from({ length: 200 }, () => view()))
  for (let batch = 1; batch <= 20; batch++) feed.push({ flows: [flowTo(3, 7 + batch, batch / 5)] })
  const heard = ({ messages }: { messages: LiveMessage[] }) =>
    new Set(messages.flatMap((message) => (message.type === 'change' ? message.flows.map(({ id }) => id) : []))).size
  await expect.poll(() => viewers.map(heard)).toEqual(new Array(200).fill(20))
  expect((await get('/metrics')).body).toContain('\nrtnvis_viewers 200\n')
  for (const { socket } of viewers) socket.close()
})

describe('/api/traffic', () => {
  test('answers the latest packets with both ends, newest first', async () => {
    feed.push({
      hosts: [SYDNEY, { ...SYDNEY, id: 1, ip: '192.168.1.10', scope: 'private' }],
      flows: [flowTo(8, 8, 1), flowTo(8, 9, 1, { application: null, transport: 'udp' })],
      packets: [packet(1, 8, true), packet(2, 8, false), packet(3, 9, true)],
    })
    const rows = JSON.parse((await get('/api/traffic')).body) as Record<string, unknown>[]
    // The second packet goes to a private address: the first RTNVIS kept packets to public ones only.
    expect(rows).toEqual([
      {
        ...{ src_ip: '192.168.1.10', dst_ip: '1.1.1.1', src_lat: -33.87, src_lon: 151.21, dst_lat: -33.87, dst_lon: 151.21 },
        ...{ protocol: 'UDP', timestamp: '2026-03-02T10:01:00.000003Z' },
      },
      {
        ...{ src_ip: '192.168.1.10', dst_ip: '1.1.1.1', src_lat: -33.87, src_lon: 151.21, dst_lat: -33.87, dst_lon: 151.21 },
        ...{ protocol: 'HTTPS', timestamp: '2026-03-02T10:01:00.000001Z' },
      },
    ])
    const ofAll = JSON.parse((await get('/api/traffic?all=true&limit=2')).body) as { src_ip: string }[]
    expect(ofAll.map((row) => row.src_ip)).toEqual(['192.168.1.10', '1.1.1.1'])
    const https = JSON.parse((await get('/api/traffic?protocol=https')).body) as unknown[]
    expect(https).toHaveLength(1)
    const later = JSON.parse((await get('/api/traffic?since=2026-03-02T10:01:00.000002Z')).body) as unknown[]
    expect(later).toHaveLength(1)
  })
})
