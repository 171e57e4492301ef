// Ctrl-C while a lake or a database is asked: the end is prompt, and nothing is left of what was begun. Runs dist/.
import { spawn } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLI, makeDemoLake } from '../support/demo-lake.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-interrupt-'))
const PROMPT_MS = 5000

/** 600 sensors with the same 1,243 conversations: seconds of work. */
beforeAll(() => {
  for (const name of ['tmp', 'out']) mkdirSync(join(folder, name))
  makeDemoLake(folder, join(folder, 'lake'), '0')
  const day = join(folder, 'lake/flows/day=2026-03-17')
  const [file] = readdirSync(join(day, 'sensor=0'))
  for (let i = 1; i < 600; i++) {
    mkdirSync(join(day, `sensor=${i}`))
    linkSync(join(day, 'sensor=0', file), join(day, `sensor=${i}`, file))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** @param isReady when to send the signal */
async function interrupted(args: string[], isReady: () => Promise<unknown>) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env: { ...process.env, TMPDIR: join(folder, 'tmp') } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await isReady()
  expect(child.exitCode).toBe(null)
  const at = performance.now()
  child.kill('SIGINT')
  const status = await ended
  return { status, output, isPrompt: performance.now() - at < PROMPT_MS }
}

/** DuckDB's temporary folder is there. */
async function isAsking(): Promise<void> {
  while (readdirSync(join(folder, 'tmp')).length === 0) await sleep(20)
  await sleep(700)
}

test('a question to DuckDB ends', async () => {
  const made = await interrupted(['query', 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b', 'lake'], isAsking)
  expect(made).toEqual({ status: 130, output: '', isPrompt: true })
  expect(readdirSync(join(folder, 'tmp'))).toEqual([])
})

test('a report of a lake ends, and leaves nothing', async () => {
  const made = await interrupted(['report', '--from', 'lake', '-o', 'out/report', '-q', '--no-site'], isAsking)
  expect(made).toEqual({ status: 130, output: 'rtnvis: interrupted: nothing was written\n', isPrompt: true })
  expect(readdirSync(join(folder, 'out'))).toEqual([])
  expect(readdirSync(join(folder, 'tmp'))).toEqual([])
})

test('a question, a report and an export that a database does not answer end', async () => {
  let asked = () => {}
  const server = createServer(() => asked()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = `clickhouse://127.0.0.1:${(server.address() as AddressInfo).port}/traffic`
  const isAsked = () => new Promise<void>((resolve) => (asked = resolve))
  const line = 'rtnvis: interrupted: nothing was written\n'
  expect(await interrupted(['query', 'SELECT 1', address], isAsked)).toEqual({ status: 130, output: '', isPrompt: true })
  expect(await interrupted(['report', '--from', address, '-o', 'out/report', '-q'], isAsked)).toEqual({
    status: 130,
    output: line,
    isPrompt: true,
  })
  expect(await interrupted(['export', 'demo', '--to', address, '-q'], isAsked)).toEqual({ status: 130, output: line, isPrompt: true })
  server.closeAllConnections()
  server.close()
  expect([readdirSync(join(folder, 'out')), readdirSync(join(folder, 'tmp'))]).toEqual([[], []])
})
