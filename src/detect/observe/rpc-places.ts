// What else says which interface a DCE/RPC request is for, where its bind is not in the capture: the name of the pipe that it is written to, the
// endpoint mapper's answer for the port, and the address in the answer to the bind.
import { be16, be32, le16, le32 } from '../../decode/bytes.ts'

const MAX_FLOWS = 4096
/** Of one conversation: CREATE requests without an answer, and open pipes. */
const MAX_PENDING = 16
const MAX_PIPES = 32
const MAX_PORTS = 20_000

const SMB2 = 0xfe534d42
const SMB_HEADER_BYTES = 64
const CREATE = 5
const WRITE = 9
const IOCTL = 11
const LONGEST_PIPE = 32
/** A tower of five floors whose first one names an interface (C706, appendix L): count, length, protocol. */
const TOWER = [5, 0, 0x13, 0, 0x0d] as const
const UUID_BYTES = 16
const TCP_FLOOR = 0x07

/** By pipe: the interface that answers there, where it is but one (atsvc and lsarpc have several). */
export const INTERFACE_OF_PIPE: ReadonlyMap<string, string> = new Map([
  ['svcctl', '367abb81-9844-35f1-ad32-98f038001003'],
  ['samr', '12345778-1234-abcd-ef00-0123456789ac'],
  ['netlogon', '12345678-1234-abcd-ef00-01234567cffb'],
  ['efsrpc', 'df1941c5-fe89-4e79-bf10-463657acf44d'],
  ['netdfs', '4fc742e0-4a10-11cf-8273-00aa004ae673'],
  ['fssagentrpc', 'a8e0653c-2744-4389-a61d-7373df8b2292'],
  ['spoolss', '12345678-1234-abcd-ef00-0123456789ab'],
  ['winreg', '338cd001-2244-31f1-aaaa-900038001003'],
])

/** Pipes of SMB 2 by the identifiers that CREATE gives them (MS-SMB2 2.2.13, 2.2.14). */
export class Pipes {
  private readonly flows = new Map<number, { pending: Map<number, string>; pipes: Map<string, string> }>()

  /** A client's payload. @returns the pipe that it is written to, as number and name; null if it is none that was opened here */
  inspectRequest(flow: number, bytes: Uint8Array, at: number, end: number): { id: string; name: string } | null {
    const header = headerAt(bytes, at, end)
    if (header < 0) return null
    const command = le16(bytes, header + 12)
    if (command === CREATE) this.ask(flow, bytes, header, end)
    const idAt = header + (command === IOCTL ? 72 : 80)
    if ((command !== WRITE && command !== IOCTL) || idAt + 16 > end) return null
    const id = fileId(bytes, idAt)
    const name = this.flows.get(flow)?.pipes.get(id)
    return name === undefined ? null : { id, name }
  }

  /** A server's payload. */
  inspectAnswer(flow: number, bytes: Uint8Array, at: number, end: number): void {
    const own = this.flows.get(flow)
    const header = own === undefined ? -1 : headerAt(bytes, at, end)
    if (own === undefined || header < 0 || le16(bytes, header + 12) !== CREATE) return
    const message = le32(bytes, header + 24)
    const name = own.pending.get(message)
    own.pending.delete(message)
    if (name === undefined || le32(bytes, header + 8) !== 0 || header + 144 > end) return
    if (own.pipes.size >= MAX_PIPES) own.pipes.delete(own.pipes.keys().next().value!)
    own.pipes.set(fileId(bytes, header + 128), name)
  }

  private ask(flow: number, bytes: Uint8Array, header: number, end: number): void {
    const nameAt = header + le16(bytes, header + 108)
    const length = header + 112 <= end ? le16(bytes, header + 110) : 0
    if (length === 0 || length > 2 * LONGEST_PIPE || nameAt + length > end) return
    let name = ''
    for (let i = nameAt; i + 1 < nameAt + length; i += 2) name += String.fromCharCode(le16(bytes, i))
    name = name.toLowerCase().replace(/^\\?(pipe\\)?/, '')
    if (!INTERFACE_OF_PIPE.has(name)) return
    let own = this.flows.get(flow)
    if (own === undefined) {
      if (this.flows.size >= MAX_FLOWS) return
      own = { pending: new Map(), pipes: new Map() }
      this.flows.set(flow, own)
    }
    if (own.pending.size >= MAX_PENDING) own.pending.delete(own.pending.keys().next().value!)
    own.pending.set(le32(bytes, header + 24), name)
  }
}

/** Interfaces by the port that the endpoint mapper names for them; clients ask it right before they connect. */
export class MappedPorts {
  /** By client, server and port; null where the mapper named several for it. */
  private readonly interfaces = new Map<string, string | null>()

  /** The mapper's answer to ept_map (C706, appendix O). */
  inspectAnswer(client: number, server: number, bytes: Uint8Array, at: number, end: number): void {
    for (let i = at; i + TOWER.length < end; i++) {
      if (!TOWER.every((byte, j) => bytes[i + j] === byte)) continue
      const port = portOf(bytes, i, end)
      if (port > 0) this.add(`${client} ${server} ${port}`, formatUuid(bytes, i + TOWER.length))
    }
  }

  /** The interface that a client asked for and was sent to this port for. */
  of(client: number, server: number, port: number): string | null {
    return this.interfaces.get(`${client} ${server} ${port}`) ?? null
  }

  private add(key: string, uuid: string): void {
    const known = this.interfaces.get(key)
    if (known === undefined && this.interfaces.size >= MAX_PORTS) return
    this.interfaces.set(key, known === undefined || known === uuid ? uuid : null)
  }
}

/** The TCP port in the fourth floor of a tower; 0 without one. */
function portOf(bytes: Uint8Array, tower: number, end: number): number {
  let floor = tower + 2
  for (let count = 0; count < 5; count++) {
    if (floor + 2 > end) return 0
    const right = floor + 2 + le16(bytes, floor)
    if (right + 2 > end) return 0
    const length = le16(bytes, right)
    if (count === 3) return bytes[floor + 2] === TCP_FLOOR && length === 2 && right + 4 <= end ? be16(bytes, right + 2) : 0
    floor = right + 2 + length
  }
  return 0
}

/** A UUID whose first three fields are little-endian (C706, appendix A); '' where it does not fit. */
export function formatUuid(bytes: Uint8Array, at: number): string {
  if (at + UUID_BYTES > bytes.length) return ''
  let text = ''
  for (const i of [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15]) {
    text += i < 0 ? '-' : bytes[at + i].toString(16).padStart(2, '0')
  }
  return text
}

/** Offset of the header of SMB 2 behind its length; -1 for something else. */
function headerAt(bytes: Uint8Array, at: number, end: number): number {
  return end - at >= 4 + SMB_HEADER_BYTES && bytes[at] === 0 && be32(bytes, at + 4) === SMB2 ? at + 4 : -1
}

function fileId(bytes: Uint8Array, at: number): string {
  return `${le32(bytes, at)} ${le32(bytes, at + 4)} ${le32(bytes, at + 8)} ${le32(bytes, at + 12)}`
}
