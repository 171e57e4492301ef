// `rtnvis live --from tcp://HOST:PORT`: the packets that a server sends over a connection, as if they were captured here.
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, test } from 'vitest'
import { CLI, DEMO } from '../../faults/support.ts'
import { sqlite3 } from '../../support/sqlite3.ts'

const FIXTURES = fileURLToPath(new URL('../../../fixtures', import.meta.url))
const FLOWS = `SELECT transport, c.ip, client_port, s.ip, server_port, f.first_us, f.last_us, client_packets, server_packets, client_bytes, server_bytes, state, server_name
  FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id ORDER BY f.id`

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-from-'))
let server: Server | null = null
afterEach(() => server?.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Sends the file in pieces that cut headers and packets. @param end what follows the last one @returns its address for --from */
async function serve(file: string, end: (socket: Socket) => void): Promise<string> {
  const bytes = readFileSync(file)
  server = createServer(async (socket) => {
    socket.on('error', () => {})
    for (let at = 0, size = 1; at < bytes.length && !socket.destroyed; at += size, size = Math.min(size * 2 + 1, 60_001)) {
      socket.write(bytes.subarray(at, at + size))
      await sleep(1)
    }
    end(socket)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function run(...args: string[]): { ended: Promise<{ code: number | null; stderr: string }>; interrupt(): void } {
  const child = spawn(process.execPath, [CLI, 'live', '--no-site', ...args], { cwd: folder })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text
  })
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => child.on('close', (code) => resolve({ code, stderr })))
  return { ended, interrupt: () => child.kill('SIGINT') }
}

const refused = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [CLI, 'live', '-q', ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 })

test.each([
  ['pcap', join(FIXTURES, 'names-tls/input.pcap')],
  ['pcapng', DEMO],
])('a stream of %s gives the conversations that its file gives, and is the raw file to the byte', async (form, file) => {
  const address = await serve(file, (socket) => socket.end())
  const { ended } = run('--from', address, '-o', form, '-w', `${form}.raw`, '-q')
  expect(await ended).toEqual({ code: 0, stderr: '' })
  expect(spawnSync(process.execPath, [CLI, 'analyze', file, '-o', `${form}-file`, '--no-site', '-q'], { cwd: folder }).status).toBe(0)
  const flows = sqlite3(join(folder, `${form}-file/traffic.sqlite`), FLOWS)
  expect(flows.split('\n').length).toBeGreaterThan(5)
  expect(sqlite3(join(folder, form, 'traffic.sqlite'), FLOWS)).toBe(flows)
  expect(sqlite3(join(folder, form, 'traffic.sqlite'), 'SELECT file, ended_by, format FROM captures')).toBe(
    `${address}|the server ended the stream|live capture by tcp\n`,
  )
  expect(readFileSync(join(folder, `${form}.raw`)).equals(readFileSync(file))).toBe(true)
})

test('a stream without end is captured until Ctrl-C, with all that came', async () => {
  let isSent = false
  const address = await serve(join(FIXTURES, 'names-tls/input.pcap'), () => {
    isSent = true
  })
  const { ended, interrupt } = run('--from', address, '-o', 'open', '-q')
  while (!isSent) await sleep(20)
  await sleep(500)
  interrupt()
  expect((await ended).code).toBe(0)
  const sum = 'SELECT sum(packets), ended_by FROM captures'
  const packets = spawnSync('capinfos', ['-TMc', join(FIXTURES, 'names-tls/input.pcap')], { encoding: 'utf8' })
    .stdout.trim()
    .split(/\s/)
    .at(-1)
  expect(sqlite3(join(folder, 'open/traffic.sqlite'), sum)).toBe(`${packets}|ended by the user\n`)
})

test('a connection that breaks off is said, and the report has what came before', async () => {
  const address = await serve(join(FIXTURES, 'names-tls/input.pcap'), (socket) => setTimeout(() => socket.resetAndDestroy(), 300))
  const { ended } = run('--from', address, '-o', 'broken')
  const { code, stderr } = await ended
  expect(code).toBe(1)
  expect(stderr).toContain('the server broke the connection')
  expect(Number(sqlite3(join(folder, 'broken/traffic.sqlite'), 'SELECT count(*) FROM flows'))).toBeGreaterThan(0)
})

test('what is wrong is one line: no server, no packets, other bytes, a wrong address, options of programs that capture', async () => {
  const address = await serve(DEMO, () => {})
  server!.close()
  await new Promise((resolve) => server!.once('close', resolve))
  expect(refused('--from', address)).toMatchObject({ status: 1, stderr: `rtnvis: --from ${address}: nothing listens there\n` })
  expect(refused('--from', 'tcp://127.0.0.1')).toMatchObject({ status: 2, stderr: expect.stringContaining('it must be tcp://HOST:PORT') })
  for (const wrong of [['-i', 'lo'], ['-f', 'tcp'], ['--http'], ['-c', '5'], ['--via', 'tcpdump']])
    expect(refused('--from', address, ...wrong)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${wrong[0]} is for capturing on this machine`),
    })
  const silent = await serve('/dev/null', (socket) => socket.end())
  expect(await run('--from', silent, '-o', 'silent').ended).toEqual({
    code: 1,
    stderr: `rtnvis: --from ${silent}: the server closed the connection before the first packet\n`,
  })
})
