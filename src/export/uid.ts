// A conversation of a report -> ids of it for other programs: the same in each export of the report, different in other reports.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** @param report text that identifies the report */
export function flowUid(report: string, flow: number): Uint8Array {
  return sha256(utf8ToBytes(`${report} ${flow}`))
}

/** Letters and digits of a uid: as many as make up its first 12 bytes. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A Zeek uid: C and 17 letters or digits. */
export function zeekUid(uid: Uint8Array): string {
  let rest = BigInt(`0x${bytesToHex(uid.subarray(0, 12))}`)
  let text = ''
  for (let i = 0; i < 17; i++) {
    text = BASE62[Number(rest % 62n)] + text
    rest /= 62n
  }
  return `C${text}`
}

/** A number that JSON keeps: 53 bits. */
export function numericUid(uid: Uint8Array): number {
  return Number(BigInt(`0x${bytesToHex(uid.subarray(0, 7))}`) >> 3n)
}
