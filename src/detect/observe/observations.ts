// Facts that need packets and are not in flows: output of observers, input of rules. Every list is bounded; further entries are counted.
import type { DnsAnswerData } from '../../names/dns-log.ts'

/** A frame: its number in its capture, from 1, and the capture's index. */
export interface FramePlace {
  frame: number
  capture: number
}

/** A login whose name and secret could be read on the wire. The secret itself is never kept, of the user only the first letter. */
export interface Credential {
  flow: number
  service: CredentialService
  /** First letter and three stars, whatever the length; '' when the service has no user or it was not seen. */
  maskedUser: string
  firstUs: number
  lastUs: number
  /** Logins seen in this flow. */
  attempts: number
  /** Answers of the server that refuse a login. */
  refused: number
  /** Answers of the server that accept one. */
  accepted: number
}

export type CredentialService = 'ftp' | 'telnet' | 'http' | 'http-proxy' | 'http-form' | 'pop3' | 'imap' | 'smtp' | 'ldap' | 'snmp'

/** A login with an unreadable secret and a readable answer. */
export interface AnsweredLogin {
  flow: number
  service: 'mysql' | 'postgresql' | 'mssql' | 'smb' | 'vnc' | 'redis' | 'ssh'
  refused: number
  accepted: number
}

/** Choices of a server in a handshake of SSL 3.0 to TLS 1.3. */
export interface TlsSession {
  flow: number
  atUs: number
  /** 0x0300 (SSL 3.0) to 0x0304 (TLS 1.3). */
  version: number
  /** IANA number of the cipher suite. */
  cipher: number
  /** The server's own certificate; null if TLS 1.3 encrypts it, the session is resumed, or it was not captured. */
  certificate: Certificate | null
  /** The frame in which the certificate ends, or the server's first message without one: its number in its capture, from 1, and the capture's index. */
  frame: number
  capture: number
}

/** X.509 (RFC 5280 4.1): properties that need no list of trusted authorities. Texts are from the network. */
export interface Certificate {
  /** Of its bytes, as hexadecimal digits: what lists of certificates have. */
  sha256: string
  /** Common names, '' for none. */
  subject: string
  issuer: string
  /** Subject and issuer are the same name. */
  isSelfIssued: boolean
  /** Subject alternative names that are host names, at most 64, else the subject's common name. */
  names: string[]
  /** False if there were more, or names that are not host names. */
  hasAllNames: boolean
  notBeforeUs: number
  notAfterUs: number
}

/** Hardware addresses that claimed an IP address in ARP. */
export interface ArpClaims {
  ip: string
  /** Empty if others name the address and nobody claims it. */
  claims: ArpClaim[]
  /** Hardware addresses by which replies of other hosts name it, at most four. */
  named: string[]
}

export interface ArpClaim {
  /** Lower case, colons. */
  mac: string
  /** Its first frame in its capture, from 1, and the capture's index. */
  frame: number
  capture: number
  firstUs: number
  lastUs: number
  packets: number
  /** Replies, requested or not. */
  replies: number
  /** The same message by another hardware address came at most 20 ms before: a bridge sent it on. */
  repeats: number
  /** Replies to a single host when nobody had asked within three seconds. */
  unasked: number
  /** Time of every change back to this claim from another one, at most 32. */
  changesUs: number[]
}

/** A host that answers DHCP as a server. */
export interface DhcpServer {
  flow: number
  /** Option 54 (RFC 2132 9.7), else the sender's address. */
  ip: string
  /** Sender of the frame, '' if the link layer has none; of a relayed answer, the relay. */
  mac: string
  firstUs: number
  lastUs: number
  /** Offers and acknowledgments. */
  answers: number
  /** Router and DNS server for its clients, '' for none. */
  router: string
  dnsServer: string
  /** Network of its last offered address, as text: address/prefix length. */
  network: string
}

/** The minute of a rush in which the most clients asked DHCP for an address, each by its hardware address; without what relays send on. */
export interface DhcpClients {
  /** Of the last request. */
  flow: number
  clients: number
  /** Of these, how many a frame of another hardware address asked for; one such sender, '' for none. */
  foreign: number
  mac: string
  firstUs: number
  lastUs: number
}

/** A host that announces itself as IPv6 router (RFC 4861 4.2). */
export interface Ipv6Router {
  flow: number
  ip: string
  mac: string
  firstUs: number
  lastUs: number
  packets: number
  /** Seconds; 0: not a default router. */
  lifetimeS: number
  /** low, medium or high (RFC 4191 2.1). */
  preference: string
  /** Prefixes announced (RFC 4861 4.6.2), at most eight. */
  prefixes: string[]
  /** Recursive DNS servers (RFC 8106), at most eight. */
  dnsServers: string[]
}

/** Routers that reported expired hop limits to a host for one target: the pattern of traceroute. */
export interface TimeExceeded {
  /** Host id of the sender of the expired packets. */
  source: number
  /** Target of the expired packets. */
  target: string
  /** Different routers that answered, at most 64. */
  routers: number
  packets: number
  firstUs: number
  lastUs: number
  /** Flows of the ICMP messages, at most 64. */
  flows: number[]
}

/** Echo requests and replies of one flow (RFC 792, RFC 4443 4). Payload is the data after identifier and sequence number. */
export interface EchoPayloads {
  flow: number
  requests: number
  replies: number
  requestBytes: number
  replyBytes: number
  maxPayloadBytes: number
  /** Payloads of more than 64 bytes, and those among them that differ from the one before in more than a time stamp's 16 bytes at the front. */
  largePackets: number
  changingPackets: number
  /** Replies with another payload than the request, which echo forbids; counted only if the request was seen. */
  alteredReplies: number
  /** Large requests with the identifier and number of one before and other data; ping counts up. */
  rewrittenRequests: number
  /** Entropy in bits per byte, mean of at most 64 large payloads. */
  entropyBits: number
}

