// Packets straight into the Observer, as the loop over all packets hands them on.
import { CapturedPacket } from '../../src/capture/packet.ts'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { DECODED } from '../../src/decode/status.ts'
import { NOT_IP_ARP, type Observations, Observer } from '../../src/detect/observe/index.ts'
import { Flows } from '../../src/flows/index.ts'
import { Names } from '../../src/names/index.ts'
import { ethernet, ipv4, tcp } from './build.ts'

/** Feeds [seconds, Ethernet frame] pairs. */
export function observe(frames: [number, Uint8Array][]): Observations {
  const flows = new Flows(0)
  const names = new Names(flows.table, flows.hosts)
  const observer = new Observer(flows.table, names)
  const view = new PacketView()
  const packet = new CapturedPacket()
  let admitted = 0
  for (const [seconds, bytes] of frames) {
    Object.assign(packet, { bytes, start: 0, end: bytes.length, originalBytes: bytes.length, timeUs: seconds * 1e6, linkType: 1 })
    const status = decodePacket(bytes, 0, bytes.length, 1, view)
    if (status === NOT_IP_ARP) observer.inspectArp(packet)
    if (status !== DECODED) continue
    const flow = flows.add(view, packet.timeUs, bytes.length)
    while (admitted < flows.table.count) {
      names.admit(admitted)
      observer.admit(admitted++)
      if (flow === admitted - 1) observer.inspectFrame(flow, view, packet)
    }
    if (flow < 0 || view.payloadAt >= view.end) continue
    const { direction } = flows.table
    if (names.budget[flow] !== 0) names.inspect(flow, direction, view, packet.timeUs)
    if ((observer.watch[flow] & (1 << direction)) !== 0) observer.inspect(flow, direction, view, packet.timeUs, packet)
  }
  return observer.finish()
}

/** A TCP conversation with handshake: who speaks, and what, a segment each; a second apart. */
export function conversation(
  port: number,
  turns: ['client' | 'server', string | Uint8Array][],
  clientPort = 40_000,
): [number, Uint8Array][] {
  const [client, server] = ['10.0.0.5', '10.0.0.9']
  const next = { client: 1001, server: 5001 }
  const send = (from: 'client' | 'server', flags: string, payload: string | Uint8Array, sequence: number): Uint8Array => {
    const segment =
      from === 'client' ? tcp(clientPort, port, flags, payload, { sequence }) : tcp(port, clientPort, flags, payload, { sequence })
    return ethernet(from === 'client' ? ipv4(client, server, segment) : ipv4(server, client, segment))
  }
  const frames: [number, Uint8Array][] = [
    [0, send('client', 'S', '', 1000)],
    [0.001, send('server', 'SA', '', 5000)],
    [0.002, send('client', 'A', '', 1001)],
  ]
  for (const [i, [from, data]] of turns.entries()) {
    frames.push([i + 1, send(from, 'PA', data, next[from])])
    next[from] += typeof data === 'string' ? new TextEncoder().encode(data).length : data.length
  }
  return frames
}
