// Conversations in poor health: a path that loses segments, a server that thinks long, a receiver without room.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { join, tcp } from '../support/build.ts'
import { httpRequest } from '../support/messages.ts'
import type { World } from './world.ts'

const SEGMENT = new Uint8Array(1200)

/** A download of which a share of the segments is lost behind the tap, so that the capture has them twice. @param share 0 to 1 */
export function lossyDownload(world: World, atS: number, share: number, segments: number): { client: string; server: string } {
  const client = world.newcomer()
  const server = world.outsider()
  const port = world.port()
  let atUs = world.at(atS)
  let sequence = 5001
  const fromServer = (us: number, at: number) =>
    world.add(us, server, client, tcp(443, port, 'A', SEGMENT, { sequence: at, acknowledgment: 1001 }))
  const fromClient = (us: number, flags: string, at: number, acknowledgment: number, data: Uint8Array | string = '') =>
    world.add(us, client, server, tcp(port, 443, flags, data, { sequence: at, acknowledgment }))
  fromClient(atUs, 'S', 1000, 0)
  world.add(atUs + 20_000, server, client, tcp(443, port, 'SA', '', { sequence: 5000, acknowledgment: 1001 }))
  fromClient(atUs + 40_000, 'A', 1001, 5001)
  for (let segment = 0; segment < segments; segment++) {
    atUs += 60_000
    fromServer(atUs, sequence)
    if (world.random() < share) {
      // The sender's retransmission time-out.
      atUs += 300_000
      fromServer(atUs, sequence)
    }
    sequence += SEGMENT.length
    fromClient(atUs + 20_000, 'A', 1001, sequence)
  }
  return { client, server }
}

export function lossyPath(world: World, atS: number, share: number, segments: number): void {
  const { client, server } = lossyDownload(world, atS, share, segments)
  world.label('lossy-path', `${share * 100} % of ${segments} segments`, client, server, atS, atS + segments * 0.1 + segments * share * 0.4)
}

/** Requests, each in a connection of its own, whose answers begin late. */
export function slowAnswers(world: World, atS: number, seconds: number, requests: number): { server: string; endS: number } {
  const site = world.site()
  let nextS = atS
  for (let request = 0; request < requests; request++) {
    const client = world.pick(world.clients)
    const turns: Turn[] = [
      { from: 'client', data: httpRequest(site.name) },
      {
        from: 'server',
        data: `HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n${'x'.repeat(400)}`,
        afterUs: seconds * 1e6 * world.between(0.9, 1.3),
      },
    ]
    world.tcp(world.lookUp(world.at(nextS), client, site), world.outward(client, site, 80), turns)
    nextS += (seconds + 1) * world.between(0.2, 3)
  }
  return { server: site.ip, endS: nextS + seconds * 1.3 }
}

export function slowServer(world: World, atS: number, seconds: number, requests: number): void {
  const { server, endS } = slowAnswers(world, atS, seconds, requests)
  world.label('slow-server', `${seconds} s, ${requests} requests`, null, server, atS, endS)
}

/** A receiver that closes its window for a while; the sender probes it. */
export function closedWindow(world: World, atS: number, seconds: number): { receiver: string; sender: string; endS: number } {
  const receiver = world.newcomer()
  const sender = world.outsider()
  const port = world.port()
  const startUs = world.at(atS)
  const segment = (us: number, isSender: boolean, flags: string, sequence: number, acknowledgment: number, window: number, data = '') =>
    world.add(
      startUs + us,
      isSender ? sender : receiver,
      isSender ? receiver : sender,
      tcp(isSender ? 8443 : port, isSender ? port : 8443, flags, join(data), { sequence, acknowledgment, window }),
    )
  segment(0, false, 'S', 1000, 0, 4000)
  segment(20_000, true, 'SA', 5000, 1001, 4000)
  segment(21_000, false, 'A', 1001, 5001, 4000)
  segment(40_000, true, 'PA', 5001, 1001, 4000, 'x'.repeat(1000))
  segment(41_000, false, 'A', 1001, 6001, 0)
  for (let probe = 1; probe < seconds; probe *= 2) {
    segment(41_000 + probe * 500_000, true, 'A', 6000, 1001, 4000)
    segment(41_500 + probe * 500_000, false, 'A', 1001, 6001, 0)
  }
  segment(41_000 + seconds * 1e6, false, 'A', 1001, 6001, 4000)
  segment(80_000 + seconds * 1e6, true, 'PA', 6001, 1001, 4000, 'y'.repeat(1000))
  segment(81_000 + seconds * 1e6, false, 'A', 1001, 7001, 4000)
  return { receiver, sender, endS: atS + seconds + 1 }
}

export function fullReceiver(world: World, atS: number, seconds: number): void {
  const { receiver, sender, endS } = closedWindow(world, atS, seconds)
  world.label('full-receiver', `${seconds} s`, receiver, sender, atS, endS)
}
