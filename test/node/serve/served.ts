// A folder of reports made of the sample database, and a server over it; requests as raw as a test needs them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportContent } from '../../../src/node/serve/report-content.ts'
import { Reports } from '../../../src/node/serve/reports.ts'
import { type RunningServer, type ServerOptions, startServer } from '../../../src/node/serve/server.ts'
import { ensureSite, SITE_DIR } from '../../support/browser.ts'
import { sourceThreads } from '../../support/database-threads.ts'
import { makeSampleDatabase } from '../../support/sample-database.ts'

export const KEY = 'correct-horse-battery'

export const OPTIONS: ServerOptions = {
  host: '127.0.0.1',
  port: 0,
  key: KEY,
  keys: null,
  audit: null,
  tlsCert: null,
  tlsKey: null,
  allowedOrigins: [],
  allowedHosts: [],
  trustedProxies: [],
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface Served {
  server: RunningServer
  port: number
  folder: string
  ask(path: string, headers?: OutgoingHttpHeaders, method?: string, body?: string): Promise<Answer>
  close(): Promise<void>
}

/** All of a report's folder that a server reads. */
export async function makeReport(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'traffic.sqlite'), await makeSampleDatabase())
}

/** @param names of the reports; [""]: the folder is itself a report */
export async function serveSample(names: string[], options: Partial<ServerOptions> = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'rtnvis-serve-'))
  for (const name of names) await makeReport(join(folder, name))
  await writeFile(join(folder, 'secret.txt'), 'top secret')
  return serveFolder(folder, options)
}

/** @param threads of the server; a test may want its own limits. The folder is removed in the end */
export async function serveFolder(folder: string, options: Partial<ServerOptions> = {}, threads = sourceThreads()): Promise<Served> {
  await ensureSite()
  const reports = await Reports.open(folder, threads)
  const server = await startServer({ ...OPTIONS, ...options }, (counters) => reportContent(reports, '0.0.0', counters, SITE_DIR))
  const port = Number(new URL(server.origin).port)
  return {
    server,
    port,
    folder,
    ask: (path, headers = { 'x-api-key': KEY }, method = 'GET', body = '') => ask(port, path, headers, method, body),
    close: async () => {
      await server.close()
      await reports.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The path goes out as it is: no client tidies it up. */
export function ask(port: number, path: string, headers: OutgoingHttpHeaders, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString('latin1') }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
