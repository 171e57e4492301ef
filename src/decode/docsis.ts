// DOCSIS MAC frames -> Ethernet.
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const DOCSIS_EXTENDED = 0x01
/** Types of extended header elements of baseline privacy. */
const Privacy = { upstream: 3, downstream: 4 } as const
const DOCSIS_PRIVACY_ENCRYPTED = 0x80

/** DOCSIS MAC frames (CableLabs MULPI 6.2): control, parameter, length, extended header, check sequence, then Ethernet for packet PDUs. */
export function decodeDocsis(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
  const type = bytes[at] >> 6
  if (type !== 0 && type !== 2) return skip(Skip.linkControl, 0)
  const extendedBytes = (bytes[at] & DOCSIS_EXTENDED) !== 0 ? bytes[at + 1] : 0
  if (out.end - at < 6 + extendedBytes) return skip(Skip.truncatedLink, 0)
  if (extendedBytes >= 4) {
    const element = bytes[at + 4] >> 4
    const isPrivacy = element === Privacy.upstream || element === Privacy.downstream
    if (isPrivacy && (bytes[at + 6] & DOCSIS_PRIVACY_ENCRYPTED) !== 0) return skip(Skip.docsisEncrypted, 0)
  }
  out.next = Layer.ethernet
  return at + 6 + extendedBytes
}
