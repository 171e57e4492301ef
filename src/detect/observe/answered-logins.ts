// Logins with an unreadable secret but a readable answer: MySQL, PostgreSQL, SQL Server, SMB, VNC and Redis state in clear text whether a login was accepted.
import { le32 } from '../../decode/bytes.ts'
import type { Application } from '../../names/applications.ts'
import { startsWith } from '../../names/http.ts'
import { BoundedByKey } from './bounded.ts'
import type { AnsweredLogin } from './observations.ts'

const MAX_LOGINS = 200_000

/** Services by their usual port, for conversations whose content is not recognised; the first bytes are checked, too. */
const SERVICE_OF_PORT = new Map<number, Readable>([
  [139, 'smb'],
  [3306, 'mysql'],
  [5432, 'postgresql'],
  [1433, 'mssql'],
  [445, 'smb'],
  [5900, 'vnc'],
  [5901, 'vnc'],
  [6379, 'redis'],
])

/** Services whose answers are read here. SSH encrypts its answers: ssh-logins.ts judges them by their length. */
type Readable = Exclude<AnsweredLogin['service'], 'ssh'>
const SERVICES = new Set<string>(['mysql', 'postgresql', 'mssql', 'smb', 'vnc', 'redis'] satisfies Readable[])

/** MySQL protocol, "Generic Response Packets". */
const MYSQL_OK = 0x00
const MYSQL_ERROR = 0xff
/** PostgreSQL, "Message Formats": AuthenticationOk is R with 0, ErrorResponse is E. */
const POSTGRESQL_AUTHENTICATION = 0x52
const POSTGRESQL_ERROR = 0x45
/** MS-TDS 2.2.7: LOGINACK and ERROR, the first tokens of the answer to a login. */
const TDS_TABULAR_RESULT = 0x04
const TDS_LOGINACK = 0xad
const TDS_ERROR = 0xaa
const TDS_ENVIRONMENT = 0xe3
/** MS-SMB2 2.2.1.2, MS-CIFS 2.2.3.1: the commands that log in. */
const SMB2_SESSION_SETUP = 1
const SMB1_SESSION_SETUP_ANDX = 0x73
/** MS-ERREF 2.3.1: the statuses that refuse a login; all others (more processing required, access denied to something else) tell nothing of it. */
const LOGON_FAILURES = new Set([
  0xc0000064, // STATUS_NO_SUCH_USER
  0xc000006a, // STATUS_WRONG_PASSWORD
  0xc000006d, // STATUS_LOGON_FAILURE
  0xc000006e, // STATUS_ACCOUNT_RESTRICTION
  0xc000006f, // STATUS_INVALID_LOGON_HOURS
  0xc0000070, // STATUS_INVALID_WORKSTATION
  0xc0000071, // STATUS_PASSWORD_EXPIRED
  0xc0000072, // STATUS_ACCOUNT_DISABLED
  0xc000015b, // STATUS_LOGON_TYPE_NOT_GRANTED
  0xc0000193, // STATUS_ACCOUNT_EXPIRED
  0xc0000234, // STATUS_ACCOUNT_LOCKED_OUT
])

export class AnsweredLogins {
  readonly list = new BoundedByKey<number, AnsweredLogin>(MAX_LOGINS)

  /** The service of a conversation; null for none that is read here. @param application by content, '' if unknown */
  static serviceOf(application: Application, port: number): Readable | null {
    if (SERVICES.has(application)) return application as Readable
    return application === '' ? (SERVICE_OF_PORT.get(port) ?? null) : null
  }

  /** Inspects a payload of the server. */
  inspect(flow: number, service: Readable, bytes: Uint8Array, at: number, end: number): void {
    const verdict = VERDICTS[service](bytes, at, end)
    if (verdict === null) return
    const row = this.rowOf(flow, service)
    // After a successful login, later answers (the error of a query, for example) are not answers to a login.
    if (row === null || row.accepted > 0) return
    if (verdict) row.accepted++
    else row.refused++
  }

  accept(flow: number, service: AnsweredLogin['service']): void {
    const row = this.rowOf(flow, service)
    if (row !== null) row.accepted = 1
  }

  private rowOf(flow: number, service: AnsweredLogin['service']): AnsweredLogin | null {
    return this.list.rowOf(flow, () => ({ flow, service, refused: 0, accepted: 0 }))
  }
}

/** True: accepted. False: refused. Null: neither. */
type Verdict = (bytes: Uint8Array, at: number, end: number) => boolean | null

const VERDICTS: Record<Readable, Verdict> = {
  mysql(bytes, at, end) {
    // Three bytes of length, a sequence number (the greeting has 0, the answer to a login 2 or more), the kind.
    if (end - at < 7 || bytes[at + 3] < 2 || bytes[at + 3] > 8) return null
    return bytes[at + 4] === MYSQL_OK ? true : bytes[at + 4] === MYSQL_ERROR ? false : null
  },
  postgresql(bytes, at, end) {
    if (end - at < 9) return null
    if (bytes[at] === POSTGRESQL_ERROR) return bytes[at + 1] === 0 ? false : null
    const isOk = bytes[at] === POSTGRESQL_AUTHENTICATION && bytes[at + 4] === 8 && bytes[at + 8] === 0
    return isOk ? true : null
  },
  mssql(bytes, at, end) {
    if (end - at < 9 || bytes[at] !== TDS_TABULAR_RESULT) return null
    let token = at + 8
    // ENVCHANGE tokens come before LOGINACK.
    for (let count = 0; count < 8 && token + 2 < end && bytes[token] === TDS_ENVIRONMENT; count++) {
      token += 3 + bytes[token + 1] + (bytes[token + 2] << 8)
    }
    return bytes[token] === TDS_LOGINACK ? true : bytes[token] === TDS_ERROR ? false : null
  },
  smb(bytes, at, end) {
    const header = at + 4
    if (end - header < 32 || bytes[header + 1] !== 0x53 || bytes[header + 2] !== 0x4d || bytes[header + 3] !== 0x42) return null
    const isSecond = bytes[header] === 0xfe
    if (isSecond ? bytes[header + 12] !== SMB2_SESSION_SETUP || bytes[header + 13] !== 0 : bytes[header + 4] !== SMB1_SESSION_SETUP_ANDX)
      return null
    const status = le32(bytes, header + (isSecond ? 8 : 5))
    return status === 0 ? true : LOGON_FAILURES.has(status) ? false : null
  },
  redis(bytes, at, end) {
    // Since Redis 6, and before; an acceptance is +OK, as of many other commands.
    return startsWith(bytes, at, end, '-wrongpass') || startsWith(bytes, at, end, '-err invalid password') ? false : null
  },
  vnc(bytes, at, end) {
    // RFC 6143 7.1.3: SecurityResult, four bytes, after a challenge; a failure may be followed by its reason.
    if (end - at < 4 || bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0) return null
    return bytes[at + 3] === 0 ? true : bytes[at + 3] <= 2 ? false : null
  },
}
