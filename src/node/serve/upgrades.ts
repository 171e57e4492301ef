// Requests that ask for another protocol: the live page's WebSocket is let through, everything else is answered as plain HTTP/1.1.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Content } from './env.ts'

/** What only concerns this connection; without it the request asks for no upgrade. */
const LEFT_OUT = ['connection', 'upgrade', 'http2-settings', 'keep-alive']

export function isLiveSocket(request: IncomingMessage, { socket }: Content): boolean {
  const path = request.url?.split('?', 1)[0]
  return request.method === 'GET' && path === socket?.path && request.headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * A server may ignore Upgrade and answer the request itself (RFC 9110, 7.8). Node has given up the connection by now: it gets the
 * request once more, without Upgrade, and takes the connection as a new one.
 */
export function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let index = 0; index < request.rawHeaders.length; index += 2)
    if (!LEFT_OUT.includes(request.rawHeaders[index].toLowerCase()))
      lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`)
  // Otherwise one connection could come through here any number of times.
  lines.push('Connection: close', '', '')
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}

/** Answers and closes: the other side may never end its half, and nothing else would cut it off. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
