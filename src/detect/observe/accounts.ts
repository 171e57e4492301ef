// Logins -> the accounts and machines that they name, for the log of identities. Secrets, tickets and responses are never read.
import type { FlowTable } from '../../flows/table.ts'
import { startsWith } from '../../names/http.ts'
import type { IdentityLog } from '../../names/identity-log.ts'
import { plainText } from '../../names/text.ts'
import { decodeBase64 } from './base64.ts'
import type { KerberosMessage } from './kerberos.ts'
import { lineEnd } from './logins.ts'
import { findNtlm } from './ntlm.ts'

/** The names in a third message of NTLM come first. */
const MAX_TOKEN = 1_536
/** A connection request of X.224 (MS-RDPBCGR 2.2.1.1) has its cookie here. */
const COOKIE_AT = 11
const COOKIE = 'cookie: mstshash='
const SMB2_SESSION_SETUP = 1
const SMB1_SESSION_SETUP_ANDX = 0x73
/** PDUs of DCE/RPC that may carry a security token (MS-RPCE 2.2.2): bind, its answer, alter_context, auth3. */
const RPC_TOKENS = new Set([11, 12, 14, 15, 16])

export class Accounts {
  private readonly table: FlowTable
  private readonly log: IdentityLog

  constructor(table: FlowTable, log: IdentityLog) {
    this.table = table
    this.log = log
  }

  /** @param host the client that the message names */
  addKerberos(flow: number, host: number, { principal, realm, netbiosNames }: KerberosMessage, timeUs: number): void {
    for (const name of netbiosNames) this.log.add(host, 'host-name', name.toLowerCase(), 'kerberos', timeUs, flow)
    if (principal !== '')
      this.addAccount(host, principal.includes('@') || realm === '' ? principal : `${principal}@${realm}`, 'kerberos', timeUs, flow)
  }

  /** SMB: the messages that log in, and their answers. */
  inspectSmb(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const header = at + 4
    if (end - header < 32 || bytes[header + 1] !== 0x53 || bytes[header + 2] !== 0x4d || bytes[header + 3] !== 0x42) return
    const isLogin = bytes[header] === 0xfe ? bytes[header + 12] === SMB2_SESSION_SETUP : bytes[header + 4] === SMB1_SESSION_SETUP_ANDX
    if (isLogin) this.inspectNtlm(flow, direction, bytes, header + 32, end, 'smb', timeUs)
  }

  inspectRpc(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (bytes[at] === 5 && RPC_TOKENS.has(bytes[at + 2])) this.inspectNtlm(flow, direction, bytes, at, end, 'dcerpc', timeUs)
  }

  /** The value of an Authorization field (RFC 4559): a scheme and a token in base64. */
  inspectHttp(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const tokenAt = ['ntlm ', 'negotiate '].find((scheme) => startsWith(bytes, at, end, scheme))?.length
    if (tokenAt === undefined) return
    const token = decodeBase64(bytes, at + tokenAt, end, MAX_TOKEN)
    this.inspectNtlm(flow, direction, token, 0, token.length, 'http', timeUs)
  }

  /** A payload that may have a message of NTLM inside. */
  inspectNtlm(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, carrier: string, timeUs: number): void {
    const message = findNtlm(bytes, at, end)
    if (message === null) return
    const host = this.hostOf(flow, direction)
    const source = `ntlm in ${carrier}`
    if (message.type === 'challenge') {
      for (const name of message.computers) this.log.add(host, 'host-name', name.toLowerCase(), source, timeUs, flow)
      return
    }
    const { domain, user, workstation } = message
    this.log.add(host, 'host-name', workstation.toLowerCase(), source, timeUs, flow)
    // Without a name, the login is anonymous.
    if (user !== '') this.addAccount(host, domain === '' ? user : `${domain}\\${user}`, source, timeUs, flow)
  }

  /** The name of a simple bind of LDAP: bytes[at..end). */
  addLdapName(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    this.log.add(this.hostOf(flow, 1 - this.table.serverDirection(flow)), 'account', plainText(bytes, at, end), 'ldap', timeUs, flow)
  }

  /** The first message of an RDP client: its cookie has the account, cut to nine characters by some clients. */
  inspectRdp(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (!startsWith(bytes, at + COOKIE_AT, end, COOKIE)) return
    const valueAt = at + COOKIE_AT + COOKIE.length
    this.log.add(this.hostOf(flow, direction), 'account', plainText(bytes, valueAt, lineEnd(bytes, valueAt, end)), 'rdp', timeUs, flow)
  }

  /** Names of machines end in $ (MS-ADA3, sAMAccountName) or begin with a service (RFC 4120 6.2.1); the others are of people and programs. */
  private addAccount(host: number, account: string, source: string, timeUs: number, flow: number): void {
    const name = account.split('@')[0].split('\\').pop()!
    const isMachine = name.endsWith('$') || name.includes('/')
    this.log.add(host, isMachine ? 'machine' : 'account', account, source, timeUs, flow)
    if (name.endsWith('$')) this.log.add(host, 'host-name', name.slice(0, -1).toLowerCase(), source, timeUs, flow)
  }

  private hostOf(flow: number, direction: number): number {
    return direction === 0 ? this.table.firstHost(flow) : this.table.otherHost(flow)
  }
}
