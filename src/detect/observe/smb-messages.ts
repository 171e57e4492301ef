// The beginning of a message of SMB 1 (MS-CIFS, MS-SMB), 2 or 3 (MS-SMB2) -> what it says of a file.
import { be32, le16, le32 } from '../../decode/bytes.ts'
import { plainText } from '../../names/text.ts'

const Identifier = { smb1: 0xff534d42, smb2: 0xfe534d42 } as const
/** Of all messages, enough to tell the version. */
export const IDENTIFIER_BYTES = 4
const HeaderBytes = { smb1: 32, smb2: 64 } as const
const LONGEST_PATH = 512
/** The longest beginning that is read: a request that has a path. */
export const LONGEST_BEGINNING = 120 + LONGEST_PATH

const Smb1 = { close: 0x04, openAndX: 0x2d, readAndX: 0x2e, writeAndX: 0x2f, transaction2: 0x32, ntCreateAndX: 0xa2 } as const
const Smb2 = { create: 5, close: 6, read: 8, write: 9, setInfo: 17 } as const
/** MS-SMB2 2.2.14, MS-CIFS 2.2.4.64.2: what the server did with a file; of others, old contents stay. */
const NEW_CONTENT = new Set([0, 2, 3])
/** MS-FSCC 2.4.14 as SET_INFO of SMB 2 names it (info type 1, class 20), and of SMB 1: by its own level and by a passed on class. */
const END_OF_FILE = 0x1401
const END_OF_FILE_LEVELS = new Set([0x104, 1020])
const SET_FILE_INFORMATION = 8
const UNICODE = 0x8000

/** A message about a file. `file` is its handle; offsets and lengths in bytes; `at` is where data begin in the message. */
export type SmbMessage = { id: number } & (
  | { kind: 'open'; name: string }
  | { kind: 'opened'; file: string; length: number; isNew: boolean }
  | { kind: 'read'; file: string; offset: number }
  | { kind: 'data'; at: number; length: number }
  | { kind: 'write'; file: string; offset: number; at: number; length: number }
  | { kind: 'end'; file: string; length: number }
  | { kind: 'close'; file: string }
)

/** Whether a message begins here. */
export function isSmb(bytes: Uint8Array, at: number): boolean {
  const identifier = be32(bytes, at)
  return identifier === Identifier.smb1 || identifier === Identifier.smb2
}

/**
 * How much of a message has to be read, as its beginning tells: more after the version, and more again after the header.
 * Messages that are encrypted, compressed or invalid are passed over.
 */
export function beginningBytes(head: Uint8Array, known: number): number {
  const identifier = be32(head, 0)
  if (identifier === Identifier.smb2) {
    if (known < HeaderBytes.smb2) return HeaderBytes.smb2
    return le16(head, 12) === Smb2.create && (head[16] & 1) === 0 ? LONGEST_BEGINNING : 144
  }
  if (identifier !== Identifier.smb1) return known
  if (known < HeaderBytes.smb1) return HeaderBytes.smb1
  return head[4] === Smb1.ntCreateAndX || head[4] === Smb1.openAndX ? LONGEST_BEGINNING : 128
}

/** Offset of the next message behind this one, in SMB 2 and 3; 0 for none. */
export function nextMessage(head: Uint8Array): number {
  return be32(head, 0) === Identifier.smb2 ? le32(head, 20) : 0
}

/** The least offset that `nextMessage` may name. */
export const SHORTEST_MESSAGE = HeaderBytes.smb2

/** @param head a beginning of as many bytes as `beginningBytes` names, zeros where the message is shorter @returns null for what concerns no file */
export function readSmb(head: Uint8Array): SmbMessage | null {
  return be32(head, 0) === Identifier.smb1 ? readSmb1(head) : readSmb2(head)
}

