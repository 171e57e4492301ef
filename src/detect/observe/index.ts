// Packets -> observations: facts that rules need and flows do not keep. watch[] has the directions of a flow that are inspected; other packets cost one
// comparison. Hot loop: inspect() runs only for watched ones.
import type { CapturedPacket } from '../../capture/packet.ts'
import { FIRST_ROWS } from '../../column.ts'
import { Protocol } from '../../decode/codes.ts'
import type { PacketView } from '../../decode/packet.ts'
import { Skip, skip } from '../../decode/status.ts'
import type { FlowTable } from '../../flows/table.ts'
import type { Application } from '../../names/applications.ts'
import type { DnsAnswerData } from '../../names/dns-log.ts'
import type { IdentityLog } from '../../names/identity-log.ts'
import { isHandshakeRecord } from '../../names/tls.ts'
import { Accounts } from './accounts.ts'
import { AnsweredLogins } from './answered-logins.ts'
import { ArpObserver } from './arp.ts'
import { inspectLdap, inspectSnmp } from './asn1-logins.ts'
import { rowsOf } from './bounded.ts'
import { CarriedFiles, type NewHash } from './carried-files.ts'
import { ControllerObserver, isController } from './controllers.ts'
import { DhcpClientObserver } from './dhcp-clients.ts'
import { DhcpServerObserver } from './dhcp-servers.ts'
import { EchoObserver } from './echo.ts'
import { FtpFiles } from './ftp-files.ts'
import { HttpObserver, isHttp } from './http.ts'
import { Ipv6RouterObserver } from './ipv6-routers.ts'
import { KerberosExchanges } from './kerberos-exchanges.ts'
import { Kind, PACKETS } from './kinds.ts'
import { Logins } from './logins.ts'
import { senderOf } from './mac.ts'
import { MailFiles } from './mail-files.ts'
import { MiningObserver } from './mining.ts'
import { inspectNeighbor } from './neighbors.ts'
import type { Observations } from './observations.ts'
import { RemoteProcedures } from './remote-procedures.ts'
import { SenderMacObserver } from './sender-macs.ts'
import { SmbExploits } from './smb-exploits.ts'
import { SmbFiles } from './smb-files.ts'
import { SshLogins } from './ssh-logins.ts'
import { StrangeContentObserver } from './strange-content.ts'
import { inspectSyn } from './syn-system.ts'
import { TelnetLogins } from './telnet-logins.ts'
import { isTextProtocol, TextLogins } from './text-logins.ts'
import { TimeExceededObserver } from './time-exceeded.ts'
import { TlsServerObserver } from './tls-servers.ts'

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

/** What the names stage found out so far. */
export interface ContentNames {
  /** What the content of a conversation is, '' while that is unknown. */
  applicationOf(flow: number): Application
  readonly identities: IdentityLog
  /** Answers whose records hold encoded data, in the order of their packets. */
  readonly dnsAnswers: DnsAnswerData[]
}

export class Observer {
  /** By flow: bit 0 for packets forward, bit 1 for backward (FlowTable.direction). Replaced when it grows. */
  watch = new Uint8Array(FIRST_ROWS)
  private kind = new Uint8Array(FIRST_ROWS)
  /** Packets that will still be inspected, by flow. */
  private left = new Uint8Array(FIRST_ROWS)
  private readonly table: FlowTable
  private readonly names: ContentNames
  private readonly logins = new Logins()
  private readonly answered = new AnsweredLogins()
  private readonly ssh = new SshLogins(this.answered)
  private readonly text = new TextLogins(this.logins)
  private readonly telnet = new TelnetLogins(this.logins)
  private readonly strange: StrangeContentObserver
  private readonly accounts: Accounts
  private readonly http: HttpObserver
  private readonly tls: TlsServerObserver
  private readonly arp = new ArpObserver()
  private readonly senderMacs = new SenderMacObserver()
  private readonly dhcp = new DhcpServerObserver()
  private readonly dhcpClients = new DhcpClientObserver()
  private readonly routers = new Ipv6RouterObserver()
  private readonly timeExceeded = new TimeExceededObserver()
  private readonly echo = new EchoObserver()
  private readonly mining = new MiningObserver()
  private readonly procedures: RemoteProcedures
  private readonly smb = new SmbExploits()
  private readonly kerberos: KerberosExchanges
  private readonly files: CarriedFiles
  private readonly ftpFiles: FtpFiles
  private readonly mailFiles: MailFiles
  private readonly smbFiles: SmbFiles
  private readonly controllers = new ControllerObserver()

  /** @param names that have inspected a packet before inspect() does @param sha256 of the platform */
  constructor(table: FlowTable, names: ContentNames, sha256?: NewHash) {
    this.table = table
    this.names = names
    this.tls = new TlsServerObserver(table)
    this.strange = new StrangeContentObserver(table)
    this.accounts = new Accounts(table, names.identities)
    this.files = new CarriedFiles(table, sha256)
    this.ftpFiles = new FtpFiles(table, this.files)
    this.mailFiles = new MailFiles(this.files)
    this.smbFiles = new SmbFiles(this.files)
    this.http = new HttpObserver(table, this.logins, this.accounts, this.files)
    this.procedures = new RemoteProcedures(table)
    this.kerberos = new KerberosExchanges(table, this.accounts)
  }

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

  finish(): Observations {
    const parts = {
      credentials: this.logins.finish(),
      answeredLogins: this.answered.finish(),
      tls: this.tls.finish(),
      arp: this.arp.finish(),
      arpQuestions: this.arp.questions.finish(),
      dhcpServers: this.dhcp.finish(),
      dhcpClients: this.dhcpClients.finish(),
      ipv6Routers: this.routers.finish(),
      timeExceeded: this.timeExceeded.finish(),
      echo: this.echo.finish(),
      mining: this.mining.finish(),
      httpExploits: this.http.exploits.finish(),
      httpMisses: this.http.misses.finish(),
      slowRequests: this.http.pieces.finish(),
      carriedPrograms: this.http.programs.finish(),
      carriedFiles: this.files.finish(),
      remoteProcedures: this.procedures.finish(),
      smbExploits: this.smb.finish(),
      kerberos: this.kerberos.finish(),
      controllers: this.controllers.finish(),
      strangeContent: this.strange.finish(),
    }
    const leftOut = Object.values(parts).reduce((sum, part) => sum + part.leftOut, 0)
    return { ...rowsOf(parts), dnsAnswers: this.names.dnsAnswers, senderMacs: this.senderMacs, leftOut }
  }
}
