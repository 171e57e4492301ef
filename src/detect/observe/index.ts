// Packets -> observations: facts that rules need and flows do not keep. Here is which packet each observer gets; observers.ts makes them. watch[] has
// the directions of a flow that are inspected; other packets cost one comparison. Hot loop: inspect() runs only for watched ones.
import type { CapturedPacket } from '../../capture/packet.ts'
import { FIRST_ROWS } from '../../column.ts'
import { Protocol } from '../../decode/codes.ts'
import type { PacketView } from '../../decode/packet.ts'
import { Skip, skip } from '../../decode/status.ts'
import { isHandshakeRecord } from '../../names/tls.ts'
import { AnsweredLogins } from './answered-logins.ts'
import { inspectLdap, inspectSnmp } from './asn1-logins.ts'
import { isController } from './controllers.ts'
import { isHttp } from './http.ts'
import { Kind, PACKETS } from './kinds.ts'
import { senderOf } from './mac.ts'
import { inspectNeighbor } from './neighbors.ts'
import { Observers } from './observers.ts'
import { inspectSyn } from './syn-system.ts'
import { isTextProtocol } from './text-logins.ts'

export type { Observations } from './observations.ts'

/** Directions to inspect. */
const NEITHER = 0
const BOTH = 3
/** Also packets without payload. */
export const EVERY_PACKET = 7

/** Status of the decoder for ARP. */
export const NOT_IP_ARP = skip(Skip.notIp, 0x0806)

const FTP_PORT = 21
const MAIL_PORTS = new Set([25, 587])
const TELNET_PORT = 23
const DHCP_SERVER_PORT = 67
const KERBEROS_PORT = 88
const SNMP_AGENT_PORT = 161
const SNMP_PORTS = new Set([SNMP_AGENT_PORT, 162])

export class Observer extends Observers {
  /** By flow: bit 0 for packets forward, bit 1 for backward (FlowTable.direction). Replaced when it grows. */
  watch = new Uint8Array(FIRST_ROWS)
  private kind = new Uint8Array(FIRST_ROWS)
  /** Packets that will still be inspected, by flow. */
  private left = new Uint8Array(FIRST_ROWS)
  /** Must be called for each new flow. */
  admit(flow: number): void {
    if (flow >= this.watch.length) this.grow()
    const { table } = this
    if (table.isAggregate(flow)) return
    switch (table.protocol(flow)) {
      case Protocol.tcp:
        if (this.ftpFiles.begin(flow)) {
          this.kind[flow] = Kind.ftpData
          this.watch[flow] = EVERY_PACKET
        } else this.begin(flow, Kind.unknown, PACKETS.unknown)
        break
      case Protocol.udp: {
        const first = table.firstPort(flow)
        const other = table.otherPort(flow)
        if (first === DHCP_SERVER_PORT || other === DHCP_SERVER_PORT) this.begin(flow, Kind.dhcp, 0)
        else if (SNMP_PORTS.has(first) || SNMP_PORTS.has(other)) this.begin(flow, Kind.snmp, PACKETS.snmp)
        else if (first === KERBEROS_PORT || other === KERBEROS_PORT) this.begin(flow, Kind.kerberos, PACKETS.kerberos)
        break
      }
      case Protocol.icmp:
      case Protocol.icmpv6:
        this.begin(flow, Kind.icmp, 0)
        break
      default:
    }
  }

  private begin(flow: number, kind: number, packets: number): void {
    this.kind[flow] = kind
    this.left[flow] = packets
    this.watch[flow] = BOTH
  }

