// The first packet of each conversation -> the hardware addresses that a host's packets come from. Runs once a conversation.
import type { CapturedPacket } from '../../capture/packet.ts'
import { doubled, FIRST_ROWS } from '../../column.ts'
import { formatMac } from '../../decode/address.ts'
import { be16, be32 } from '../../decode/bytes.ts'
import { senderMacAt } from './mac.ts'
import type { SenderMacs } from './observations.ts'

/** 0 for none: no host has this address. */
const NONE = 0

export class SenderMacObserver implements SenderMacs {
  /** By host, as numbers of 48 bits: the first, and the last that differs from it. */
  private first = new Float64Array(FIRST_ROWS)
  private other = new Float64Array(FIRST_ROWS)
  private flow = new Int32Array(FIRST_ROWS)

  /** @param host the packet's sender */
  inspect(flow: number, host: number, packet: CapturedPacket): void {
    const at = senderMacAt(packet.start, packet.end, packet.linkType)
    if (at < 0) return
    while (host >= this.first.length) {
      this.first = doubled(this.first)
      this.other = doubled(this.other)
      this.flow = doubled(this.flow)
    }
    const mac = be16(packet.bytes, at) * 2 ** 32 + be32(packet.bytes, at + 2)
    if (this.first[host] === NONE) {
      this.first[host] = mac
      this.flow[host] = flow
    } else if (this.first[host] !== mac) this.other[host] = mac
  }

  of(host: number): number[] {
    return [this.first[host], this.other[host]].filter((mac) => mac > NONE)
  }

  onlyOf(host: number): number {
    return host < this.first.length && this.other[host] === NONE ? this.first[host] : NONE
  }

  flowOf(host: number): number {
    return this.flow[host]
  }
}

/** @param mac 48 bits */
export function macOfNumber(mac: number): string {
  const bytes = new Uint8Array(6)
  for (let i = 5, rest = mac; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  return formatMac(bytes, 0)
}
