// One HTTP or HTTPS server: limits on what a connection may cost, the guard before everything, then whatever is served.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { UsageError } from '../../errors.ts'
import { reasonOf } from '../input.ts'
import { say } from '../terminal.ts'
import { AccessKey } from './access-key.ts'
import { FailedKeys } from './failed-keys.ts'
import { type Asked, Guard, SIGN_IN_PATH, type Verdict } from './guard.ts'
import { allowOrigin, strictHeaders } from './headers.ts'
import { Requests } from './requests.ts'
import { SIGN_IN_HEADERS, signInPage } from './sign-in-page.ts'

export interface ServerOptions {
  host: string
  /** Null: DEFAULT_PORT, or any free one if that is taken. */
  port: number | null
  /** Null: a random one. */
  key: string | null
  tlsCert: string | null
  tlsKey: string | null
  allowedOrigins: string[]
  allowedHosts: string[]
}

export type Env = { Bindings: HttpBindings }

/** What stands behind the guard. */
export interface Content {
  routes: Hono<Env>
  /** Takes over a connection that asked for a WebSocket and passed the guard. */
  upgrade?: (asked: { target: string; request: IncomingMessage; socket: Duplex; head: Buffer }) => void
}

export interface RunningServer {
  /** With the key in it: for the person who started the server. */
  address: string
  /** Without the key. */
  origin: string
  key: AccessKey
  requests: Requests
  failedKeys: FailedKeys
  close(): Promise<void>
}

export const DEFAULT_PORT = 8770

/** A browser's headers are under 4 KiB; Node answers 431 beyond this. */
const HEADER_BYTES = 16 * 1024
const SIGN_IN_BYTES = 2048
/** Headers (before them the TLS handshake) must be there, and a whole request, within this time; the check runs every LOOK_MS. */
const HEADERS_MS = 8_000
const REQUEST_MS = 10_000
const LOOK_MS = 2_000
/** A connection on which nothing moves is cut: who stops reading a download holds memory here. WebSockets have their own watch. */
const IDLE_MS = 60_000
const CONNECTIONS = 2_000

/** A server that has its port, and certificate and key if it has any, and does not answer yet: what comes meanwhile waits. */
export interface BoundServer {
  origin: string
  /**
   * Begins to answer.
   * @param build makes what is served once the server's own counters exist
   */
  serve(build: Build): RunningServer
  close(): Promise<void>
}

type Build = (counters: Pick<RunningServer, 'requests' | 'failedKeys'>) => Content

/**
 * Does all that may fail, and all that may need root: reads the certificate, takes the port.
 * @throws UsageError for options that cannot be used; errors of listen() as they come
 */
