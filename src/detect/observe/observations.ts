// Facts that need packets and are not in flows: output of observers, input of rules. Every list is bounded; further entries are counted.
import type { DnsAnswerData } from '../../names/dns-log.ts'
import type {
  CarriedFile,
  CarriedProgram,
  ControllerUse,
  HttpExploit,
  HttpMisses,
  MiningLogin,
  SlowRequest,
  StrangeContent,
  TlsSession,
} from './content-observations.ts'
import type {
  ArpClaims,
  ArpQuestions,
  DhcpClients,
  DhcpServer,
  EchoPayloads,
  Ipv6Router,
  SenderMacs,
  TimeExceeded,
  UnansweredSender,
} from './link-observations.ts'
import type { AnsweredLogin, Credential, KerberosExchange, RemoteProcedure, SmbExploit } from './login-observations.ts'

export type * from './content-observations.ts'
export type * from './link-observations.ts'
export type * from './login-observations.ts'

export interface Observations {
  credentials: Credential[]
  answeredLogins: AnsweredLogin[]
  tls: TlsSession[]
  arp: ArpClaims[]
  arpQuestions: ArpQuestions[]
  senderMacs: SenderMacs
  /** Empty until the hosts are known. */
  unansweredSenders: UnansweredSender[]
  dhcpServers: DhcpServer[]
  dhcpClients: DhcpClients[]
  ipv6Routers: Ipv6Router[]
  timeExceeded: TimeExceeded[]
  echo: EchoPayloads[]
  mining: MiningLogin[]
  httpExploits: HttpExploit[]
  httpMisses: HttpMisses[]
  slowRequests: SlowRequest[]
  carriedPrograms: CarriedProgram[]
  carriedFiles: CarriedFile[]
  remoteProcedures: RemoteProcedure[]
  smbExploits: SmbExploit[]
  kerberos: KerberosExchange[]
  controllers: ControllerUse[]
  strangeContent: StrangeContent[]
  /** Answers of DNS whose records hold encoded data. */
  dnsAnswers: DnsAnswerData[]
  /** Number of entries of all kinds beyond the limits. */
  leftOut: number
}

/** Of conversations whose packets are not there any more. */
export const NO_OBSERVATIONS: Observations = {
  credentials: [],
  answeredLogins: [],
  tls: [],
  arp: [],
  arpQuestions: [],
  senderMacs: { of: () => [], onlyOf: () => 0, flowOf: () => -1 },
  unansweredSenders: [],
  dhcpServers: [],
  dhcpClients: [],
  ipv6Routers: [],
  timeExceeded: [],
  echo: [],
  mining: [],
  httpExploits: [],
  httpMisses: [],
  slowRequests: [],
  carriedPrograms: [],
  carriedFiles: [],
  remoteProcedures: [],
  smbExploits: [],
  kerberos: [],
  controllers: [],
  strangeContent: [],
  dnsAnswers: [],
  leftOut: 0,
}
