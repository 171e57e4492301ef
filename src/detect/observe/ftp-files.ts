// FTP (RFC 959): commands and replies -> the data connections they announce, and the files that these carry whole.
import { TcpFlag } from '../../decode/codes.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { FlowTable } from '../../flows/table.ts'
import { Assemblies } from '../../names/assembly.ts'
import { startsWith } from '../../names/http.ts'
import { plainText } from '../../names/text.ts'
import type { CarriedFiles, OpenFile } from './carried-files.ts'
import { isCut } from './http-files.ts'
import { lineEnd } from './logins.ts'
import { Ordered } from './ordered.ts'

const MAX_CONTROLS = 10_000
/** Data connections at the same time. */
const MAX_OPEN = 64
/** Announced data connections that have not begun. */
const MAX_ANNOUNCED = 1024
const MAX_LINES = 8
const LONGEST_REPLY = 200
/** Six numbers: address and port (RFC 959 4.1.2). */
const HOST_PORT = /(?:^|\D)(?:\d{1,3},){4}(\d{1,3}),(\d{1,3})(?!\d)/
/** Between bars: family, address, port (RFC 2428 2); a reply has the port alone. */
const EXTENDED_PORT = /([!-~])\d?\1[\da-fA-F.:]*\1(\d{1,5})\1/

/** A control connection. */
interface Control {
  /** The file that is transferred next; null for lists, parts of files, and files that are changed on the way. */
  transfer: { name: string; isUpload: boolean } | null
  /** Bytes are sent as they are: TYPE I, MODE S. */
  isImage: boolean
  isStream: boolean
  /** REST: the next transfer is the rest of a file. */
  isRest: boolean
}

interface Data {
  control: Control
  client: number
  /** By direction: sequence number of the first byte, and that behind the last one; null until SYN and FIN are seen. */
  first: [number | null, number | null]
  last: [number | null, number | null]
  /** Direction of the file. */
  direction: number
  ordered: Ordered | null
  file: OpenFile | null
}

export class FtpFiles {
  private readonly controls = new Map<number, Control>()
  /** By host and port: the control connection, and its client. */
  private readonly announced = new Map<number, { control: Control; client: number }>()
  private readonly data = new Assemblies<Data>(MAX_OPEN)
  private readonly table: FlowTable
  private readonly files: CarriedFiles

  constructor(table: FlowTable, files: CarriedFiles) {
    this.table = table
    this.files = files
  }

  /** A payload of a control connection. @returns true if a data connection was announced */
  inspectControl(flow: number, bytes: Uint8Array, at: number, end: number): boolean {
    let control = this.controls.get(flow)
    if (control === undefined) {
      if (this.controls.size >= MAX_CONTROLS) return false
      control = { transfer: null, isImage: true, isStream: true, isRest: false }
      this.controls.set(flow, control)
    }
    let isAnnounced = false
    for (let line = at, count = 0; count < MAX_LINES && line < end; count++) {
      const to = lineEnd(bytes, line, end)
      if (this.readLine(flow, control, bytes, line, to)) isAnnounced = true
      line = to + 1
      while (line < end && (bytes[line] === 10 || bytes[line] === 13)) line++
    }
    return isAnnounced
  }

  private readLine(flow: number, control: Control, bytes: Uint8Array, at: number, end: number): boolean {
    const is = (command: string): boolean => startsWith(bytes, at, end, command)
    // Text is what RFC 959 begins with; of a connection whose greeting is missing, the type may have been named before.
    if (is('220')) control.isImage = false
    else if (is('type ')) control.isImage = (bytes[at + 5] | 0x20) === 0x69 || (bytes[at + 5] | 0x20) === 0x6c
    else if (is('mode ')) control.isStream = (bytes[at + 5] | 0x20) === 0x73
    else if (is('rest ')) control.isRest = plainText(bytes, at + 5, end) !== '0'
    else if (is('retr ') || is('stor ')) {
      const isWhole = control.isImage && control.isStream && !control.isRest
      control.transfer = isWhole ? { name: plainText(bytes, at + 5, end), isUpload: is('stor ') } : null
      control.isRest = false
    } else if (is('list') || is('nlst') || is('mlsd') || is('appe') || is('stou')) control.transfer = null
    else if (is('227') || is('229')) return this.announce(flow, control, this.table.serverDirection(flow), bytes, at + 3, end)
    else if (is('port ') || is('eprt ')) return this.announce(flow, control, 1 - this.table.serverDirection(flow), bytes, at + 5, end)
    return false
  }

  /** The address is that of the control connection's end: behind a NAT, a server names a private one. */
  private announce(flow: number, control: Control, direction: number, bytes: Uint8Array, at: number, end: number): boolean {
    const text = plainText(bytes, at, Math.min(end, at + LONGEST_REPLY))
    const six = HOST_PORT.exec(text)
    const port = six !== null ? Number(six[1]) * 256 + Number(six[2]) : Number(EXTENDED_PORT.exec(text)?.[2] ?? 0)
    if (port === 0 || port > 0xffff) return false
    const { table } = this
    const ends = [table.firstHost(flow), table.otherHost(flow)]
    if (this.announced.size >= MAX_ANNOUNCED) this.announced.delete(this.announced.keys().next().value!)
    this.announced.set(ends[direction] * 0x10000 + port, { control, client: ends[1 - table.serverDirection(flow)] })
    return true
  }

  /** A new TCP conversation. @returns true if it was announced */
  begin(flow: number): boolean {
    if (this.announced.size === 0) return false
    const key = this.table.otherHost(flow) * 0x10000 + this.table.otherPort(flow)
    const announced = this.announced.get(key)
    if (announced === undefined) return false
    this.announced.delete(key)
    this.data.set(flow, { ...announced, first: [null, null], last: [null, null], direction: 0, ordered: null, file: null })
    return true
  }

  /** A packet of a data connection, also without payload. @returns false when there is nothing more to read */
  inspect(flow: number, direction: number, view: PacketView, timeUs: number): boolean {
    const data = this.data.find(flow)
    if (data === undefined) return false
    const length = view.end - view.payloadAt
    const flags = view.tcpFlags
    if ((flags & TcpFlag.rst) !== 0 || isCut(view)) return this.giveUp(flow, data)
    if ((flags & TcpFlag.syn) !== 0) data.first[direction] = (view.tcpSequence + 1) | 0
    if (length > 0 && data.ordered === null && !this.open(flow, data, direction, timeUs)) return this.giveUp(flow, data)
    if ((flags & TcpFlag.fin) !== 0) data.last[direction] = (view.tcpSequence + length) | 0
    if (data.ordered === null || direction !== data.direction) return true
    if (length > 0 && !data.ordered.add(view.tcpSequence, view.bytes.subarray(view.payloadAt, view.end))) return this.giveUp(flow, data)
    if (data.last[direction] !== data.ordered.next) return true
    data.file?.complete()
    this.data.drop(flow)
    return false
  }

  private open(flow: number, data: Data, direction: number, timeUs: number): boolean {
    const { transfer } = data.control
    const first = data.first[direction]
    const sender = direction === 0 ? this.table.firstHost(flow) : this.table.otherHost(flow)
    if (transfer === null || first === null || transfer.isUpload !== (sender === data.client)) return false
    const file = this.files.begin(flow, 'ftp', transfer.name, null, timeUs)
    if (file === null) return false
    data.file = file
    data.direction = direction
    data.ordered = new Ordered(first, (bytes) => file.add(bytes))
    return true
  }

  private giveUp(flow: number, { file }: Data): false {
    file?.drop()
    this.data.drop(flow)
    return false
  }
}
