// Starts server.mjs, a server with ClickHouse's engine, with the tables of rtnvis.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { clickhouseStatements } from '../../src/export/clickhouse-ddl.ts'

export const HAS_CLICKHOUSE = existsSync(join(import.meta.dirname, 'node_modules/chdb'))
export const PASSWORD = "ge'heim"

export interface ClickhouseServer {
  port: number
  /** Of the database with the tables. */
  address: string
  /** Of a statement, what the server answers. */
  run(sql: string, database?: string): Promise<string>
  stop(): Promise<void>
}

export async function startClickhouse(folder: string): Promise<ClickhouseServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.mjs'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CLICKHOUSE_TEST_PASSWORD: PASSWORD },
  })
  const port = await firstLine(child)
  const run = async (sql: string, database = 'traffic') => {
    const authorization = `Basic ${Buffer.from(`default:${PASSWORD}`).toString('base64')}`
    const answer = await fetch(`http://127.0.0.1:${port}/?database=${database}`, { method: 'POST', body: sql, headers: { authorization } })
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return text
  }
  await run('CREATE DATABASE traffic', 'default')
  for (const statement of clickhouseStatements()) await run(statement)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    port,
    address: `clickhouse://default@127.0.0.1:${port}/traffic`,
    run,
    stop: () => {
      child.kill()
      return ended
    },
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: stdout! })) return Number(line)
  throw new Error('the server ended')
}
