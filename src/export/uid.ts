// A conversation of a report -> ids of it for other programs: the same in each export of the report, different in other reports.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Bytes of a uid that tell the report, and those that tell its conversation: ids of a report differ only in their end, so that a lake keeps them in few bytes. */
const REPORT_BYTES = 7
const FLOW_BYTES = 5

/** @param report text that identifies the report @returns the uid of its conversation with this number */
export function flowUids(report: string): (flow: number) => Uint8Array {
  const digest = sha256(utf8ToBytes(report))
  return (flow) => {
    const uid = new Uint8Array(REPORT_BYTES + FLOW_BYTES)
    uid.set(digest.subarray(0, REPORT_BYTES))
    for (let at = uid.length - 1, rest = flow; at >= REPORT_BYTES; at--, rest = Math.floor(rest / 256)) uid[at] = rest % 256
    return uid
  }
}

/** Letters and digits of a uid: as many as make up its 12 bytes. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A Zeek uid: C and 17 letters or digits. */
export function zeekUid(uid: Uint8Array): string {
  let rest = BigInt(`0x${bytesToHex(uid)}`)
  let text = ''
  for (let i = 0; i < 17; i++) {
    text = BASE62[Number(rest % 62n)] + text
    rest /= 62n
  }
  return `C${text}`
}

/** A number that JSON keeps: 53 bits. */
export function numericUid(uid: Uint8Array): number {
  return Number(BigInt(`0x${bytesToHex(sha256(uid).subarray(0, 7))}`) >> 3n)
}
