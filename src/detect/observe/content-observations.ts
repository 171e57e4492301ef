// What observers find in the content of conversations: TLS, HTTP, files, mining, industrial controllers, content of no known protocol.

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

/** A client of a mining pool: its first line is JSON-RPC of Stratum or getwork. */
export interface MiningLogin {
  flow: number
  atUs: number
  /** Method of the first call, e.g. mining.subscribe. */
  method: string
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
