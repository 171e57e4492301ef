// SMB without encryption (MS-CIFS, MS-SMB2) -> files that a client reads from the first byte to the last, or writes anew.
import type { PacketView } from '../../decode/packet.ts'
import { Assemblies } from '../../names/assembly.ts'
import { type CarriedFiles, MAX_OPEN, type OpenFile } from './carried-files.ts'
import { isCut } from './http-files.ts'
import { Ordered } from './ordered.ts'
import { readSmb, type SmbMessage } from './smb-messages.ts'
import { type SmbData, SmbStream } from './smb-stream.ts'

/** Of one conversation: requests without an answer, and files that are open. */
const MAX_PENDING = 256
const MAX_FILES = 64

interface SmbFile {
  name: string
  /** Known from CREATE or set later. */
  length: number
  isNew: boolean
  /** While it is read or written, from its beginning on. */
  transfer: { isWrite: boolean; file: OpenFile; ordered: Ordered } | null
  isSpent: boolean
}

/** A request, and the file it names: the client may close it before the answer. */
interface Pending {
  request: SmbMessage
  file: SmbFile | undefined
}

interface Conversation {
  streams: SmbStream[]
  pending: Map<number, Pending>
  files: Map<string, SmbFile>
}

export class SmbFiles {
  private readonly conversations = new Assemblies<Conversation>(MAX_OPEN)
  private readonly files: CarriedFiles

  constructor(files: CarriedFiles) {
    this.files = files
  }

  /** Whether further payloads are needed. */
  isReading(flow: number): boolean {
    return this.conversations.find(flow) !== undefined
  }

  /** A payload of client or server. */
  inspect(flow: number, direction: number, view: PacketView, timeUs: number): void {
    const { bytes, payloadAt: at, end } = view
    let own = this.conversations.find(flow)
    if (own === undefined) {
      if (!SmbStream.begins(bytes, at, end)) return
      own = { streams: [new SmbStream(), new SmbStream()], pending: new Map(), files: new Map() }
      this.conversations.set(flow, own)
    }
    const { streams, files } = own
    const onMessage = (head: Uint8Array): SmbData | null => {
      const message = readSmb(head)
      return message && this.take(flow, own, message, timeUs)
    }
    if (!isCut(view) && streams[direction].add(view.tcpSequence, bytes, at, end, onMessage)) return
    for (const file of files.values()) file.transfer?.file.drop()
    this.conversations.drop(flow)
  }

  /** A message about a file. @returns which of its bytes are data, and where they go; null for none */
  private take(flow: number, own: Conversation, message: SmbMessage, timeUs: number): SmbData | null {
    const { pending, files } = own
    switch (message.kind) {
      case 'open':
        remember(pending, { request: message, file: undefined })
        return null
      case 'read':
        remember(pending, { request: message, file: files.get(message.file) })
        return null
      case 'write':
        return this.carry(flow, files.get(message.file), true, message, message.offset, timeUs)
      case 'end': {
        const file = files.get(message.file)
        if (file !== undefined) file.length = message.length
        return null
      }
      case 'close':
        close(files, message.file)
        return null
    }
    const asked = pending.get(message.id)
    pending.delete(message.id)
    if (message.kind === 'data')
      return asked?.request.kind === 'read' ? this.carry(flow, asked.file, false, message, asked.request.offset, timeUs) : null
    if (asked?.request.kind !== 'open') return null
    if (files.size >= MAX_FILES) files.delete(files.keys().next().value!)
    files.set(message.file, { name: asked.request.name, length: message.length, isNew: message.isNew, transfer: null, isSpent: false })
    return null
  }

  private carry(
    flow: number,
    file: SmbFile | undefined,
    isWrite: boolean,
    { at, length }: { at: number; length: number },
    offset: number,
    timeUs: number,
  ): SmbData | null {
    if (file === undefined || file.isSpent || length === 0) return null
    if (file.transfer === null) {
      if (offset !== 0 || (isWrite ? !file.isNew : file.length === 0)) return null
      const open = this.files.begin(flow, 'smb', file.name, isWrite ? null : file.length, timeUs)
      if (open === null) {
        file.isSpent = true
        return null
      }
      open.onGiveUp = () => spend(file, false)
      file.transfer = { isWrite, file: open, ordered: new Ordered(0, (bytes) => open.add(bytes)) }
    }
    const { transfer } = file
    if (transfer.isWrite !== isWrite || offset > 2 ** 31) return null
    const put = (from: number, bytes: Uint8Array): void => {
      if (file.isSpent) return
      if (!transfer.ordered.add(offset + from, bytes)) spend(file, false)
      else if (!isWrite && transfer.ordered.next >= file.length) spend(file, transfer.ordered.next === file.length)
    }
    return { at, length, put }
  }
}

function spend(file: SmbFile, isComplete: boolean): void {
  if (isComplete) file.transfer?.file.complete()
  else file.transfer?.file.drop()
  file.isSpent = true
  file.transfer = null
}

/** What was written is a whole file now, unless its length was set to more. */
function close(files: Map<string, SmbFile>, id: string): void {
  const file = files.get(id)
  const transfer = file?.transfer
  if (file && transfer) spend(file, transfer.isWrite && transfer.ordered.isComplete && file.length <= transfer.ordered.next)
  files.delete(id)
}

function remember(pending: Map<number, Pending>, asked: Pending): void {
  if (pending.size >= MAX_PENDING) pending.delete(pending.keys().next().value!)
  pending.set(asked.request.id, asked)
}
