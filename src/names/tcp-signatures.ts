// First bytes of a TCP stream -> application, where they identify it with certainty.
import type { Application } from './applications.ts'
import { startsWith } from './http.ts'

/** @param port the server's, for protocols that need both bytes and port */
export function tcpApplication(bytes: Uint8Array, at: number, end: number, port: number): Application | null {
  const length = end - at
  if (length < 3) return null
  if (port === 502 && isModbus(bytes, at, end)) return 'modbus'
  if ((port === 6633 || port === 6653) && isOpenFlowHello(bytes, at, end)) return 'openflow'
  if (port === 44_818 && isEtherNetIp(bytes, at, end)) return 'ethernet-ip'
  switch (bytes[at]) {
    case 0x00:
      return lengthPrefixed(bytes, at, end)
    case 0x03:
      return isoTransport(bytes, at, end)
    case 0x05:
      return isDceRpc(bytes, at, end) ? 'dcerpc' : isDnp3(bytes, at, end) ? 'dnp3' : isSocks5(bytes, at, end) ? 'socks' : null
    case 0x10:
      return isMqttConnect(bytes, at, end) ? 'mqtt' : null
    case 0x13:
      return startsWith(bytes, at + 1, end, 'bittorrent protocol') ? 'bittorrent' : null
    case 0x16:
    case 0x2a:
      return isRedis(bytes, at, end) ? 'redis' : null
    case 0x30:
      return isLdap(bytes, at, end) ? 'ldap' : null
    case 0x68:
      return port === 2404 && bytes[at + 1] === length - 2 ? 'iec104' : null
    case 0xff:
      return isBgp(bytes, at, end) ? 'bgp' : isTelnet(bytes, at) ? 'telnet' : null
    default:
      if (isMysqlGreeting(bytes, at, end)) return 'mysql'
      return isMongo(bytes, at, end) ? 'mongodb' : null
  }
}

/** A length of four bytes with a first byte of 0: NetBIOS sessions with SMB (MS-SMB2 2.1), Kerberos (RFC 4120 7.2.2), PostgreSQL, Modbus. */
function lengthPrefixed(bytes: Uint8Array, at: number, end: number): Application | null {
  if (end - at < 8) return null
  if (bytes[at + 5] === 0x53 && bytes[at + 6] === 0x4d && bytes[at + 7] === 0x42 && bytes[at + 4] >= 0xfc) return 'smb'
  const length = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
  if (isKerberos(bytes, at + 4, end) && length === end - at - 4) return 'kerberos'
  // SSLRequest 80877103 and protocol 3.0 (PostgreSQL, Message Formats).
  if (length === 8 && bytes[at + 4] === 0x04 && bytes[at + 5] === 0xd2 && bytes[at + 6] === 0x16 && bytes[at + 7] === 0x2f)
    return 'postgresql'
  if (bytes[at + 4] === 0 && bytes[at + 5] === 3 && bytes[at + 6] === 0 && startsWith(bytes, at + 8, end, 'user')) return 'postgresql'
  return null
}

/** A Kerberos message: an APPLICATION tag of ASN.1, a length, a sequence (RFC 4120 5.10). */
export function isKerberos(bytes: Uint8Array, at: number, end: number): boolean {
  const tag = bytes[at]
  if (end - at < 10 || ((tag < 0x6a || tag > 0x6f) && tag !== 0x7e)) return false
  const body = asnBody(bytes, at, end)
  // The sequence begins with pvno 5, tagged 1 in requests and 0 elsewhere.
  const inner = body > 0 && bytes[body] === 0x30 ? asnBody(bytes, body, end) : 0
  return (
    inner > 0 && inner + 5 <= end && (bytes[inner] === 0xa0 || bytes[inner] === 0xa1) && bytes[inner + 1] === 3 && bytes[inner + 4] === 5
  )
}

/** Offset of the content of the ASN.1 element at `at`; 0 if its length is neither valid DER nor BER. */
function asnBody(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return 0
  const length = bytes[at + 1]
  if (length < 0x80) return at + 2
  const lengthBytes = length & 0x7f
  return lengthBytes >= 1 && lengthBytes <= 4 && at + 2 + lengthBytes < end ? at + 2 + lengthBytes : 0
}

/** An LDAP message: sequence, message id, operation (RFC 4511 4.1.1). */
export function isLdap(bytes: Uint8Array, at: number, end: number): boolean {
  const body = asnBody(bytes, at, end)
  if (body === 0 || body + 4 > end || bytes[body] !== 2 || bytes[body + 1] < 1 || bytes[body + 1] > 4) return false
  const operationAt = body + 2 + bytes[body + 1]
  if (operationAt >= end) return false
  const operation = bytes[operationAt]
  return (operation >= 0x60 && operation <= 0x79) || operation === 0x42 || operation === 0x4a || operation === 0x50
}

