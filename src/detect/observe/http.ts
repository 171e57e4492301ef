// HTTP without TLS -> logins, attempts to break the server, and programs that it sends. After each request, only the beginning of its answer is read.
import type { PacketView } from '../../decode/packet.ts'
import type { FlowTable } from '../../flows/table.ts'
import type { Application } from '../../names/applications.ts'
import { hasMethod, isMethodOfHttp, startsWith } from '../../names/http.ts'
import type { Accounts } from './accounts.ts'
import type { CarriedFiles } from './carried-files.ts'
import { HttpExploits } from './http-exploits.ts'
import { beginsWithField, HttpLogins } from './http-logins.ts'
import { HttpMissesObserver } from './http-misses.ts'
import { HttpPieces } from './http-pieces.ts'
import { HttpPrograms } from './http-programs.ts'
import type { Logins } from './logins.ts'
import { beginsWithPart, WebShells } from './web-shells.ts'

/** The digit. */
const ZERO = 0x30

export class HttpObserver {
  readonly exploits = new HttpExploits()
  readonly misses: HttpMissesObserver
  readonly pieces = new HttpPieces()
  readonly programs: HttpPrograms
  private readonly logins: HttpLogins
  private readonly shells: WebShells
  /** Flows with a secret that the server has not answered yet. */
  private readonly asking = new Set<number>()

  constructor(table: FlowTable, logins: Logins, accounts: Accounts, files: CarriedFiles) {
    this.misses = new HttpMissesObserver(table)
    this.programs = new HttpPrograms(files)
    this.shells = new WebShells(table, this.exploits)
    this.logins = new HttpLogins(logins, accounts)
  }

  /** A payload of client or server. @returns true if the server's next payload is needed */
  inspect(flow: number, direction: number, isClient: boolean, view: PacketView, timeUs: number): boolean {
    const { bytes, payloadAt: at, end } = view
    if (!isClient) {
      if (startsWith(bytes, at, end, 'http/1.')) {
        if (this.asking.delete(flow)) this.logins.inspectAnswer(flow, bytes, at, end)
        this.pieces.end(flow)
        this.inspectStatus(flow, direction, bytes, at, end, timeUs)
      }
      return this.programs.inspectAnswer(flow, view, timeUs)
    }
    const isRequest = hasMethod(bytes, at, end)
    if (isRequest) {
      this.pieces.end(flow)
      this.exploits.inspectRequest(flow, bytes, at, end, timeUs)
      this.shells.inspectRequest(flow, direction, bytes, at, end, timeUs)
      if (this.logins.inspect(flow, direction, bytes, at, end, timeUs)) this.asking.add(flow)
      this.programs.inspectRequest(flow, bytes, at, end)
      // A body in a segment of its own has no head to say what it is; its first field does. Uploads have none, and are most of what clients send.
    } else if (beginsWithPart(bytes, at, end)) this.shells.inspectBody(flow, direction, bytes, at, end)
    else if (beginsWithField(bytes, at, end)) {
      this.exploits.inspectForm(flow, bytes, at, end, timeUs)
      if (this.logins.inspectForm(flow, bytes, at, end, timeUs)) this.asking.add(flow)
    }
    const isWaiting = this.programs.isWaiting(flow)
    if (isWaiting && !isRequest) this.pieces.add(flow, end - at, timeUs)
    return isWaiting || this.asking.has(flow)
  }

  /** The first line of an answer. @param direction of the server's packets */
  private inspectStatus(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const target = this.programs.targetOf(flow)
    if (target === undefined || end - at < 12) return
    const status = (bytes[at + 9] - ZERO) * 100 + (bytes[at + 10] - ZERO) * 10 + bytes[at + 11] - ZERO
    this.misses.inspect(flow, direction, status, target, timeUs)
  }
}

/** A request, whose method has to be one of HTTP's as long as the rest of its first line is missing. */
export function isHttp(application: Application, bytes: Uint8Array, at: number, end: number): boolean {
  return application === 'http' ? hasMethod(bytes, at, end) : application === '' && isMethodOfHttp(bytes, at, end)
}
