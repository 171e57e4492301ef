// The packets that a server sends over TCP (PCAP-over-IP) -> standard output, as they come. A separate process, as all capturing programs are.
import { connect } from 'node:net'
import type { Server } from './capture-tool.ts'
import { become, type User } from './privileges.ts'

const CONNECT_MS = 10_000

const { server, user } = JSON.parse(process.argv[2]) as { server: Server; user: User | null }

if (user !== null) become(user)
const socket = connect({ ...server, keepAlive: true })
socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)))
socket.once('connect', () => socket.setTimeout(0))
socket.on('error', fail)
socket.on('end', () => {
  if (socket.bytesRead === 0) fail(new Error('the server closed the connection before the first packet'))
})
// What was received before is in the pipe: writes to it are synchronous.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => socket.destroy())
socket.pipe(process.stdout)

function fail({ code, message }: NodeJS.ErrnoException): void {
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'there is no host of this name',
    EHOSTUNREACH: 'there is no way to this host',
    ENETUNREACH: 'there is no way to this network',
    ECONNRESET: 'the server broke the connection',
  }
  process.stderr.write(`${reasons[code ?? ''] ?? message}\n`)
  process.exitCode = 1
}
