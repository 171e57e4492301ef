// DTLS 1.0 to 1.3 (RFC 6347, RFC 9147) records and fragments -> the ClientHello.
import type { Assembly } from './assembly.ts'
import { type ClientHello, HANDSHAKE, parseHelloBody } from './tls.ts'

const RECORD_HEADER = 13
const FRAGMENT_HEADER = 12
const CLIENT_HELLO = 1

/** True if bytes[at..end) begins with a DTLS record: versions 0xfeff, 0xfefd, 0xfefc, and OpenSSL's 0x0100. Hot path. */
export function isDtlsRecord(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < RECORD_HEADER || bytes[at] < 20 || bytes[at] > 25) return false
  const version = (bytes[at + 1] << 8) | bytes[at + 2]
  if (version !== 0xfeff && version !== 0xfefd && version !== 0xfefc && version !== 0x0100) return false
  const length = (bytes[at + 11] << 8) | bytes[at + 12]
  return length > 0 && length <= 0x4800
}

/** Adds a datagram's fragments of a ClientHello to `assembly`; returns true if there was one. */
export function readDtlsFragments(bytes: Uint8Array, at: number, end: number, assembly: Assembly): boolean {
  let found = false
  let record = at
  while (isDtlsRecord(bytes, record, end)) {
    const bodyAt = record + RECORD_HEADER
    const recordEnd = Math.min(end, bodyAt + ((bytes[record + 11] << 8) | bytes[record + 12]))
    // Epoch 0: not yet encrypted.
    const isClear = bytes[record] === HANDSHAKE && bytes[record + 3] === 0 && bytes[record + 4] === 0
    if (isClear && recordEnd - bodyAt >= FRAGMENT_HEADER && bytes[bodyAt] === CLIENT_HELLO) {
      const offset = (bytes[bodyAt + 6] << 16) | (bytes[bodyAt + 7] << 8) | bytes[bodyAt + 8]
      const length = (bytes[bodyAt + 9] << 16) | (bytes[bodyAt + 10] << 8) | bytes[bodyAt + 11]
      const from = bodyAt + FRAGMENT_HEADER
      assembly.insert(offset, bytes, from, Math.min(recordEnd, from + length))
      found = true
    }
    record = recordEnd
  }
  return found
}

/** Length of the message that a fragment belongs to; 0 for none. */
export function dtlsMessageLength(bytes: Uint8Array, at: number, end: number): number {
  const bodyAt = at + RECORD_HEADER
  return bodyAt + 4 > end ? 0 : (bytes[bodyAt + 1] << 16) | (bytes[bodyAt + 2] << 8) | bytes[bodyAt + 3]
}

/** Parses the body of the message as far as it is assembled. */
export function parseDtlsClientHello(assembly: Assembly, messageLength: number): ClientHello | null {
  return parseHelloBody(assembly.bytes, 0, Math.min(assembly.end, messageLength), messageLength, true)
}
