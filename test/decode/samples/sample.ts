// One packet by hand and what a reader of its specification finds in it.
import { ipv4, ipv6, type Layer, tcp, udp } from '../../support/build.ts'

export interface Sample {
  name: string
  linkType: number
  bytes: Uint8Array
  /** "source:port > target:port protocol", by the innermost IP header. */
  flow: string
  tunnel: string | null
}

/** The innermost packets that all samples carry. */
export const INNER4: Layer = ipv4('192.0.2.1', '198.51.100.2', tcp(40_000, 443, 'S', 'payload'))
export const FLOW4 = '192.0.2.1:40000 > 198.51.100.2:443 6'
export const INNER6: Layer = ipv6('2001:db8::1', '2001:db8::2', udp(5000, 5001, 'payload'))
export const FLOW6 = '2001:db8::1:5000 > 2001:db8::2:5001 17'
