// Remote procedures of Windows (DCE/RPC, C706 12.6; over TCP or in pipes of SMB) that administer or attack another machine -> which, how often.
import { le16 } from '../../decode/bytes.ts'
import type { FlowTable } from '../../flows/table.ts'
import { nameText } from '../../names/text.ts'
import { BoundedByKey } from './bounded.ts'
import type { RemoteProcedure } from './observations.ts'
import { formatUuid, INTERFACE_OF_PIPE, MappedPorts, Pipes } from './rpc-places.ts'

const MAX_ROWS = 20_000
/** Interfaces bound in one conversation that are remembered. */
const MAX_CONTEXTS = 8
const MAX_FLOWS = 20_000
/** Where in a payload of SMB a PDU may begin, after the headers. */
const SEARCHED_BYTES = 256

const REQUEST = 0
const BIND = 11
const BIND_ACK = 12
const ALTER_CONTEXT = 14
/** In the answer to a bind, the length of the secondary address, which is the name of a pipe or a port (C706 12.6.4.4). */
const ADDRESS_AT = 24
const LONGEST_ADDRESS = 40
const MAPPER_PORT = 135
const HEADER_BYTES = 24
/** A bind's contexts begin here; each has an identifier, a count, the interface, and 20 bytes for each transfer syntax. */
const CONTEXTS_AT = 28
const CONTEXT_BYTES = 24
const SYNTAX_BYTES = 20

interface Interface {
  name: string
  /** By operation number. */
  operations: ReadonlyMap<number, string>
}

/** What clients that print ask beside the notification that makes a server log in elsewhere. */
export const PRINTING = [
  'RpcEnumPrinters',
  'RpcEnumJobs',
  'RpcGetPrinter',
  'RpcStartDocPrinter',
  'RpcGetPrinterData',
  'RpcGetPrinterDriver2',
]

const SPOOLSS = {
  ...Object.fromEntries([0, 4, 8, 17, 26, 53].map((number, i) => [number, PRINTING[i]])),
  62: 'RpcRemoteFindFirstPrinterChangeNotification',
  65: 'RpcRemoteFindFirstPrinterChangeNotificationEx',
  89: 'RpcAddPrinterDriverEx',
}
const WINREG = { 6: 'BaseRegCreateKey', 20: 'BaseRegSaveKey', 22: 'BaseRegSetValue', 31: 'BaseRegSaveKeyEx' }
const SAMR = {
  11: 'SamrEnumerateGroupsInDomain',
  13: 'SamrEnumerateUsersInDomain',
  40: 'SamrQueryDisplayInformation',
  48: 'SamrQueryDisplayInformation2',
  51: 'SamrQueryDisplayInformation3',
}

/** UUIDs and operation numbers of MS-SCMR, MS-TSCH, MS-DRSR, MS-NRPC, MS-EFSR, MS-DFSNM, MS-FSRVP, MS-RPRN, MS-RRP, MS-SAMR and MS-WMI. */
const INTERFACES = new Map<string, Interface>(
  (
    [
      ['367abb81-9844-35f1-ad32-98f038001003', 'svcctl', { 12: 'RCreateServiceW', 24: 'RCreateServiceA', 60: 'RCreateWowService' }],
      ['1ff70682-0a51-30e8-076d-740be8cee98b', 'atsvc', { 0: 'NetrJobAdd' }],
      ['86d35949-83c9-4044-b424-db363231fd0c', 'schrpc', { 1: 'SchRpcRegisterTask' }],
      ['e3514235-4b06-11d1-ab04-00c04fc2dcd2', 'drsuapi', { 3: 'IDL_DRSGetNCChanges' }],
      ['12345678-1234-abcd-ef00-01234567cffb', 'netlogon', { 15: 'NetrServerAuthenticate2', 26: 'NetrServerAuthenticate3' }],
      ['c681d488-d850-11d0-8c52-00c04fd90f7e', 'efsrpc', { 0: 'EfsRpcOpenFileRaw', 4: 'EfsRpcEncryptFileSrv', 5: 'EfsRpcDecryptFileSrv' }],
      ['df1941c5-fe89-4e79-bf10-463657acf44d', 'efsrpc', { 0: 'EfsRpcOpenFileRaw', 4: 'EfsRpcEncryptFileSrv', 5: 'EfsRpcDecryptFileSrv' }],
      ['4fc742e0-4a10-11cf-8273-00aa004ae673', 'netdfs', { 12: 'NetrDfsAddStdRoot', 13: 'NetrDfsRemoveStdRoot' }],
      ['a8e0653c-2744-4389-a61d-7373df8b2292', 'fsrvp', { 8: 'IsPathSupported', 9: 'IsPathShadowCopied' }],
      ['12345678-1234-abcd-ef00-0123456789ab', 'spoolss', SPOOLSS],
      ['338cd001-2244-31f1-aaaa-900038001003', 'winreg', WINREG],
      ['12345778-1234-abcd-ef00-0123456789ac', 'samr', SAMR],
      ['9556dc99-828c-11cf-a37e-00aa003240c7', 'wmi', { 24: 'IWbemServices::ExecMethod', 25: 'IWbemServices::ExecMethodAsync' }],
    ] as [string, string, Record<number, string>][]
  ).map(([uuid, name, operations]) => [
    uuid,
    { name, operations: new Map(Object.entries(operations).map(([number, operation]) => [Number(number), operation])) },
  ]),
)

