// A QUIC version 1 client Initial with a real ClientHello in it (RFC 9000 17.2.2), encrypted with the keys anyone may derive (RFC 9001 5.2).
import { createCipheriv, createHmac } from 'node:crypto'
import { hex, join, u16, u32 } from './build.ts'

const SALT = hex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')
const hmac = (key: Uint8Array, ...data: Uint8Array[]): Uint8Array =>
  createHmac('sha256', key)
    .update(join(...data))
    .digest()

/** HKDF-Expand-Label (RFC 8446 7.1) for outputs of at most one hash length. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = `tls13 ${label}`
  return hmac(secret, join(u16(length), name.length, name, 0, 1)).slice(0, length)
}

/** Initial packet of at least 1200 bytes, as a client must send it (RFC 9000 14.1). `hello` is a handshake message without record header. */
export function quicInitial(destinationId: Uint8Array, sourceId: Uint8Array, hello: Uint8Array, packetNumber = 0): Uint8Array {
  const initial = hmac(SALT, destinationId)
  const secret = expandLabel(initial, 'client in', 32)
  const key = expandLabel(secret, 'quic key', 16)
  const iv = expandLabel(secret, 'quic iv', 12)
  const maskKey = expandLabel(secret, 'quic hp', 16)
  const crypto = join(0x06, 0, u16(0x4000 | hello.length), hello)
  const headBytes = 5 + 1 + destinationId.length + 1 + sourceId.length + 1 + 2 + 4
  const frames = join(crypto, new Uint8Array(Math.max(0, 1200 - headBytes - 16 - crypto.length)))
  const header = join(
    0xc3,
    u32(1),
    destinationId.length,
    destinationId,
    sourceId.length,
    sourceId,
    0,
    u16(0x4000 | (4 + frames.length + 16)),
    u32(packetNumber),
  )
  const nonce = iv.slice()
  for (let byte = 0; byte < 4; byte++) nonce[8 + byte] ^= packetNumber >>> (24 - 8 * byte)
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header)
  const sealed = join(cipher.update(frames), cipher.final(), cipher.getAuthTag())
  const mask = createCipheriv('aes-128-ecb', maskKey, null).update(sealed.subarray(0, 16))
  const packet = join(header, sealed)
  packet[0] ^= mask[0] & 0x0f
  for (let byte = 0; byte < 4; byte++) packet[headBytes - 4 + byte] ^= mask[1 + byte]
  return packet
}

/** The client's transport parameters (RFC 9000 18.2) as the TLS extension that marks a ClientHello as QUIC's. */
export const quicTransportParameters = (): Uint8Array => join(u16(0x39), u16(8), hex('01 02 6710 04 02 7fff'))

/** A short header packet (RFC 9000 17.3.1) of this many bytes; the content is a pattern, as ciphertext would be. */
export function quicShort(destinationId: Uint8Array, bytes: number): Uint8Array {
  const noise = Uint8Array.from({ length: Math.max(0, bytes - 1 - destinationId.length) }, (_, index) => (index * 167 + 41) & 0xff)
  return join(0x41, destinationId, noise)
}