function readSmb2(head: Uint8Array): SmbMessage | null {
  const isAnswer = (head[16] & 1) !== 0
  if (isAnswer && le32(head, 8) !== 0) return null
  const id = le64(head, 24)
  switch (le16(head, 12)) {
    case Smb2.create:
      if (!isAnswer) return { id, kind: 'open', name: utf16Path(head, le16(head, 108), le16(head, 110)) }
      return { id, kind: 'opened', file: fileIdAt(head, 128), length: le64(head, 112), isNew: NEW_CONTENT.has(le32(head, 68)) }
    case Smb2.read:
      if (!isAnswer) return { id, kind: 'read', file: fileIdAt(head, 80), offset: le64(head, 72) }
      return { id, kind: 'data', at: head[66], length: le32(head, 68) }
    case Smb2.write:
      if (isAnswer) return null
      return { id, kind: 'write', file: fileIdAt(head, 80), offset: le64(head, 72), at: le16(head, 66), length: le32(head, 68) }
    case Smb2.setInfo:
      if (isAnswer || le16(head, 66) !== END_OF_FILE) return null
      return { id, kind: 'end', file: fileIdAt(head, 80), length: le64(head, 96) }
    case Smb2.close:
      return isAnswer ? null : { id, kind: 'close', file: fileIdAt(head, 72) }
  }
  return null
}

/** Words begin at 33; a message without the words that its command has is an error or of another dialect (MS-CIFS 2.2.4). */
function readSmb1(head: Uint8Array): SmbMessage | null {
  const isAnswer = (head[9] & 0x80) !== 0
  if (isAnswer && le32(head, 5) !== 0) return null
  const id = le16(head, 30) * 2 ** 16 + le16(head, 26)
  const words = head[32]
  const file = `${le16(head, 37)}`
  switch (head[4]) {
    case Smb1.ntCreateAndX:
      if (!isAnswer) return words === 24 ? { id, kind: 'open', name: smb1Path(head, 83, le16(head, 38)) } : null
      if (words < 34) return null
      return { id, kind: 'opened', file: `${le16(head, 38)}`, length: le64(head, 88), isNew: NEW_CONTENT.has(le32(head, 40)) }
    case Smb1.openAndX:
      if (!isAnswer) return words === 15 ? { id, kind: 'open', name: smb1Path(head, 65, le16(head, 63)) } : null
      // 2 and 3 of the result: it was created, or its contents were removed.
      return words < 15 ? null : { id, kind: 'opened', file, length: le32(head, 45), isNew: (le16(head, 55) & 3) > 1 }
    case Smb1.readAndX:
      if (!isAnswer)
        return words < 10 ? null : { id, kind: 'read', file, offset: le32(head, 39) + (words < 12 ? 0 : le32(head, 53) * 2 ** 32) }
      return words < 12 ? null : { id, kind: 'data', at: le16(head, 45), length: le16(head, 43) + le16(head, 47) * 2 ** 16 }
    case Smb1.writeAndX: {
      if (isAnswer || words < 12) return null
      const offset = le32(head, 39) + (words < 14 ? 0 : le32(head, 57) * 2 ** 32)
      return { id, kind: 'write', file, offset, at: le16(head, 55), length: le16(head, 53) + le16(head, 51) * 2 ** 16 }
    }
    case Smb1.transaction2:
      return isAnswer || words < 15 || le16(head, 61) !== SET_FILE_INFORMATION ? null : readSetFile(head, id)
    case Smb1.close:
      return isAnswer || words < 1 ? null : { id, kind: 'close', file: `${le16(head, 33)}` }
  }
  return null
}

/** A file's new length (MS-CIFS 2.2.6.9). */
function readSetFile(head: Uint8Array, id: number): SmbMessage | null {
  const [parameters, data] = [le16(head, 53), le16(head, 57)]
  if (Math.max(parameters, data) > 112 || !END_OF_FILE_LEVELS.has(le16(head, parameters + 2))) return null
  return { id, kind: 'end', file: `${le16(head, parameters)}`, length: le64(head, data) }
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

function utf16Path(head: Uint8Array, at: number, length: number): string {
  const [path] = UTF16.decode(head.subarray(at, at + Math.min(LONGEST_PATH, length))).split('\0')
  const bytes = UTF8.encode(path)
  return plainText(bytes, 0, bytes.length)
}

/** UTF-16 begins at an even offset; both kinds may end with a zero (MS-CIFS 2.2.1.1). @returns without the separator in front, as SMB 2 has it */
function smb1Path(head: Uint8Array, at: number, length: number): string {
  if ((le16(head, 10) & UNICODE) !== 0) return utf16Path(head, at + (at & 1), length).replace(/^\\/, '')
  const end = head.indexOf(0, at)
  return plainText(head, at, Math.min(end < 0 ? head.length : end, at + Math.min(LONGEST_PATH, length))).replace(/^\\/, '')
}
