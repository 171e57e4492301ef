// What observers find of accounts and of the administration of machines: logins and their answers, Kerberos, remote procedures, attacks on SMB.

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

/** SMB 1 as the exploits of MS17-010 speak it. */
export interface SmbExploit {
  flow: number
  /** vulnerable: the server's answer shows that it is not patched; implant: DoublePulsar answers. */
  sign: 'vulnerable' | 'exploit' | 'implant'
  packets: number
  atUs: number
}
