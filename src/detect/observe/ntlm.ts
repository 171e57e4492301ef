// NTLM messages (MS-NLMP 2.2.1) -> the account and workstation of a client's third message, the names in a server's second. Responses and keys are not read.
import { le16, le32 } from '../../decode/bytes.ts'
import { visible } from '../../names/text.ts'

export type NtlmMessage =
  | { type: 'authenticate'; domain: string; user: string; workstation: string }
  /** Names of the server: NetBIOS and DNS. */
  | { type: 'challenge'; computers: string[] }

/** "NTLMSSP" and a zero. */
const SIGNATURE = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0]
const CHALLENGE = 2
const AUTHENTICATE = 3
const HEADER_BYTES = 64
const CHALLENGE_BYTES = 48
const UNICODE = 1
/** Attributes MsvAvNbComputerName and MsvAvDnsComputerName, and the last of all. */
const COMPUTERS = new Set([1, 3])
const MAX_ATTRIBUTES = 16
/** Longest name read, in bytes. */
const MAX_NAME = 510
/** How far into a payload the message may begin. */
const SEARCHED_BYTES = 4_096

const UTF16 = new TextDecoder('utf-16le')
const LATIN1 = new TextDecoder('latin1')

/** The message in bytes[at..end); null for none of the two. */
export function findNtlm(bytes: Uint8Array, at: number, end: number): NtlmMessage | null {
  const limit = Math.min(end - CHALLENGE_BYTES, at + SEARCHED_BYTES)
  for (let i = at; i <= limit; i++) {
    if (bytes[i] === SIGNATURE[0] && SIGNATURE.every((byte, j) => bytes[i + j] === byte)) return readMessage(bytes, i, end)
  }
  return null
}

function readMessage(bytes: Uint8Array, at: number, end: number): NtlmMessage | null {
  const type = le32(bytes, at + 8)
  if (type === CHALLENGE) return { type: 'challenge', computers: readComputers(bytes, at, end) }
  if (type !== AUTHENTICATE || end - at < HEADER_BYTES) return null
  const decoder = (le32(bytes, at + 60) & UNICODE) !== 0 ? UTF16 : LATIN1
  const field = (fieldAt: number): string => {
    const length = le16(bytes, at + fieldAt)
    const valueAt = at + le32(bytes, at + fieldAt + 4)
    return length > MAX_NAME || valueAt + length > end ? '' : textOf(decoder, bytes, valueAt, length)
  }
  return { type: 'authenticate', domain: field(28), user: field(36), workstation: field(44) }
}

/** Attributes of the target information: number, length, value in UTF-16. */
function readComputers(bytes: Uint8Array, at: number, end: number): string[] {
  const computers: string[] = []
  let next = at + le32(bytes, at + 44)
  const last = Math.min(end, next + le16(bytes, at + 40))
  for (let count = 0; count < MAX_ATTRIBUTES && next + 4 <= last; count++) {
    const length = le16(bytes, next + 2)
    if (next + 4 + length > last) break
    if (COMPUTERS.has(le16(bytes, next)) && length <= MAX_NAME) computers.push(textOf(UTF16, bytes, next + 4, length))
    next += 4 + length
  }
  return computers
}

function textOf(decoder: typeof UTF16, bytes: Uint8Array, at: number, length: number): string {
  return visible(decoder.decode(bytes.subarray(at, at + length)).trim())
}
