// What a request has in its context, and what the server serves behind the guard.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Audit } from './access/audit.ts'
import type { FailedKeys } from './access/failed-keys.ts'
import type { Permission } from './access/roles.ts'
import type { Visit } from './access/user.ts'
import type { Requests } from './requests.ts'

export interface Env {
  Bindings: HttpBindings
  Variables: {
    /** The user and session of the request. */
    visit: Visit
    /** The permission that the route needs, and whether the role has it. */
    needed: { permission: Permission; isAllowed: boolean } | undefined
  }
}

/** Counters of the server, for /metrics and /api/audit. */
export interface Counters {
  requests: Requests
  failedKeys: FailedKeys
  audit: Audit
}

export interface Content {
  routes: Hono<Env>
  /** The route of the WebSocket, if there is one. */
  socket?: {
    path: string
    needs: Permission
    /** Takes over a connection that has passed the guard. */
    accept(asked: UpgradeAsked): void
  }
}

export interface UpgradeAsked {
  target: string
  request: IncomingMessage
  socket: Duplex
  head: Buffer
}