export async function bindServer(options: ServerOptions): Promise<BoundServer> {
  const key = options.key === null ? AccessKey.random() : new AccessKey(options.key)
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
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  const origin = `${isTls ? 'https' : 'http'}://${printableHost(options.host)}:${port}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    origin,
    close,
    serve: (build) => {
      const failedKeys = new FailedKeys()
      const requests = new Requests()
      const content = build({ requests, failedKeys })
      const guard = guardOf(options, { key, failedKeys, port, isTls })
      server.off('request', keepWaiting)
      answer(server, guard, content, requests)
      for (const [request, response] of early) server.emit('request', request, response)
      return { origin, address: `${origin}/?key=${encodeURIComponent(key.text)}`, key, requests, failedKeys, close }
    },
  }
}

/** Starts a server that has all it needs at once; see bindServer(). */
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
  const tls = readTls(options)
  if (tls === null) return { server: createServer(limits), isTls: false }
  try {
    return { server: createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_MS }), isTls: true }
  } catch (error) {
    throw new UsageError(`--tls-cert ${options.tlsCert}, --tls-key ${options.tlsKey}: ${(error as Error).message}`)
  }
}

function guardOf(options: ServerOptions, own: { key: AccessKey; failedKeys: FailedKeys; port: number; isTls: boolean }): Guard {
  const isLoopback = isLoopbackName(options.host)
  const names = [...options.allowedHosts, ...(isLoopback ? [] : [options.host, hostname()])]
  return new Guard({
    key: own.key,
    failedKeys: own.failedKeys,
    isLoopback,
    hostNames: names.map((name) => name.toLowerCase()),
    allowedOrigins: options.allowedOrigins,
    cookieName: `rtnvis-${own.port}`,
    isTls: own.isTls,
  })
}

function answer(server: Server, guard: Guard, content: Content, requests: Requests): void {
  server.on('request', getRequestListener(routes(guard, content, requests).fetch))
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const asked = { method: request.method ?? '', target: request.url ?? '', headers: request.headers, address: peerOf(request.socket) }
    const verdict = guard.judge(asked)
    const status = verdict.kind === 'refuse' ? verdict.status : verdict.kind !== 'pass' || !content.upgrade ? 400 : 0
    if (status === 0) content.upgrade!({ target: asked.target, request, socket, head })
    else {
      requests.count(status)
      refuseUpgrade(socket, `${status} Refused`)
    }
  })
}

/** Answers and closes: the other side may never end its half, and nothing else would cut it off. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

function routes(guard: Guard, content: Content, requests: Requests): Hono<Env> {
  const app = new Hono<Env>()
  app.use(async (context, next) => {
    await next()
    requests.count(context.res.status)
  })
  app.use(strictHeaders)
  app.use(guarded(guard))
  app.get('/healthz', (context) => context.text('ok\n'))
  const tooLong = (context: Context) => context.json({ error: 'The request is too long.' }, 413)
  app.post(SIGN_IN_PATH, bodyLimit({ maxSize: SIGN_IN_BYTES, onError: tooLong }), async (context) => {
    const form = new URLSearchParams(await context.req.text())
    const refusal = guard.tryKey(form.get('key')?.trim() ?? '', peerOf(context.env.incoming.socket))
    if (refusal) return refuse(context, refusal)
    context.header('set-cookie', guard.cookie())
    return context.redirect('/', 303)
  })
  app.route('/', content.routes)
  app.notFound((context) => context.json({ error: 'There is nothing at this address.' }, 404))
  app.onError((error, context) => {
    say(`request failed: ${error.message}`)
    return context.json({ error: 'The server could not answer this.' }, 500)
  })
  return app
}

function guarded(guard: Guard): MiddlewareHandler<Env> {
  return async (context, next) => {
    const { incoming } = context.env
    const asked: Asked = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      headers: incoming.headers,
      address: peerOf(incoming.socket),
    }
    const verdict = guard.judge(asked)
    if (verdict.kind === 'refuse') return refuse(context, verdict)
    if (verdict.kind === 'swap') {
      context.header('set-cookie', verdict.cookie)
      return context.redirect(verdict.location, 303)
    }
    if (verdict.kind === 'preflight') {
      allowOrigin(context, verdict.crossOrigin)
      context.header('access-control-allow-methods', 'GET, HEAD')
      context.header('access-control-allow-headers', 'X-API-Key, Authorization')
      context.header('access-control-max-age', '600')
      if (incoming.headers['access-control-request-private-network'] === 'true')
        context.header('access-control-allow-private-network', 'true')
      return context.body(null, 204)
    }
    await next()
    if (verdict.crossOrigin !== null) allowOrigin(context, verdict.crossOrigin)
    return undefined
  }
}

/** A person gets a page, a program gets JSON. */
function refuse(context: Context<Env>, verdict: Extract<Verdict, { kind: 'refuse' }>): Response {
  const { status, reason, retrySeconds, crossOrigin } = verdict
  if (crossOrigin) allowOrigin(context, crossOrigin)
  if (retrySeconds !== undefined) context.header('retry-after', String(retrySeconds))
  if (status === 405) context.header('allow', 'GET, HEAD, OPTIONS')
  const isPerson = context.req.header('accept')?.includes('text/html') === true
  if (isPerson && (status === 401 || status === 429)) {
    for (const [name, value] of Object.entries(SIGN_IN_HEADERS)) context.header(name, value)
    return context.html(signInPage(retrySeconds === undefined ? reason : `${reason} Wait ${retrySeconds} seconds.`), status)
  }
  return context.json({ error: reason }, status)
}

function readTls({ tlsCert, tlsKey }: ServerOptions): { cert: Buffer; key: Buffer } | null {
  if (tlsCert === null && tlsKey === null) return null
  if (tlsCert === null || tlsKey === null) throw new UsageError('--tls-cert and --tls-key go together: give both')
  return { cert: readNamed('--tls-cert', tlsCert), key: readNamed('--tls-key', tlsKey) }
}

function readNamed(option: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`${option} ${path}: ${reasonOf(error)}`)
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

/** An address a person can open: "all addresses" is none. */
function printableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host.includes(':') ? `[${host}]` : host
}

function peerOf(socket: Socket): string {
  return socket.remoteAddress ?? 'gone'
}
