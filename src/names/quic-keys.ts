// QUIC Initial packets -> their decrypted frames. Anyone can derive the keys from the connection id (RFC 9001 5.2).
import { ctr, ecb } from '@noble/ciphers/aes.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type LongHeader, QuicVersion } from './quic.ts'

const KEY_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SAMPLE_BYTES = 16
/** Protections tried in this order for versions that do not show which one they use. */
const TRIED = [QuicVersion.one, QuicVersion.draft29, QuicVersion.draft23, QuicVersion.draft22]

/** RFC 9001 5.2, RFC 9369 3.3.1, draft-ietf-quic-tls-22, -23 and -29, and Chromium's Q050, T050 and T051. */
const SALTS = new Map<number, Uint8Array>([
  [QuicVersion.one, bytesOf('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')],
  [QuicVersion.two, bytesOf('0dede3def700a6db819381be6e269dcbf9bd2ed9')],
  [QuicVersion.draft22, bytesOf('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a')],
  [QuicVersion.draft23, bytesOf('c3eef712c72ebb5a11a7d2432bb46365bef9f502')],
  [QuicVersion.draft29, bytesOf('afbfec289993d24c9e9786f19c6111e04390a899')],
  [QuicVersion.google50, bytesOf('504574efd066fe2f9d945cfcdbd3a7f0d3b56b45')],
  [QuicVersion.t50, bytesOf('7ff579e5acd072915580304c43a2367c60488310')],
  [QuicVersion.t51, bytesOf('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d')],
])

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Keys of a client's Initial packets. */
export interface InitialKeys {
  key: Uint8Array
  iv: Uint8Array
  headerKey: Uint8Array
}

/** @param destinationId of the client's first Initial, or of the first after a Retry */
export function initialKeys(version: number, destinationId: Uint8Array): InitialKeys {
  const secret = expandLabel(extract(sha256, destinationId, SALTS.get(version)!), 'client in', 32)
  const prefix = version === QuicVersion.two ? 'quicv2' : 'quic'
  return {
    key: expandLabel(secret, `${prefix} key`, KEY_BYTES),
    iv: expandLabel(secret, `${prefix} iv`, NONCE_BYTES),
    headerKey: expandLabel(secret, `${prefix} hp`, KEY_BYTES),
  }
}

/** All keys that may protect a packet of this version. */
export function candidateKeys(version: number, destinationId: Uint8Array): InitialKeys[] {
  return version === QuicVersion.any ? TRIED.map((tried) => initialKeys(tried, destinationId)) : [initialKeys(version, destinationId)]
}

/** HKDF-Expand-Label with an empty context (RFC 8446 7.1). */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`)
  return expand(sha256, secret, Uint8Array.of(0, length, name.length, ...name, 0), length)
}

/**
 * Removes header and packet protection from an Initial (RFC 9001 5.4, 5.3). The tag is not checked, because anyone can compute it; wrong keys are
 * detected by readCryptoFrames().
 * @returns the frames; null if it is too short or its reserved bits are not 0, as with wrong keys
 */
export function openInitial(bytes: Uint8Array, header: LongHeader, keys: InitialKeys): Uint8Array | null {
  const { at, numberAt, end } = header
  const sampleAt = numberAt + 4
  if (sampleAt + SAMPLE_BYTES > end) return null
  const mask = ecb(keys.headerKey, { disablePadding: true }).encrypt(bytes.slice(sampleAt, sampleAt + SAMPLE_BYTES))
  const first = bytes[at] ^ (mask[0] & 0x0f)
  const numberBytes = (first & 3) + 1
  const payloadAt = numberAt + numberBytes
  if ((first & 0x0c) !== 0 || payloadAt + TAG_BYTES > end) return null
  // GCM encrypts with AES in counter mode; block 1 is for the tag, the text begins with block 2 (NIST SP 800-38D 7.1).
  const counter = new Uint8Array(16)
  counter.set(keys.iv)
  counter[15] = 2
  for (let i = 0; i < numberBytes; i++) counter[NONCE_BYTES - numberBytes + i] ^= bytes[numberAt + i] ^ mask[1 + i]
  return ctr(keys.key, counter).decrypt(bytes.slice(payloadAt, end - TAG_BYTES))
}
