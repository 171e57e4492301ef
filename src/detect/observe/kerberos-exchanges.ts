// Messages of Kerberos -> the accounts they name, and what a KDC answered to whom: refusals, logins, tickets that a password can be guessed from.
import { Protocol } from '../../decode/codes.ts'
import type { FlowTable } from '../../flows/table.ts'
import type { Accounts } from './accounts.ts'
import { BoundedByKey } from './bounded.ts'
import { type KerberosMessage, parseKerberos } from './kerberos.ts'
import type { KerberosExchange } from './observations.ts'

const MAX_ROWS = 20_000
/** Conversations in which an answer is waited for. */
const MAX_WAITING = 20_000
const MAX_FLOWS = 16
/** Before each message over TCP (RFC 4120 7.2.2). */
const LENGTH_BYTES = 4

const KDC_ERR_C_PRINCIPAL_UNKNOWN = 6
const KDC_ERR_PREAUTH_FAILED = 24
/** rc4-hmac (RFC 4757): its key is the NT hash of the password. */
const RC4 = 23

export class KerberosExchanges {
  readonly list = new BoundedByKey<string, KerberosExchange>(MAX_ROWS)
  /** By conversation: the last request for a ticket-granting ticket. Windows does not repeat the name in its errors. */
  private readonly waiting = new Map<number, KerberosMessage>()
  private readonly table: FlowTable
  private readonly accounts: Accounts

  constructor(table: FlowTable, accounts: Accounts) {
    this.table = table
    this.accounts = accounts
  }

  /** A message; over TCP the first segment of it. */
  inspect(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const { table } = this
    const message = parseKerberos(bytes, table.protocol(flow) === Protocol.tcp ? at + LENGTH_BYTES : at, end)
    if (message === null) return
    const isRequest = message.kind === 'as-request' || message.kind === 'tgs-request'
    const [first, other] = [table.firstHost(flow), table.otherHost(flow)]
    const [client, server] = isRequest === (direction === 0) ? [first, other] : [other, first]
    if (message.kind !== 'error') this.accounts.addKerberos(flow, client, message, timeUs)
    this.note(flow, client, server, message, timeUs)
  }

  /** @param client host that sent the request or gets the reply */
  private note(flow: number, client: number, server: number, message: KerberosMessage, timeUs: number): void {
    if (message.kind === 'as-request') {
      if (this.waiting.size < MAX_WAITING || this.waiting.has(flow)) this.waiting.set(flow, message)
      return
    }
    if (message.kind === 'tgs-request') return
    const request = message.kind === 'tgs-reply' ? undefined : this.waiting.get(flow)
    if (message.kind !== 'tgs-reply') this.waiting.delete(flow)
    const result = resultOf(message, request)
    const name = message.kind === 'tgs-reply' ? message.service : request?.principal || message.principal
    if (result === null || name === '') return
    const lower = name.toLowerCase()
    const row = this.list.rowOf(`${client} ${server} ${result} ${lower}`, () => {
      return { result, name: lower, client, server, count: 0, firstUs: timeUs, lastUs: timeUs, flows: [] }
    })
    if (row === null) return
    row.count++
    row.lastUs = Math.max(row.lastUs, timeUs)
    if (row.flows.length < MAX_FLOWS && row.flows.at(-1) !== flow) row.flows.push(flow)
  }
}

function resultOf(message: KerberosMessage, request: KerberosMessage | undefined): KerberosExchange['result'] | null {
  if (message.kind === 'tgs-reply') return message.ticketEncryption === RC4 ? 'rc4-ticket' : null
  if (message.kind === 'error') {
    if (message.errorCode === KDC_ERR_C_PRINCIPAL_UNKNOWN) return 'unknown'
    return message.errorCode === KDC_ERR_PREAUTH_FAILED ? 'refused' : null
  }
  if (request === undefined) return null
  if (request.isPreauthenticated) return 'accepted'
  return request.encryptions.length > 0 && request.encryptions.every((type) => type === RC4) ? 'rc4-without-proof' : null
}
