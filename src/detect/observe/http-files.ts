// HTTP answers that carry programs, archives and documents -> each as a file, while its body comes.
import type { PacketView } from '../../decode/packet.ts'
import { Assemblies } from '../../names/assembly.ts'
import { type CarriedFiles, MAX_OPEN, type OpenFile } from './carried-files.ts'
import { HttpBody } from './http-body.ts'

export class HttpFiles {
  private readonly open = new Assemblies<{ body: HttpBody; file: OpenFile }>(MAX_OPEN)
  private readonly files: CarriedFiles

  constructor(files: CarriedFiles) {
    this.files = files
  }

  isOpen(flow: number): boolean {
    return this.open.find(flow) !== undefined
  }

  /** An answer whose body begins in this packet. @param bodyAt offset of the body @param length null for chunks */
  begin(flow: number, view: PacketView, bodyAt: number, length: number | null, timeUs: number): void {
    if (view.tcpAt < 0) return
    const file = this.files.begin(flow, 'http', '', length, timeUs)
    if (file === null) return
    const body = new HttpBody((view.tcpSequence + bodyAt - view.payloadAt) | 0, length, file)
    this.open.set(flow, { body, file })
    this.add(flow, view)
  }

  /** A packet of the server, while the flow is open. */
  add(flow: number, view: PacketView): void {
    const { body, file } = this.open.find(flow)!
    const state = isCut(view) ? 'failed' : body.add(view.tcpSequence, view.bytes.subarray(view.payloadAt, view.end))
    if (state === 'open') return
    if (state === 'complete') file.complete()
    else file.drop()
    this.open.drop(flow)
  }
}

/** A packet of which the capture has lost a part. */
export function isCut(view: PacketView): boolean {
  return view.wireEnd > view.end || view.tcpAt < 0
}
