// SMB 2 and 3 without encryption (MS-SMB2) -> files that a client reads from the first byte to the last, or writes anew.
import { le16, le32 } from '../../decode/bytes.ts'
import type { PacketView } from '../../decode/packet.ts'
import { Assemblies } from '../../names/assembly.ts'
import { plainText } from '../../names/text.ts'
import { type CarriedFiles, MAX_OPEN, type OpenFile } from './carried-files.ts'
import { isCut } from './http-files.ts'
import { Ordered } from './ordered.ts'
import { SmbStream } from './smb-stream.ts'

/** Of one conversation: requests without an answer, and files that are open. */
const MAX_PENDING = 256
const MAX_FILES = 64
const LONGEST_PATH = 512

const Command = { create: 5, close: 6, read: 8, write: 9, setInfo: 17 } as const
/** MS-SMB2 2.2.14: what CREATE did with a file; of others, old contents stay. */
const NEW_CONTENT = new Set([0, 2, 3])
/** MS-FSCC 2.4.14, as SET_INFO names it: info type 1 (file), class 20. */
const END_OF_FILE = 0x1401

interface SmbFile {
  name: string
  /** Known from CREATE or set later. */
  length: number
  isNew: boolean
  /** While it is read or written, from its beginning on. */
  transfer: { isWrite: boolean; file: OpenFile; ordered: Ordered } | null
  isSpent: boolean
}

interface Pending {
  command: number
  name: string
  file: SmbFile | null
  offset: number
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
    const { pending, files } = own
    const stream = own.streams[direction]
    const isWhole =
      !isCut(view) && stream.add(view.tcpSequence, bytes, at, end, (head) => this.readPart(flow, pending, files, head, timeUs))
    if (isWhole) return
    for (const file of files.values()) file.transfer?.file.drop()
    this.conversations.drop(flow)
  }

  /** The beginning of a message. @returns where its data go, and which of its bytes are data; null for none */
  private readPart(
    flow: number,
    pending: Map<number, Pending>,
    files: Map<string, SmbFile>,
    head: Uint8Array,
    timeUs: number,
  ): { at: number; length: number; put: (offset: number, bytes: Uint8Array) => void } | null {
    const command = le16(head, 12)
    const isAnswer = (head[16] & 1) !== 0
    const id = le64(head, 24)
    if (!isAnswer) {
      const file = files.get(fileIdAt(head, command === Command.close ? 72 : 80)) ?? null
      if (command === Command.create) remember(pending, id, { command, name: pathAt(head), file: null, offset: 0 })
      else if (command === Command.read) remember(pending, id, { command, name: '', file, offset: le64(head, 72) })
      else if (command === Command.write && file !== null)
        return this.carry(flow, file, true, le16(head, 66), le32(head, 68), le64(head, 72), timeUs)
      else if (command === Command.close && file !== null) close(files, fileIdAt(head, 72), file)
      else if (command === Command.setInfo && file !== null && le16(head, 66) === END_OF_FILE) file.length = le64(head, 96)
      return null
    }
    const asked = pending.get(id)
    if (asked === undefined || asked.command !== command || le32(head, 8) !== 0) return null
    pending.delete(id)
    if (command === Command.create) {
      if (files.size >= MAX_FILES) files.delete(files.keys().next().value!)
      const isNew = NEW_CONTENT.has(le32(head, 68))
      files.set(fileIdAt(head, 128), { name: asked.name, length: le64(head, 112), isNew, transfer: null, isSpent: false })
      return null
    }
    if (asked.file === null) return null
    return this.carry(flow, asked.file, false, head[66], le32(head, 68), asked.offset, timeUs)
  }

  private carry(flow: number, file: SmbFile, isWrite: boolean, at: number, length: number, offset: number, timeUs: number) {
    if (file.isSpent || length === 0) return null
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
function close(files: Map<string, SmbFile>, id: string, file: SmbFile): void {
  const { transfer } = file
  if (transfer !== null) spend(file, transfer.isWrite && transfer.ordered.isComplete && file.length <= transfer.ordered.next)
  files.delete(id)
}

function remember(pending: Map<number, Pending>, id: number, request: Pending): void {
  if (pending.size >= MAX_PENDING) pending.delete(pending.keys().next().value!)
  pending.set(id, request)
}

function fileIdAt(head: Uint8Array, at: number): string {
  return `${le32(head, at)} ${le32(head, at + 4)} ${le32(head, at + 8)} ${le32(head, at + 12)}`
}

/** Not exact above 2^53, which no offset that is hashed reaches. */
function le64(head: Uint8Array, at: number): number {
  return le32(head, at) + le32(head, at + 4) * 2 ** 32
}

const UTF16 = new TextDecoder('utf-16le')
const UTF8 = new TextEncoder()

/** The path of a CREATE request. */
function pathAt(head: Uint8Array): string {
  const at = le16(head, 108)
  const path = UTF8.encode(UTF16.decode(head.subarray(at, at + Math.min(LONGEST_PATH, le16(head, 110)))))
  return plainText(path, 0, path.length)
}
