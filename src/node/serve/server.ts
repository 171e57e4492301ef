// One HTTP or HTTPS server: limits for each connection, the guard before all routes, then the content.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, BlockList, Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { UsageError } from '../../errors.ts'
import { AccessKey } from './access/access-key.ts'
import { Audit } from './access/audit.ts'
import { clientOf, parseTrusted } from './access/client-address.ts'
import { FailedKeys } from './access/failed-keys.ts'
import { Keyring } from './access/keyring.ts'
import { allows } from './access/roles.ts'
import { Sessions } from './access/sessions.ts'
import { appOf } from './app.ts'
import type { Content, Counters } from './env.ts'
import { type Asked, Guard } from './guard.ts'
import { Requests } from './requests.ts'
import { readTls } from './tls.ts'
import { answerPlainly, isLiveSocket, refuseUpgrade } from './upgrades.ts'

export interface ServerOptions {
  host: string
  /** Null: DEFAULT_PORT, or any free port if it is in use. */
  port: number | null
  /** Null: no key if there is a key file, otherwise a random key. */
  key: string | null
  /** File with more keys. */
  keys: string | null
  /** File of the audit. */
  audit: string | null
  tlsCert: string | null
  tlsKey: string | null
  allowedOrigins: string[]
  allowedHosts: string[]
  trustedProxies: string[]
}

export interface RunningServer extends Counters {
  /** Address for the user who started the server, with the key if there is only one. */
  address: string
  /** The origin, without the key. */
  origin: string
  /**
   * Reads the key file again, ends connections of removed keys, and opens the audit file again.
   * @throws UsageError; the keys then stay as they were
   */
  reload(): void
  close(): Promise<void>
}

const DEFAULT_PORT = 8770

/** Browsers send fewer than 4 KiB of headers; for more than this Node answers 431. */
const HEADER_BYTES = 16 * 1024
/** Time limit for the headers (with the TLS handshake before), and for a whole request; checked every LOOK_MS. */
const HEADERS_MS = 8_000
const REQUEST_MS = 10_000
const LOOK_MS = 2_000
/** A connection without traffic is closed after this time, because a stopped download uses memory. WebSockets have their own check. */
const IDLE_MS = 60_000
const CONNECTIONS = 2_000

/** A server that listens on its port and has its certificate, but does not answer yet; clients wait. */
export interface BoundServer {
  origin: string
  /**
   * Starts to answer.
   * @param build makes the content; called when the server's counters exist
   */
  serve(build: Build): RunningServer
  close(): Promise<void>
}

type Build = (counters: Counters) => Content

/**
 * Does everything that may fail or needs root's rights: reads the certificate, listens on the port.
 * @throws UsageError for invalid options; errors of listen() unchanged
 */
export async function bindServer(options: ServerOptions): Promise<BoundServer> {
  const own = options.key !== null ? new AccessKey(options.key) : options.keys === null ? AccessKey.random() : null
  const keyring = new Keyring(own, options.keys)
  const trusted = parseTrusted(options.trustedProxies)
  const { server, isTls } = createUnbound(options)
  server.timeout = IDLE_MS
  server.maxConnections = CONNECTIONS
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const early: [IncomingMessage, ServerResponse][] = []
  const keepWaiting = (request: IncomingMessage, response: ServerResponse) => early.push([request, response])
  server.on('request', keepWaiting)
  const audit = new Audit(options.audit)
  await listen(server, options).catch((error) => {
    audit.close()
    throw error
  })
  const { port } = server.address() as AddressInfo
  const origin = `${isTls ? 'https' : 'http'}://${printableHost(options.host)}:${port}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
      audit.close()
    })
  return {
    origin,
    close,
    serve: (build) => {
      const counters = { requests: new Requests(), failedKeys: new FailedKeys(), audit }
      const sessions = new Sessions(own && { user: keyring.owner!, key: own })
      const guard = new Guard({ keyring, sessions, ...counters, ...namesOf(options), cookieName: `rtnvis-${port}` })
      server.off('request', keepWaiting)
      answer(server, guard, trusted, build(counters), counters)
      for (const [request, response] of early) server.emit('request', request, response)
      const reload = () => {
        for (const user of keyring.reload()) {
          user.byKey.end()
          sessions.endAll(user)
          audit.write({ action: 'revoked', key: user.name, address: null }, 0)
        }
        audit.reopen()
      }
      return { origin, address: own ? `${origin}/?key=${encodeURIComponent(own.text)}` : `${origin}/`, ...counters, reload, close }
    },
  }
}

/** Binds and starts a server; see bindServer(). */
export async function startServer(options: ServerOptions, build: Build): Promise<RunningServer> {
  return (await bindServer(options)).serve(build)
}

function createUnbound(options: ServerOptions): { server: Server; isTls: boolean } {
  const limits = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LOOK_MS,
    keepAliveTimeout: 5_000,
  }
  const tls = readTls(options.tlsCert, options.tlsKey)
  if (tls === null) return { server: createServer(limits), isTls: false }
  try {
    return { server: createTlsServer({ ...limits, ...tls, handshakeTimeout: HEADERS_MS }), isTls: true }
  } catch (error) {
    throw new UsageError(`--tls-cert ${options.tlsCert}, --tls-key ${options.tlsKey}: ${(error as Error).message}`)
  }
}

/** The allowed host names. */
function namesOf({ host, allowedHosts, allowedOrigins }: ServerOptions) {
  const isLoopback = isLoopbackName(host)
  const names = [...allowedHosts, ...(isLoopback ? [] : [host, hostname()])]
  return { isLoopback, hostNames: names.map((name) => name.toLowerCase()), allowedOrigins }
}

function answer(server: Server, guard: Guard, trusted: BlockList, content: Content, counters: Counters): void {
  const requestOf = (request: IncomingMessage): Asked => {
    const { method = '', url: target = '', headers } = request
    return { method, target, headers, ...clientOf(request, trusted) }
  }
  server.on('request', getRequestListener(appOf(guard, requestOf, content, counters).fetch))
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (isLiveSocket(request, content)) void acceptSocket(request, socket, head)
    else answerPlainly(server, request, socket, head)
  })

  async function acceptSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { path, needs, accept } = content.socket!
    const asked = requestOf(request)
    const verdict = await guard.judge(asked)
    const visit = verdict.kind === 'pass' ? verdict.visit : null
    if (visit && allows(visit.user.role, needs)) {
      visit.hold(socket)
      accept({ target: asked.target, request, socket, head })
      return
    }
    if (visit) counters.audit.write({ action: 'refused', key: visit.user.name, address: asked.address, detail: path })
    const status = verdict.kind === 'refuse' ? verdict.status : visit ? 403 : 400
    counters.requests.count(status)
    refuseUpgrade(socket, `${status} Refused`)
  }
}

async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  const tryPort = (number: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port: number }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    await tryPort(port ?? DEFAULT_PORT)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && port === null) return tryPort(0)
    if (code === 'EADDRINUSE') throw new UsageError(`port ${port} of ${host} is taken: choose another with --port`)
    if (code === 'EACCES') throw new UsageError(`port ${port} needs more rights than you have: choose one above 1023 with --port`)
    if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') throw new UsageError(`--host ${host}: this machine has no such address`)
    throw error
  }
}

export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** An address that a user can open; the wildcard address cannot be opened. */
function printableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host.includes(':') ? `[${host}]` : host
}
