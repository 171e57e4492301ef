// A name within a namespace -> UUID of version 5 (RFC 9562, 5.5): the same each time.
import { sha1 } from '@noble/hashes/legacy.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Of rtnvis: version 5 of https://github.com/rtnvis/rtnvis among URLs. */
export const NAMESPACE = uuid5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'https://github.com/rtnvis/rtnvis')

/** @param namespace a UUID */
export function uuid5(namespace: string, name: string): string {
  const digest = sha1(concatBytes(hexToBytes(namespace.replaceAll('-', '')), utf8ToBytes(name))).subarray(0, 16)
  digest[6] = (digest[6] & 0x0f) | 0x50
  digest[8] = (digest[8] & 0x3f) | 0x80
  return bytesToHex(digest).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
