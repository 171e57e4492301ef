// All observers: made here, each with those it needs, and their rows in the end. Which packet each of them gets: index.ts.
import type { FlowTable } from '../../flows/table.ts'
import type { Application } from '../../names/applications.ts'
import type { DnsAnswerData } from '../../names/dns-log.ts'
import type { IdentityLog } from '../../names/identity-log.ts'
import { Accounts } from './accounts.ts'
import { AnsweredLogins } from './answered-logins.ts'
import { ArpObserver } from './arp.ts'
import { rowsOf } from './bounded.ts'
import { CarriedFiles, type NewHash } from './carried-files.ts'
import { ControllerObserver } from './controllers.ts'
import { DhcpClientObserver } from './dhcp-clients.ts'
import { DhcpServerObserver } from './dhcp-servers.ts'
import { EchoObserver } from './echo.ts'
import { FtpFiles } from './ftp-files.ts'
import { HttpObserver } from './http.ts'
import { Ipv6RouterObserver } from './ipv6-routers.ts'
import { KerberosExchanges } from './kerberos-exchanges.ts'
import { Logins } from './logins.ts'
import { MailFiles } from './mail-files.ts'
import { MiningObserver } from './mining.ts'
import type { Observations } from './observations.ts'
import { RemoteProcedures } from './remote-procedures.ts'
import { SenderMacObserver } from './sender-macs.ts'
import { SmbExploits } from './smb-exploits.ts'
import { SmbFiles } from './smb-files.ts'
import { SshLogins } from './ssh-logins.ts'
import { StrangeContentObserver } from './strange-content.ts'
import { TelnetLogins } from './telnet-logins.ts'
import { TextLogins } from './text-logins.ts'
import { TimeExceededObserver } from './time-exceeded.ts'
import { TlsServerObserver } from './tls-servers.ts'

/** What the names stage found out so far. */
export interface ContentNames {
  /** What the content of a conversation is, '' while that is unknown. */
  applicationOf(flow: number): Application
  readonly identities: IdentityLog
  /** Answers whose records hold encoded data, in the order of their packets. */
  readonly dnsAnswers: DnsAnswerData[]
}

export class Observers {
  protected readonly table: FlowTable
  protected readonly names: ContentNames
  protected readonly logins = new Logins()
  protected readonly answered = new AnsweredLogins()
  protected readonly ssh = new SshLogins(this.answered)
  protected readonly text = new TextLogins(this.logins)
  protected readonly telnet = new TelnetLogins(this.logins)
  protected readonly strange: StrangeContentObserver
  protected readonly accounts: Accounts
  protected readonly http: HttpObserver
  protected readonly tls: TlsServerObserver
  protected readonly arp = new ArpObserver()
  protected readonly senderMacs = new SenderMacObserver()
  protected readonly dhcp = new DhcpServerObserver()
  protected readonly dhcpClients = new DhcpClientObserver()
  protected readonly routers = new Ipv6RouterObserver()
  protected readonly timeExceeded = new TimeExceededObserver()
  protected readonly echo = new EchoObserver()
  protected readonly mining = new MiningObserver()
  protected readonly procedures: RemoteProcedures
  protected readonly smb = new SmbExploits()
  protected readonly kerberos: KerberosExchanges
  protected readonly files: CarriedFiles
  protected readonly ftpFiles: FtpFiles
  protected readonly mailFiles: MailFiles
  protected readonly smbFiles: SmbFiles
  protected readonly controllers = new ControllerObserver()

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

  /** What they found until now. */
  finish(): Observations {
    const parts = {
      credentials: this.logins.list,
      answeredLogins: this.answered.list,
      tls: this.tls.list,
      arp: this.arp.finish(),
      arpQuestions: this.arp.questions.list,
      dhcpServers: this.dhcp.list,
      dhcpClients: this.dhcpClients.list,
      ipv6Routers: this.routers.list,
      timeExceeded: this.timeExceeded.list,
      echo: this.echo.list,
      mining: this.mining.list,
      httpExploits: this.http.exploits.list,
      httpMisses: this.http.misses.finish(),
      slowRequests: this.http.pieces.finish(),
      carriedPrograms: this.http.programs.list,
      carriedFiles: this.files.list,
      remoteProcedures: this.procedures.list,
      smbExploits: this.smb.list,
      kerberos: this.kerberos.list,
      controllers: this.controllers.list,
      strangeContent: this.strange.list,
    }
    const leftOut = Object.values(parts).reduce((sum, part) => sum + part.leftOut, 0)
    return { ...rowsOf(parts), dnsAnswers: this.names.dnsAnswers, senderMacs: this.senderMacs, unansweredSenders: [], leftOut }
  }
}
