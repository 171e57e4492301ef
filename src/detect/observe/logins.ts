// Logins readable on the wire, one row per flow. Secrets are never copied out of the packet; of a user name only its first letter is kept.
import { decodeBase64 } from './base64.ts'
import { BoundedByKey } from './bounded.ts'
import type { Credential, CredentialService } from './observations.ts'

const MAX_LOGINS = 100_000

export class Logins {
  readonly list = new BoundedByKey<number, Credential>(MAX_LOGINS)

  attempt(flow: number, service: CredentialService, maskedUser: string, timeUs: number): void {
    const counts = { attempts: 0, refused: 0, accepted: 0 }
    const row = this.list.rowOf(flow, () => ({ flow, service, maskedUser, firstUs: timeUs, lastUs: timeUs, ...counts }))
    if (row === null) return
    row.attempts++
    row.maskedUser ||= maskedUser
    row.lastUs = Math.max(row.lastUs, timeUs)
  }

  answer(flow: number, isAccepted: boolean): void {
    const row = this.list.get(flow)
    if (row === undefined) return
    if (isAccepted) row.accepted++
    else row.refused++
  }
}

/** First letter or digit of bytes[at..end) and three stars; '' where there is none. */
export function maskUser(bytes: Uint8Array, at: number, end: number): string {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    if (isLetter || (byte >= 0x30 && byte <= 0x39)) return `${String.fromCharCode(byte)}***`
  }
  return ''
}

/** The same of a name in base64. */
export function maskBase64User(bytes: Uint8Array, at: number, end: number): string {
  const plain = decodeBase64(bytes, at, Math.min(end, at + 16), 12)
  return maskUser(plain, 0, plain.length)
}

/** Where the line that begins at `at` ends, without CR and LF. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  let to = at
  while (to < end && bytes[to] !== 10 && bytes[to] !== 13) to++
  return to
}
