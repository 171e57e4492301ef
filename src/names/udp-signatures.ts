// UDP datagram -> application, where its bytes identify it with certainty.
import type { Application } from './applications.ts'
import { isDtlsRecord } from './dtls.ts'
import { startsWith } from './http.ts'
import { isKerberos, isLdap } from './tcp-signatures.ts'

const CR = 13
const LF = 10
const SPACE = 0x20

/** @param port the server's, for protocols that need both bytes and port */
export function udpApplication(bytes: Uint8Array, at: number, end: number, port: number): Application | null {
  const length = end - at
  if (length < 4) return null
  if (port === 123 && length >= 48 && isNtp(bytes, at)) return 'ntp'
  if (isSipText(bytes, at, end)) return 'sip'
  if (port === 5246 && isCapwapControl(bytes, at, end)) return 'capwap'
  switch (bytes[at]) {
    case 0x01:
    case 0x02:
      if (isWireGuard(bytes, at, end)) return 'wireguard'
      return (port === 1812 || port === 1813) && ((bytes[at + 2] << 8) | bytes[at + 3]) === length ? 'radius' : null
    case 0x30:
      return isSnmp(bytes, at, end) ? 'snmp' : isLdap(bytes, at, end) ? 'ldap' : null
    case 0x38:
    case 0x40:
      return isOpenVpnReset(bytes, at, end, port) ? 'openvpn' : null
    case 0x64:
      return isBitTorrentDht(bytes, at, end) ? 'bittorrent' : null
    case 0x00:
      return port === 69 && (bytes[at + 1] === 1 || bytes[at + 1] === 2) ? 'tftp' : null
    case 0x3c:
      return port === 514 && bytes[at + 1] >= 0x30 && bytes[at + 1] <= 0x39 ? 'syslog' : null
    default:
      if ((port === 500 || port === 4500) && isIke(bytes, at, end)) return 'ike'
      return isKerberos(bytes, at, end) ? 'kerberos' : null
  }
}

/** Versions 1 to 4, modes 1 to 7 (RFC 5905 7.3). */
function isNtp(bytes: Uint8Array, at: number): boolean {
  const version = (bytes[at] >> 3) & 7
  return version >= 1 && version <= 4 && (bytes[at] & 7) !== 0
}

/** A status line, or a request line for a sip: or sips: URI (RFC 3261 7). */
function isSipText(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] < 0x41 || bytes[at] > 0x5a) return false
  if (startsWith(bytes, at, end, 'sip/2.0 ')) return true
  const limit = Math.min(end, at + 12)
  let i = at
  while (i < limit && bytes[i] >= 0x41 && bytes[i] <= 0x5a) i++
  return i - at >= 3 && bytes[i] === 0x20 && (startsWith(bytes, i + 1, end, 'sip:') || startsWith(bytes, i + 1, end, 'sips:'))
}

/** Where the User-Agent of a SIP message is (RFC 3261 20.41); both 0 without one. */
export function sipAgent(bytes: Uint8Array, at: number, end: number): [from: number, to: number] {
  for (let line = at; line < end; ) {
    let lineEnd = bytes.indexOf(LF, line)
    if (lineEnd < 0 || lineEnd > end) lineEnd = end
    if (startsWith(bytes, line, lineEnd, 'user-agent:')) {
      const to = bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
      let from = line + 'user-agent:'.length
      while (from < to && bytes[from] === SPACE) from++
      return [from, to]
    }
    line = lineEnd + 1
  }
  return [0, 0]
}

/** Handshake initiation of 148 bytes, response of 92 (WireGuard 5.4). */
function isWireGuard(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at === (bytes[at] === 1 ? 148 : 92) && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0
}

/** A sequence of a version (0, 1, 3) and, except in version 3, a community and a PDU (RFC 3416 3). */
function isSnmp(bytes: Uint8Array, at: number, end: number): boolean {
  const body = bytes[at + 1] < 0x80 ? at + 2 : at + 2 + (bytes[at + 1] & 0x7f)
  if (body + 5 > end || bytes[body] !== 2 || bytes[body + 1] !== 1) return false
  const version = bytes[body + 2]
  if (version === 3) return bytes[body + 3] === 0x30
  if (version > 1 || bytes[body + 3] !== 4) return false
  const protocolData = body + 5 + bytes[body + 4]
  return protocolData < end && bytes[protocolData] >= 0xa0 && bytes[protocolData] <= 0xa8
}

/** P_CONTROL_HARD_RESET_CLIENT_V2 and _SERVER_V2, plain or with the HMAC of tls-auth (OpenVPN, ssl_pkt.h). */
function isOpenVpnReset(bytes: Uint8Array, at: number, end: number, port: number): boolean {
  const length = end - at
  const isPlain = length === (bytes[at] === 0x38 ? 14 : 26) && bytes[at + 9] <= 1
  return isPlain || (port === 1194 && length >= 14 && length <= 130)
}

/** A bencoded dictionary of a query, response or error (BEP 5). */
function isBitTorrentDht(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, 'd1:ad2:id20:') || startsWith(bytes, at, end, 'd1:rd2:id20:') || startsWith(bytes, at, end, 'd1:eli20')
}

/** Version 1 or 2 and a valid length; on port 4500 after four zero bytes (RFC 7296 3.1, RFC 3948 2.2). */
function isIke(bytes: Uint8Array, at: number, end: number): boolean {
  const from = (bytes[at] | bytes[at + 1] | bytes[at + 2] | bytes[at + 3]) === 0 ? at + 4 : at
  if (end - from < 28 || (bytes[from + 17] !== 0x10 && bytes[from + 17] !== 0x20)) return false
  return ((bytes[from + 26] << 8) | bytes[from + 27]) === end - from
}

/** Preamble 0 and a header that states its length and a zero reserved part, or preamble 1 and a record of DTLS (RFC 5415 4.1 to 4.3). */
function isCapwapControl(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] === 0x01) return bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0 && isDtlsRecord(bytes, at + 4, end)
  if (bytes[at] !== 0 || end - at < 16) return false
  const headerBytes = (bytes[at + 1] >> 3) << 2
  // Enterprise number 0 of IETF's message types, then the type (RFC 5415 4.5.1).
  const type = at + headerBytes
  return (
    headerBytes >= 8 &&
    type + 8 <= end &&
    bytes[type] === 0 &&
    bytes[type + 1] === 0 &&
    bytes[type + 2] === 0 &&
    bytes[type + 3] > 0 &&
    bytes[type + 3] <= 26
  )
}