  private grow(): void {
    const longer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(bytes.length * 2)
      grown.set(bytes)
      return grown
    }
    this.watch = longer(this.watch)
    this.kind = longer(this.kind)
    this.left = longer(this.left)
  }

  /** Inspects the frame of a conversation's first packet. Inside a tunnel, the frame's sender is the tunnel's end. */
  inspectFrame(flow: number, view: PacketView, packet: CapturedPacket): void {
    const sender = this.table.firstHost(flow)
    if (view.tunnel === 0) this.senderMacs.inspect(flow, sender, packet)
    inspectSyn(this.names.identities, flow, sender, view, packet.timeUs)
    this.strange.begin(flow, view)
  }

  /** Inspects an ARP frame. */
  inspectArp(packet: CapturedPacket): void {
    this.arp.inspect(packet, this.table)
  }

  /**
   * Inspects a packet with payload in a watched direction. Never throws; the work is bounded by the payload.
   * @param packet for the sender in the link layer; null for a reassembled datagram
   */
  inspect(flow: number, direction: number, view: PacketView, timeUs: number, packet: CapturedPacket | null): void {
    const { bytes, payloadAt: at, end } = view
    switch (this.kind[flow]) {
      case Kind.icmp:
        this.echo.inspect(flow, view)
        this.timeExceeded.inspect(flow, direction, this.table, view, timeUs)
        this.routers.inspect(flow, view, senderOf(packet, view), timeUs)
        inspectNeighbor(this.names.identities, flow, view, timeUs)
        return
      case Kind.dhcp:
        this.dhcp.inspect(flow, view, senderOf(packet, view), timeUs)
        this.dhcpClients.inspect(flow, view, senderOf(packet, view), timeUs)
        return
      case Kind.controller:
        this.inspectController(flow, direction, view, timeUs)
        return
      case Kind.http:
      case Kind.httpBackward:
        this.inspectHttp(flow, direction, view, timeUs)
        return
      case Kind.tls:
        if (this.tls.inspect(flow, view, timeUs) || this.isSpent(flow)) this.watch[flow] = NEITHER
        return
      case Kind.text:
        if (isHandshakeRecord(bytes, at, end)) this.inspectUnknown(flow, direction, view, timeUs)
        else if (this.inspectText(flow, direction, view, timeUs)) return
        break
      case Kind.ftpData:
        if (!this.ftpFiles.inspect(flow, direction, view, timeUs)) this.watch[flow] = NEITHER
        return
      case Kind.telnet:
        this.telnet.inspect(flow, direction, bytes, at, end, timeUs)
        break
      case Kind.ldap:
        inspectLdap(this.logins, this.accounts, flow, direction, bytes, at, end, timeUs)
        break
      case Kind.snmp:
        inspectSnmp(this.logins, flow, bytes, at, end, timeUs, this.isFromAgent(flow, direction))
        break
      case Kind.answered:
        this.inspectAnswered(flow, direction, bytes, at, end)
        break
      case Kind.smb:
        if (this.left[flow] > 0) {
          this.left[flow]--
          this.inspectSmb(flow, direction, bytes, at, end, timeUs)
        }
        this.smbFiles.inspect(flow, direction, view, timeUs)
        if (this.left[flow] === 0 && !this.smbFiles.isReading(flow)) this.watch[flow] = NEITHER
        return
      case Kind.ssh:
        if (!this.ssh.inspect(flow, bytes, at, end)) this.left[flow] = 1
        break
      case Kind.dcerpc:
        this.inspectRpc(flow, direction, bytes, at, end, timeUs)
        break
      case Kind.kerberos:
        this.kerberos.inspect(flow, direction, bytes, at, end, timeUs)
        break
      default:
        this.inspectUnknown(flow, direction, view, timeUs)
    }
    if (this.isSpent(flow)) this.watch[flow] = NEITHER
  }

  private isSpent(flow: number): boolean {
    return --this.left[flow] === 0
  }

  private inspectUnknown(flow: number, direction: number, view: PacketView, timeUs: number): void {
    const { bytes, payloadAt: at, end } = view
    const port = this.table.serverPort(flow)
    const application = this.names.applicationOf(flow)
    this.strange.inspect(flow, direction, view, timeUs)
    if (isHandshakeRecord(bytes, at, end)) this.beginTls(flow, direction, view, timeUs)
    else if (isHttp(application, bytes, at, end)) {
      this.kind[flow] = direction === 0 ? Kind.http : Kind.httpBackward
      this.inspectHttp(flow, direction, view, timeUs)
    } else if (port === TELNET_PORT || application === 'telnet') {
      this.begin(flow, Kind.telnet, PACKETS.telnet)
      this.telnet.inspect(flow, direction, bytes, at, end, timeUs)
    } else if (application === 'smb') {
      this.begin(flow, Kind.smb, PACKETS.smb)
      this.inspectSmb(flow, direction, bytes, at, end, timeUs)
      this.smbFiles.inspect(flow, direction, view, timeUs)
    } else if (application === 'dcerpc') {
      this.begin(flow, Kind.dcerpc, PACKETS.dcerpc)
      this.inspectRpc(flow, direction, bytes, at, end, timeUs)
    } else if (application === 'kerberos' || port === KERBEROS_PORT) {
      this.begin(flow, Kind.kerberos, PACKETS.kerberos)
      this.kerberos.inspect(flow, direction, bytes, at, end, timeUs)
    } else if (application === 'ssh') {
      const server = this.table.serverDirection(flow)
      this.begin(flow, Kind.ssh, PACKETS.ssh)
      this.watch[flow] = 1 << server
      if (direction === server) this.ssh.inspect(flow, bytes, at, end)
    } else if (application === 'rdp') {
      this.accounts.inspectRdp(flow, direction, bytes, at, end, timeUs)
    } else if (isController(application)) {
      this.begin(flow, Kind.controller, 0)
      this.inspectController(flow, direction, view, timeUs)
    } else if (AnsweredLogins.serviceOf(application, port) !== null) {
      this.begin(flow, Kind.answered, PACKETS.answered)
      this.inspectAnswered(flow, direction, bytes, at, end)
    } else if (isTextProtocol(application, bytes, at, end, port)) {
      this.begin(flow, Kind.text, PACKETS.text)
      this.inspectText(flow, direction, view, timeUs)
    } else if (application === 'ldap') {
      this.begin(flow, Kind.ldap, PACKETS.ldap)
      inspectLdap(this.logins, this.accounts, flow, direction, bytes, at, end, timeUs)
    } else if (bytes[at] === 0x7b && this.mining.inspect(flow, bytes, at, end, timeUs)) this.left[flow] = 1
  }

  /** SNMP: agents send from their port; forged requests may name a lower port as their own. */
  private isFromAgent(flow: number, direction: number): boolean {
    const first = this.table.firstPort(flow)
    const other = this.table.otherPort(flow)
    const [from, to] = direction === 0 ? [first, other] : [other, first]
    return from === SNMP_AGENT_PORT && !SNMP_PORTS.has(to)
  }

  private inspectRpc(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    this.accounts.inspectRpc(flow, direction, bytes, at, end, timeUs)
    if (direction !== this.table.serverDirection(flow)) this.procedures.inspect(flow, bytes, at, end, timeUs)
    else this.procedures.inspectAnswer(flow, bytes, at, end)
  }

  private inspectSmb(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const isServer = direction === this.table.serverDirection(flow)
    this.smb.inspect(flow, isServer, bytes, at, end, timeUs)
    this.accounts.inspectSmb(flow, direction, bytes, at, end, timeUs)
    if (isServer) {
      this.answered.inspect(flow, 'smb', bytes, at, end)
      this.procedures.inspectAnswer(flow, bytes, at, end)
    } else this.procedures.inspect(flow, bytes, at, end, timeUs)
  }

  /** @returns true for a part of a mail, of which as many packets are read as it has */
  private inspectText(flow: number, direction: number, view: PacketView, timeUs: number): boolean {
    const { bytes, payloadAt: at, end } = view
    const port = this.table.serverPort(flow)
    const application = this.names.applicationOf(flow)
    if ((application === 'smtp' || MAIL_PORTS.has(port)) && this.mailFiles.inspect(flow, direction, view, timeUs)) return true
    const isFtp = application === 'ftp' || port === FTP_PORT
    if (isFtp && this.ftpFiles.inspectControl(flow, bytes, at, end)) this.left[flow] = PACKETS.text
    this.text.inspect(flow, bytes, at, end, port, timeUs)
    return false
  }

  private inspectController(flow: number, direction: number, view: PacketView, timeUs: number): void {
    if (direction === this.table.serverDirection(flow)) return
    this.controllers.inspect(flow, this.names.applicationOf(flow), view, timeUs)
  }

  private inspectAnswered(flow: number, direction: number, bytes: Uint8Array, at: number, end: number): void {
    if (direction !== this.table.serverDirection(flow)) return
    const service = AnsweredLogins.serviceOf(this.names.applicationOf(flow), this.table.serverPort(flow))
    if (service !== null) this.answered.inspect(flow, service, bytes, at, end)
  }

  /** Called after a ClientHello: from now on the server's answer is inspected. */
  private beginTls(flow: number, direction: number, view: PacketView, timeUs: number): void {
    this.kind[flow] = Kind.tls
    this.left[flow] = PACKETS.tls
    const isServer = view.bytes[view.payloadAt + 5] === 2
    this.watch[flow] = 1 << (isServer ? direction : 1 - direction)
    if (isServer && this.tls.inspect(flow, view, timeUs)) this.watch[flow] = NEITHER
  }

  private inspectHttp(flow: number, direction: number, view: PacketView, timeUs: number): void {
    const client = this.kind[flow] === Kind.http ? 0 : 1
    const isAnswerNeeded = this.http.inspect(flow, direction, direction === client, view, timeUs)
    this.watch[flow] = isAnswerNeeded ? BOTH : 1 << client
  }
}
