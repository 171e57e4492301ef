// Requests with Upgrade: the live page's WebSocket is accepted, all others are answered as plain HTTP/1.1.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Content } from './env.ts'

/** Headers of this connection alone; without them the request asks for no upgrade. */
const LEFT_OUT = ['connection', 'upgrade', 'http2-settings', 'keep-alive']

export function isLiveSocket(request: IncomingMessage, { socket }: Content): boolean {
  const path = request.url?.split('?', 1)[0]
  return request.method === 'GET' && path === socket?.path && request.headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * A server may ignore Upgrade and answer the request (RFC 9110, 7.8). Node has detached the socket at this time, so the request is passed
 * to it again, without Upgrade, as if it came on a new connection.
 */
export function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let index = 0; index < request.rawHeaders.length; index += 2)
    if (!LEFT_OUT.includes(request.rawHeaders[index].toLowerCase()))
      lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`)
  // Otherwise a client could do this repeatedly on one connection.
  lines.push('Connection: close', '', '')
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}

/** Answers and destroys the socket: the client may never close its side, and no time limit applies here. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
