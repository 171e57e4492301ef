// Ends of all conversations as columns -> the digests of their Community IDs. Plain data in and out, so that another thread can compute them.
import { Protocol } from '../decode/codes.ts'
import { DIGEST_WORDS, digestOf, type IdEnd } from './community-id.ts'
import type { HostAddresses } from './hosts.ts'
import type { Flows } from './index.ts'

export interface IdColumns {
  addresses: HostAddresses
  /** By conversation: both hosts; -1 for rows that count many conversations, which have no id. */
  firstHost: Int32Array
  otherHost: Int32Array
  protocol: Uint8Array
  /** Ports; of ICMP, type and code of the first message. Below 0: not known. */
  firstPort: Int32Array
  otherPort: Int32Array
}

export function idColumns({ table, hosts }: Flows): IdColumns {
  const { count } = table
  const [firstHost, otherHost, firstPort, otherPort] = [0, 1, 2, 3].map(() => new Int32Array(count))
  const protocol = new Uint8Array(count)
  for (let flow = 0; flow < count; flow++) {
    firstHost[flow] = table.isAggregate(flow) ? -1 : table.firstHost(flow)
    otherHost[flow] = table.otherHost(flow)
    protocol[flow] = table.protocol(flow)
    const isIcmp = protocol[flow] === Protocol.icmp || protocol[flow] === Protocol.icmpv6
    firstPort[flow] = isIcmp ? table.icmpType(flow) : table.firstPort(flow)
    otherPort[flow] = isIcmp ? table.icmpCode(flow) : table.otherPort(flow)
  }
  return { addresses: hosts.addresses(0), firstHost, otherHost, protocol, firstPort, otherPort }
}

/** @returns DIGEST_WORDS for each conversation; all of them 0 where it has no id */
export function idDigests({ addresses, firstHost, otherHost, protocol, firstPort, otherPort }: IdColumns): Int32Array<ArrayBuffer> {
  const digests = new Int32Array(firstHost.length * DIGEST_WORDS)
  const { bytes, families } = addresses
  const endOf = (host: number, port: number): IdEnd => ({
    address: bytes.subarray(16 * host, 16 * host + (families[host] === 4 ? 4 : 16)),
    port,
  })
  for (let flow = 0; flow < firstHost.length; flow++) {
    if (firstHost[flow] < 0) continue
    const first = endOf(firstHost[flow], firstPort[flow])
    const other = endOf(otherHost[flow], otherPort[flow])
    const digest = digestOf(protocol[flow], first, other, { type: first.port, code: other.port })
    if (digest !== null) digests.set(digest, flow * DIGEST_WORDS)
  }
  return digests
}