/** A client of a mining pool: its first line is JSON-RPC of Stratum or getwork. */
export interface MiningLogin {
  flow: number
  atUs: number
  /** Method of the first call, e.g. mining.subscribe. */
  method: string
}

/** A hardware address that asks in ARP for one address after the other. */
export interface ArpQuestions extends FramePlace {
  mac: string
  /** The address it asks for: its own, '' in probes (RFC 5227). */
  ip: string
  /** Most different addresses asked for within a minute, at most 1,024, and when; the frame is the first question of that minute. */
  addresses: number
  firstUs: number
  lastUs: number
}

/** Hardware addresses that IP packets of a host came from in the frames of its first packets, '' for none: its own on its own link, else a router's. */
export interface SenderMacs {
  of(host: number): string[]
  /** The only one as a number of 48 bits; 0 for none, or for several. */
  onlyOf(host: number): number
  /** The conversation whose first packet had it; meaningless without one. */
  flowOf(host: number): number
}

/** Calls of one remote procedure of Windows in one flow; only of those that administer or attack a machine. */
export interface RemoteProcedure {
  flow: number
  /** svcctl, drsuapi, ... */
  interface: string
  /** What told which interface it is: the bind, or, where that is missing, the name of the pipe, or the endpoint mapper's answer for the port. */
  toldBy: 'bind' | 'pipe' | 'endpoint mapper'
  /** Name in the protocol's document. */
  operation: string
  calls: number
  firstUs: number
  lastUs: number
}

/** What a Kerberos server answered to one host about one name. */
export interface KerberosExchange {
  /**
   * refused: the password is wrong; unknown: there is no such account; accepted: the client proved who it is; rc4-without-proof: a ticket for a
   * request that proved nothing and offered RC4 alone; rc4-ticket: a service's ticket encrypted with RC4.
   */
  result: 'refused' | 'unknown' | 'accepted' | 'rc4-without-proof' | 'rc4-ticket'
  /** Account, or service for a ticket; lower case, from the network. */
  name: string
  /** Host ids. */
  client: number
  server: number
  count: number
  firstUs: number
  lastUs: number
  /** At most 16. */
  flows: number[]
}

/** What a client sent first to a port of the web (80, 443), if it is neither TLS nor HTTP. */
export interface StrangeContent {
  flow: number
  /** The first eight bytes as hexadecimal digits. */
  begin: string
  atUs: number
}

/** What the client of one flow asked an industrial controller. */
export interface ControllerUse {
  flow: number
  /** modbus, s7comm, dnp3, ethernet-ip or iec104. */
  protocol: string
  requests: number
  /** Of these, requests that change something; their functions, at most eight. */
  changes: number
  operations: string[]
  /** Time of the first request. */
  beganUs: number
  /** Of the first and the last change; 0 without one. */
  firstUs: number
  lastUs: number
}

/** SMB 1 as the exploits of MS17-010 speak it. */
export interface SmbExploit {
  flow: number
  /** vulnerable: the server's answer shows that it is not patched; implant: DoublePulsar answers. */
  sign: 'vulnerable' | 'exploit' | 'implant'
  packets: number
  atUs: number
}

/** Requests of one flow that try to break an HTTP server. */
export interface HttpExploit {
  flow: number
  /** code: commands of a shell or of a programming language; shell: a script that the same client uploaded before. */
  kind: 'log4shell' | 'shellshock' | 'traversal' | 'code' | 'sql' | 'shell'
  /** What gave it away, decoded, invisible characters escaped; at most 120 characters. From the network. */
  text: string
  requests: number
  firstUs: number
  lastUs: number
}

/** Pages that a client asked a web server for and that do not exist, without a pause of a minute; only ten different ones and more. */
export interface HttpMisses {
  /** Of the first miss; others of the same hosts and port of the server may belong to it. */
  flow: number
  /** Different pages that do not exist, at most 256. */
  pages: number
  /** Answers with status 404 or 410, and answers of any status, from the first of these to the last. */
  misses: number
  answers: number
  /** Paths without query, lower case, at most eight of each: that do not exist, and that do. From the network. */
  missing: string[]
  found: string[]
  firstUs: number
  lastUs: number
}

/** An HTTP request of which at least two more small pieces came, five seconds and more apart, before an answer. */
export interface SlowRequest {
  flow: number
}

/** A program in the answer of an HTTP server. Texts are from the network, lower case. */
export interface CarriedProgram {
  flow: number
  kind: 'PE' | 'ELF' | 'Mach-O' | 'Java class' | 'DEX' | 'script'
  /** Target of the request, at most 120 characters. */
  target: string
  contentType: string
  atUs: number
}

/** A file that was sent without encryption, complete in the capture. */
export interface CarriedFile {
  flow: number
  /** Host id of its sender. */
  host: number
  source: 'http' | 'ftp' | 'smtp' | 'smb'
  /** From the network; '' where the protocol has none. */
  name: string
  sha256: string
  /** When its first bytes came, in which frame of which capture. */
  atUs: number
  frame: number
  capture: number
}

export interface Observations {
  credentials: Credential[]
  answeredLogins: AnsweredLogin[]
  tls: TlsSession[]
  arp: ArpClaims[]
  arpQuestions: ArpQuestions[]
  senderMacs: SenderMacs
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
