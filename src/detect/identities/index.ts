// Names, observations and conversations -> who the hosts are: hardware addresses, names, accounts, programs, roles; each with the frame that says it.
import { compareIdentities, type HostIdentity } from '../../names/identity-log.ts'
import type { Context } from '../engine/finding.ts'
import { digestsOf } from './digests.ts'
import { macsOf } from './macs.ts'
import { rolesOf } from './roles.ts'
import { type VendorOf, vendorsOf } from './vendors.ts'

/** @returns ordered by host, kind, time */
export function identitiesOf(context: Context, vendorOf: VendorOf | null): HostIdentity[] {
  const found: HostIdentity[] = [...macsOf(context), ...rolesOf(context), ...digestsOf(context)]
  for (let host = 0; host < context.hosts.count; host++) {
    for (const identity of context.names.identitiesOf(host)) found.push({ ...identity, host })
  }
  found.push(...vendorsOf(found, vendorOf))
  return found.sort(compareIdentities)
}
