// Addresses received from another thread in several messages -> the host numbers and texts that locate() needs.

import { doubled, FIRST_ROWS } from '../column.ts'
import { formatAddress } from '../decode/address.ts'
import { scopeOf } from '../decode/scope.ts'
import type { HostAddresses } from '../flows/hosts.ts'
import type { Scope } from '../types.ts'
import type { Addresses } from './index.ts'

export class ReceivedAddresses implements Addresses {
  count = 0
  /** As in HostAddresses. */
  private bytes = new Uint8Array(16 * FIRST_ROWS)
  private families = new Uint8Array(FIRST_ROWS)

  /** Appends addresses of the hosts that follow those received before. */
  add({ bytes, families }: HostAddresses): void {
    const first = this.count
    this.count += families.length
    while (this.count > this.families.length) {
      this.bytes = doubled(this.bytes)
      this.families = doubled(this.families)
    }
    this.bytes.set(bytes, first * 16)
    this.families.set(families, first)
  }

  ip(host: number): string {
    return formatAddress(this.bytes, host * 16, this.length(host))
  }

  scope(host: number): Scope {
    return scopeOf(this.bytes, host * 16, this.length(host))
  }

  private length(host: number): 4 | 16 {
    return this.families[host] === 4 ? 4 : 16
  }
}
