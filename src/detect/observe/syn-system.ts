// The SYN that opens a conversation -> the operating system of its sender, by first TTL and order of TCP options. Runs once a conversation, allocates nothing
// but for what it finds.
import { TcpFlag } from '../../decode/codes.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { IdentityLog } from '../../names/identity-log.ts'

const OPENING_FLAGS = TcpFlag.syn | TcpFlag.ack | TcpFlag.rst | TcpFlag.fin

/** Names by kind of option, as p0f writes them (RFC 9293 3.1, RFC 7323, RFC 2018). */
const NAMES = ['', 'nop', 'mss', 'ws', 'sok', '', '', '', 'ts']
const [END, NOP, SCALE] = [0, 1, 3]
/** A SYN has no more of them that are known; digits up to here are exact in a number. */
const MAX_OPTIONS = 12
/** For the window scale, beside the order of options in one number. */
const SCALES = 16
const NO_SCALE = 15
const UNREADABLE = -1
/** Routers between sender and capture: a lower TTL was set by hand, or is another system's. */
const MAX_HOPS = 30

interface System {
  name: string
  /** First TTL. */
  ttl: number
  /** Kinds of options in their order, a decimal digit each. */
  order: number
  /** Why, as it is shown. */
  reason: string
  /** First windows and window scales; null for any. */
  windows: readonly number[] | null
  scales: readonly number[] | null
}

function system(name: string, ttl: number, options: string, windows: System['windows'], scales: System['scales']): System {
  const order = options.split(' ').reduce((sum, option) => sum * 10 + NAMES.indexOf(option), 0)
  return { name, ttl, order, reason: `tcp syn: ttl ${ttl}, ${options}`, windows, scales }
}

/**
 * Defaults of these systems: tcp_syn_options() of Linux, tcp_addoptions() of FreeBSD, XNU and OpenBSD, and what Windows sends since Vista. Linux has
 * many first windows (multiples of the segment size by version), but nobody else has its order. Windows XP is left out: devices look like it.
 */
const SYSTEMS: readonly System[] = [
  system('Windows', 128, 'mss nop ws nop nop sok', [8192, 62_727, 64_240, 65_535], [2, 7, 8]),
  system('Linux or Android', 64, 'mss sok ts nop ws', null, null),
  system('macOS or iOS', 64, 'mss nop ws nop nop ts sok', [65_535], null),
  system('FreeBSD', 64, 'mss nop ws sok ts', [65_535], [6]),
  system('OpenBSD', 64, 'mss nop nop sok nop ws nop nop ts', [16_384], null),
]

/** Adds the system to the identities, if the view is a SYN that one of them sends. @param sender host */
export function inspectSyn(log: IdentityLog, flow: number, sender: number, view: PacketView, timeUs: number): void {
  const { bytes, tcpAt, sourceAt } = view
  if (tcpAt < 0 || (view.tcpFlags & OPENING_FLAGS) !== TcpFlag.syn) return
  const optionsEnd = tcpAt + (bytes[tcpAt + 12] >> 4) * 4
  if (optionsEnd > view.end) return
  const options = readOptions(bytes, tcpAt + 20, optionsEnd)
  if (options === UNREADABLE) return
  const ttl = bytes[view.family === 4 ? sourceAt - 4 : sourceAt - 1]
  const window = (bytes[tcpAt + 14] << 8) | bytes[tcpAt + 15]
  const [order, scale] = [Math.floor(options / SCALES), options % SCALES]
  for (const one of SYSTEMS) {
    const isSent = one.order === order && ttl <= one.ttl && ttl >= one.ttl - MAX_HOPS
    if (!isSent || one.windows?.includes(window) === false || one.scales?.includes(scale) === false) continue
    log.add(sender, 'os', `${one.name}, likely`, one.reason, timeUs, flow)
    return
  }
}

/** Order of options and window scale in one number; UNREADABLE with an option that none of the systems sends. */
function readOptions(bytes: Uint8Array, from: number, end: number): number {
  let order = 0
  let scale = NO_SCALE
  let at = from
  for (let count = 0; at < end && bytes[at] !== END; count++) {
    const kind = bytes[at]
    if (count === MAX_OPTIONS || kind >= NAMES.length || NAMES[kind] === '') return UNREADABLE
    order = order * 10 + kind
    if (kind === NOP) at++
    else {
      const length = bytes[at + 1]
      if (at + 1 >= end || length < 2 || at + length > end) return UNREADABLE
      if (kind === SCALE && length === 3) scale = Math.min(14, bytes[at + 2])
      at += length
    }
  }
  return order * SCALES + scale
}
