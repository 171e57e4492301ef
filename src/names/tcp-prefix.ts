// Headers before the payload of some conversations -> their length.
import { startsWith } from './http.ts'
import { isHandshakeRecord } from './tls.ts'

const LINE_FEED = 10
/** Longest header of PROXY version 1 (HAProxy, The PROXY protocol 2.1). */
const MAX_PROXY_LINE = 107
const PROXY_2 = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
const TDS_HEADER = 8
const TDS_PRELOGIN = 0x12

/** Bytes before the payload, 0 for none: a PROXY header of either version, or TDS around TLS (MS-TDS 2.2.1). */
export function prefixBytes(bytes: Uint8Array, at: number, end: number): number {
  switch (bytes[at]) {
    case 0x50: {
      if (!startsWith(bytes, at, end, 'proxy ')) return 0
      const line = bytes.subarray(at, Math.min(end, at + MAX_PROXY_LINE)).indexOf(LINE_FEED)
      return line + 1
    }
    case 0x0d:
      if (end - at < 16 || !PROXY_2.every((byte, i) => bytes[at + i] === byte)) return 0
      return Math.min(end - at, 16 + ((bytes[at + 14] << 8) | bytes[at + 15]))
    case TDS_PRELOGIN:
      return isHandshakeRecord(bytes, at + TDS_HEADER, end) ? TDS_HEADER : 0
    default:
      return 0
  }
}