/** TPKT (RFC 1006) with a connection request or data of X.224: RDP by its negotiation or cookie, S7 by its magic number. */
function isoTransport(bytes: Uint8Array, at: number, end: number): Application | null {
  if (end - at < 7 || bytes[at + 1] !== 0 || ((bytes[at + 2] << 8) | bytes[at + 3]) !== end - at) return null
  if (bytes[at + 5] === 0xf0) return bytes[at + 7] === 0x32 && end - at > 7 ? 's7comm' : null
  if (bytes[at + 5] !== 0xe0 && bytes[at + 5] !== 0xd0) return null
  const last = end - 8
  const hasNegotiation = last >= at + 11 && bytes[last] >= 1 && bytes[last] <= 3 && bytes[last + 2] === 8 && bytes[last + 3] === 0
  return hasNegotiation || startsWith(bytes, at + 11, end, 'cookie: mstshash=') ? 'rdp' : null
}

/** Version 5.0, a packet type, little- or big-endian (C706 12.6.3). */
function isDceRpc(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 16 || bytes[at + 1] > 1 || bytes[at + 2] > 19) return false
  const length = bytes[at + 4] === 0x10 ? bytes[at + 8] | (bytes[at + 9] << 8) : (bytes[at + 8] << 8) | bytes[at + 9]
  return (bytes[at + 4] === 0x10 || bytes[at + 4] === 0) && bytes[at + 6] === 0 && length >= 16
}

/** IEEE 1815, data link layer: 0x0564 and a length of at least five. */
function isDnp3(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 10 && bytes[at + 1] === 0x64 && bytes[at + 2] >= 5
}

/** The client's methods (RFC 1928 3), nothing after them. */
function isSocks5(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at + 1] > 0 && bytes[at + 1] < 10 && end - at === 2 + bytes[at + 1] && bytes[at + 2] <= 2
}

/** CONNECT: remaining length of one or two bytes, then the protocol's name (MQTT 3.1.1 3.1, and 3.1's MQIsdp). */
function isMqttConnect(bytes: Uint8Array, at: number, end: number): boolean {
  const nameAt = bytes[at + 1] < 0x80 ? at + 2 : at + 3
  if (nameAt >= end) return false
  return bytes[nameAt] === 0 && (startsWith(bytes, nameAt + 1, end, '\x04mqtt') || startsWith(bytes, nameAt + 1, end, '\x06mqisdp'))
}

/** An array of bulk strings (RESP): *count CR LF $. */
function isRedis(bytes: Uint8Array, at: number, end: number): boolean {
  let i = at + 1
  while (i < end && i < at + 5 && bytes[i] >= 0x30 && bytes[i] <= 0x39) i++
  return bytes[at] === 0x2a && i > at + 1 && startsWith(bytes, i, end, '\r\n$')
}

/** Marker of sixteen bytes, a length, a type of 1 to 5 (RFC 4271 4.1). */
function isBgp(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 19 || bytes[at + 18] < 1 || bytes[at + 18] > 5) return false
  for (let i = 0; i < 16; i++) if (bytes[at + i] !== 0xff) return false
  return true
}

/** IAC, a negotiation, an option (RFC 854). */
function isTelnet(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] >= 0xfb && bytes[at + 1] <= 0xfe && bytes[at + 2] < 50
}

/** The server's first packet: number 0, protocol 10, a version that begins with a digit (MySQL, Protocol::HandshakeV10). */
function isMysqlGreeting(bytes: Uint8Array, at: number, end: number): boolean {
  const length = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
  return (
    length === end - at - 4 && length > 30 && bytes[at + 3] === 0 && bytes[at + 4] === 10 && bytes[at + 5] >= 0x34 && bytes[at + 5] <= 0x39
  )
}

/** MBAP header: protocol 0 and a valid length (Modbus Messaging on TCP/IP 3.1.3). */
function isModbus(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 8 && bytes[at + 2] === 0 && bytes[at + 3] === 0 && ((bytes[at + 4] << 8) | bytes[at + 5]) === end - at - 6
}

/** A command of sessions or data, a valid length, and no options (CIP Networks Library, volume 2, 2-3). */
function isEtherNetIp(bytes: Uint8Array, at: number, end: number): boolean {
  const isKnown = bytes[at] === 0x04 || (bytes[at] >= 0x63 && bytes[at] <= 0x66) || bytes[at] === 0x6f || bytes[at] === 0x70
  return (
    isKnown && bytes[at + 1] === 0 && end - at >= 24 && (bytes[at + 2] | (bytes[at + 3] << 8)) === end - at - 24 && bytes[at + 20] === 0
  )
}

/** A valid length, and OP_MSG or OP_QUERY (MongoDB Wire Protocol). */
function isMongo(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 16 || (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)) !== end - at) return false
  const operation = bytes[at + 12] | (bytes[at + 13] << 8)
  return (operation === 2013 || operation === 2004) && bytes[at + 14] === 0 && bytes[at + 15] === 0
}

/** HELLO, the first message of both ends: a version of 1.0 to 1.5, type 0, and a length that the segment has (OpenFlow Switch Specification, 7.5.1). */
function isOpenFlowHello(bytes: Uint8Array, at: number, end: number): boolean {
  const length = (bytes[at + 2] << 8) | bytes[at + 3]
  return bytes[at] >= 1 && bytes[at] <= 6 && bytes[at + 1] === 0 && length >= 8 && at + length <= end
}