export class RemoteProcedures {
  readonly list = new BoundedByKey<string, RemoteProcedure>(MAX_ROWS)
  /** By flow: the interface of each context identifier. Only of conversations that bound one of the interfaces above. */
  private readonly bound = new Map<number, Map<number, Interface>>()
  /** Conversations, and pipes in them, whose bind was seen: what it does not name is none of the interfaces above. */
  private readonly binds = new Set<string>()
  private readonly pipes = new Pipes()
  private readonly ports = new MappedPorts()
  /** By conversation: the pipe that the answer to a bind names; null for several. */
  private readonly acknowledged = new Map<number, string | null>()
  private readonly table: FlowTable

  constructor(table: FlowTable) {
    this.table = table
  }

  /** A client's payload of SMB, or of DCE/RPC over TCP. */
  inspect(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const pipe = this.pipes.inspectRequest(flow, bytes, at, end)
    const pdu = findPdu(bytes, at, end, isOfClient)
    if (pdu < 0) return
    const place = pipe === null ? `${flow}` : `${flow} ${pipe.id}`
    if (bytes[pdu + 2] !== REQUEST) {
      if (this.binds.size < MAX_FLOWS) this.binds.add(place)
      this.bind(flow, bytes, pdu, end)
      return
    }
    const isBound = this.binds.has(place)
    const bound = isBound || pipe === null ? this.bound.get(flow)?.get(le16(bytes, pdu + 20)) : undefined
    const guess = bound === undefined && !isBound ? this.guess(flow, pipe?.name ?? null) : null
    this.call(flow, bound ?? guess?.called, guess?.toldBy ?? 'bind', le16(bytes, pdu + 22), timeUs)
  }

  /** A server's payload of the same. */
  inspectAnswer(flow: number, bytes: Uint8Array, at: number, end: number): void {
    const { table } = this
    this.pipes.inspectAnswer(flow, bytes, at, end)
    if (table.serverPort(flow) === MAPPER_PORT) this.ports.inspectAnswer(this.client(flow), this.server(flow), bytes, at, end)
    const pdu = findPdu(bytes, at, end, (type) => type === BIND_ACK)
    if (pdu < 0) return
    const length = Math.min(LONGEST_ADDRESS, le16(bytes, pdu + ADDRESS_AT))
    const address = nameText(bytes, pdu + ADDRESS_AT + 2, Math.min(end, pdu + ADDRESS_AT + 2 + length - 1))
    const name = address.replace(/^\\+pipe\\+/, '')
    if (!INTERFACE_OF_PIPE.has(name) || (this.acknowledged.size >= MAX_FLOWS && !this.acknowledged.has(flow))) return
    const known = this.acknowledged.get(flow)
    this.acknowledged.set(flow, known === undefined || known === name ? name : null)
  }

  /** The interface of a request whose bind is not in the capture. @param pipe that it was written to */
  private guess(flow: number, pipe: string | null): { called: Interface | undefined; toldBy: RemoteProcedure['toldBy'] } {
    const name = pipe ?? this.acknowledged.get(flow) ?? null
    if (name !== null) return { called: INTERFACES.get(INTERFACE_OF_PIPE.get(name)!), toldBy: 'pipe' }
    const uuid = this.ports.of(this.client(flow), this.server(flow), this.table.serverPort(flow))
    return { called: INTERFACES.get(uuid ?? ''), toldBy: 'endpoint mapper' }
  }

  private server(flow: number): number {
    return this.table.serverDirection(flow) === 0 ? this.table.firstHost(flow) : this.table.otherHost(flow)
  }

  private client(flow: number): number {
    return this.table.serverDirection(flow) === 0 ? this.table.otherHost(flow) : this.table.firstHost(flow)
  }

  private bind(flow: number, bytes: Uint8Array, pdu: number, end: number): void {
    let context = pdu + CONTEXTS_AT
    for (let count = 0; count < Math.min(bytes[pdu + 24], MAX_CONTEXTS) && context + CONTEXT_BYTES <= end; count++) {
      let known = this.bound.get(flow)
      const found = INTERFACES.get(formatUuid(bytes, context + 4))
      if (found !== undefined && known === undefined && this.bound.size < MAX_FLOWS) {
        known = new Map()
        this.bound.set(flow, known)
      }
      // A pipe that is bound to another interface uses the same identifiers.
      if (found === undefined) known?.delete(le16(bytes, context))
      else known?.set(le16(bytes, context), found)
      context += CONTEXT_BYTES + SYNTAX_BYTES * bytes[context + 2]
    }
  }

  private call(flow: number, called: Interface | undefined, toldBy: RemoteProcedure['toldBy'], number: number, timeUs: number): void {
    const operation = called?.operations.get(number)
    if (called === undefined || operation === undefined) return
    const times = { firstUs: timeUs, lastUs: timeUs }
    const row = this.list.rowOf(`${flow} ${operation}`, () => ({ flow, interface: called.name, toldBy, operation, calls: 0, ...times }))
    if (row === null) return
    row.calls++
    row.lastUs = Math.max(row.lastUs, timeUs)
  }
}

const isOfClient = (type: number): boolean => type === REQUEST || type === BIND || type === ALTER_CONTEXT

/** Offset of a PDU of certain types: version 5.0, little-endian integers and ASCII; -1 for none. */
function findPdu(bytes: Uint8Array, at: number, end: number, isWanted: (type: number) => boolean): number {
  const limit = Math.min(end - CONTEXTS_AT, at + SEARCHED_BYTES)
  for (let i = at; i <= limit; i++) {
    if (bytes[i] !== 5 || bytes[i + 1] !== 0 || bytes[i + 4] !== 0x10 || bytes[i + 5] !== 0 || bytes[i + 6] !== 0 || bytes[i + 7] !== 0)
      continue
    if (isWanted(bytes[i + 2]) && le16(bytes, i + 8) >= HEADER_BYTES) return i
  }
  return -1
}
