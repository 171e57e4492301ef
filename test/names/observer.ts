// Feeds frames through decode and flows into Names, as the pipeline does.
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { Flows } from '../../src/flows/index.ts'
import { type NameResults, Names } from '../../src/names/index.ts'
import { ethernet, ipv4, type Part, tcp, udp } from '../support/build.ts'

const ETHERNET = 1

export class Observer {
  readonly flows = new Flows(0)
  readonly names = new Names(this.flows.table, this.flows.hosts)
  timeUs = 1_700_000_000_000_000
  private readonly view = new PacketView()
  private admitted = 0

  /** One Ethernet frame, a millisecond after the one before. */
  frame(bytes: Uint8Array): this {
    this.timeUs += 1000
    decodePacket(bytes, 0, bytes.length, ETHERNET, this.view)
    const flow = this.flows.add(this.view, this.timeUs, bytes.length)
    while (this.admitted < this.flows.table.count) this.names.admit(this.admitted++)
    if (flow >= 0 && this.view.payloadAt < this.view.end && this.names.budget[flow] !== 0) {
      this.names.inspect(flow, this.flows.table.direction, this.view, this.timeUs)
    }
    return this
  }

  /** A datagram between "address:port" and "address:port". */
  udp(from: string, to: string, payload: Part): this {
    const [source, target] = [endOf(from), endOf(to)]
    return this.frame(ethernet(ipv4(source.ip, target.ip, udp(source.port, target.port, payload))))
  }

  /** A segment; flags as letters. */
  tcp(from: string, to: string, payload: Part, sequence = 1, flags = 'A'): this {
    const [source, target] = [endOf(from), endOf(to)]
    return this.frame(ethernet(ipv4(source.ip, target.ip, tcp(source.port, target.port, flags, payload, { sequence }))))
  }

  finish(): NameResults {
    return this.names.finish((flow) => this.flows.isFirstClient(flow))
  }

  /** What was found out of one flow. */
  flow(flow = 0) {
    const results = this.finish()
    return {
      ...results.ofFlow(flow),
    }
  }

  /** "address name source" of every name, in the order given. */
  hostNames(): string[] {
    return this.finish().names.map(({ host, name, source }) => `${this.flows.hosts.ip(host)} ${name} ${source}`)
  }
}

function endOf(text: string): { ip: string; port: number } {
  const [ip = '', port] = text.split(':')
  return { ip, port: Number(port) }
}
