// Hardware addresses -> who made the interface, by the blocks of addresses that IEEE registers (IEEE 802, 8.2). The table is a text, packed at build time.
import { isGroupAddress } from '../../decode/group-addresses.ts'
import type { HostIdentity } from '../../names/identity-log.ts'

/** @param mac as formatMac() writes it @returns null: the block is not registered, or its owner wants no name */
export type VendorOf = (mac: string) => string | null

/** Hexadecimal digits of a block's prefix: MA-L, MA-M, MA-S. */
const LENGTHS = [6, 7, 9]
/** Phones and laptops make such an address up for each network; virtual machines and containers have one, too. */
export const LOCALLY_ADMINISTERED = 'locally administered (random or virtual)'

/** Rows for the hardware addresses among the identities. */
export function vendorsOf(identities: readonly HostIdentity[], vendorOf: VendorOf | null): HostIdentity[] {
  const found = new Map<string, HostIdentity>()
  for (const identity of identities) {
    if (identity.kind !== 'mac') continue
    const vendor = makerOf(identity.value, vendorOf)
    if (vendor === null) continue
    const key = `${identity.host} ${identity.value}`
    const same = found.get(key)
    // Two protocols may carry the same address: the frame is that of the first.
    if (same === undefined || identity.firstUs < same.firstUs)
      found.set(key, { ...identity, kind: 'vendor', value: vendor, source: identity.value })
  }
  return [...found.values()]
}

/** Of one address; null if it says nothing about a maker, as those of groups do. */
export function makerOf(mac: string, vendorOf: VendorOf | null): string | null {
  if (isGroupAddress(mac)) return null
  return vendorOf?.(mac) ?? (isLocallyAdministered(mac) ? LOCALLY_ADMINISTERED : null)
}

/** Bit 1 of the first byte (IEEE 802, 8.2.2). */
function isLocallyAdministered(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0
}

/** @param blocks prefixes in hexadecimal digits, by vendor @returns a line a vendor: name, then by length its prefixes as differences in base 36 */
export function packVendors(blocks: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...blocks].map(([vendor, prefixes]) => {
    const columns = LENGTHS.map((length) => differences(prefixes.filter((prefix) => prefix.length === length)))
    return `${[vendor, ...columns].join('\t').trimEnd()}\n`
  })
  return lines.sort().join('')
}

function differences(prefixes: readonly string[]): string {
  let last = 0
  return prefixes
    .map((prefix) => Number.parseInt(prefix, 16))
    .sort((a, b) => a - b)
    .map((prefix) => {
      const difference = prefix - last
      last = prefix
      return difference.toString(36)
    })
    .join(' ')
}

/** @param packed as packVendors() writes it */
export function openVendors(packed: string): VendorOf {
  const byLength = LENGTHS.map(() => new Map<number, string>())
  for (const line of packed.split('\n')) {
    const [vendor, ...columns] = line.split('\t')
    columns.forEach((column, i) => {
      let prefix = 0
      for (const difference of column.split(' ')) {
        if (difference === '') continue
        prefix += Number.parseInt(difference, 36)
        byLength[i].set(prefix, vendor)
      }
    })
  }
  return (mac) => {
    const digits = mac.replaceAll(':', '')
    // A smaller block lies inside a larger one of the registry itself.
    for (let i = LENGTHS.length - 1; i >= 0; i--) {
      const vendor = byLength[i].get(Number.parseInt(digits.slice(0, LENGTHS[i]), 16))
      if (vendor !== undefined) return vendor
    }
    return null
  }
}
