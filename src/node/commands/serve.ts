// `rtnvis serve [DIR]`: options -> a server for finished reports that runs until it is interrupted.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { UsageError } from '../../errors.ts'
import { reasonOf } from '../input/input.ts'
import { warningOf } from '../serve/access/key-file.ts'
import { reportContent } from '../serve/report-content.ts'
import { Reports } from '../serve/reports.ts'
import { isLoopbackName, type RunningServer, type ServerOptions, startServer } from '../serve/server.ts'
import { DatabaseThreads } from '../workers/database-threads.ts'
import type { Run, ServeFlags, ServerFlags } from './options.ts'
import { print, say } from './terminal.ts'

export type ServeOptions = ServeFlags & Run

/**
 * Serves a report, or a folder of reports, until interrupted.
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runServe(folder: string, options: ServeOptions): Promise<void> {
  const reports = await Reports.open(folder, new DatabaseThreads())
  if (!options.quiet && (await reports.names()).length === 0)
    say(`there is no report in ${folder} yet: reports written there later will be served`)
  const server = await startServer(serverOptions(options), (counters) => reportContent(reports, options.programVersion, counters))
  // The address goes to stdout, because scripts may read it.
  await print(`${printedAddress(server, options)}\n`)
  if (!options.quiet) {
    warnOfListeners(options)
    const key = hasSecretKey(options)
      ? 'the access key is the one you gave'
      : server.address === `${server.origin}/`
        ? `the keys are those of ${options.keys}`
        : 'the address has the access key in it'
    say(`serving; ${key}. Ctrl-C ends it.`)
  }
  reloadOnHangup(server, options)
  if (!options.interrupt.aborted) await once(options.interrupt, 'abort')
  await server.close()
  await reports.close()
}

/** @throws UsageError that names the option */
export function serverOptions(flags: ServerFlags): ServerOptions {
  const origins = flags.allowOrigin.map((origin) => {
    if (origin === 'null') return origin
    const url = URL.canParse(origin) ? new URL(origin) : null
    if (url === null || !/^https?:$/.test(url.protocol) || !['', '/'].includes(url.pathname) || url.search !== '')
      throw new UsageError(`--allow-origin ${origin}: it must look like https://example.org, or be null for pages opened from files`)
    return url.origin
  })
  for (const host of flags.allowHost)
    if (!/^[a-z0-9._-]{1,253}$/i.test(host))
      throw new UsageError(`--allow-host ${host}: it must be a name without port, such as pc.example.org`)
  return {
    host: flags.host,
    port: flags.port ?? null,
    key: flags.key ?? keyOf(process.env),
    keys: flags.keys ?? null,
    audit: flags.audit ?? null,
    tlsCert: flags.tlsCert ?? null,
    tlsKey: flags.tlsKey ?? null,
    allowedOrigins: origins,
    allowedHosts: flags.allowHost,
    trustedProxies: flags.trustProxy,
  }
}

/** The address without the key if the key came from the environment: it is secret already and must not get into logs. */
export function printedAddress({ address, origin }: RunningServer, flags: ServerFlags): string {
  return hasSecretKey(flags) ? `${origin}/` : address
}

function hasSecretKey({ key }: ServerFlags): boolean {
  return key === undefined && Boolean(process.env.RTNVIS_KEY || process.env.RTNVIS_KEY_FILE)
}

/** RTNVIS_KEY, or the first line of the file in RTNVIS_KEY_FILE, as systemd and other service managers pass secrets. */
function keyOf({ RTNVIS_KEY: key, RTNVIS_KEY_FILE: file }: NodeJS.ProcessEnv): string | null {
  if (key) return key
  if (!file) return null
  try {
    return readFileSync(file, 'utf8').trim().split('\n', 1)[0]
  } catch (error) {
    throw new UsageError(`RTNVIS_KEY_FILE ${file}: ${reasonOf(error)}`)
  }
}

/** With a key file, SIGHUP does not end the server (see watchSignals()) but makes it read the file again. */
export function reloadOnHangup(server: RunningServer, { keys }: ServerFlags): void {
  if (keys === undefined) return
  process.on('SIGHUP', () => {
    try {
      server.reload()
    } catch (error) {
      say(`${(error as Error).message}; the keys are unchanged`)
    }
  })
}

/** Warns if others could read the traffic without TLS, or read the key file. */
export function warnOfListeners({ host, tlsCert, keys }: ServerFlags): void {
  const warning = keys === undefined ? null : warningOf(keys)
  if (warning !== null) say(warning)
  if (!isLoopbackName(host) && tlsCert === undefined)
    say('anyone on the network path can read the key and the traffic: add --tls-cert and --tls-key, or a proxy with TLS')
}
