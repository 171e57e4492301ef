// A hardware address of a group -> what it is for, in words.

/** Addresses and prefixes, longest first; registries of IEEE 802.1Q (table 8-1) and IANA, and those of the protocols themselves. */
const GROUPS: readonly (readonly [prefix: string, name: string])[] = [
  ['ff:ff:ff:ff:ff:ff', 'broadcast'],
  ['01:80:c2:00:00:00', 'spanning tree'],
  ['01:80:c2:00:00:01', 'flow control'],
  ['01:80:c2:00:00:02', 'LACP and other slow protocols'],
  ['01:80:c2:00:00:03', '802.1X'],
  ['01:80:c2:00:00:08', 'spanning tree of providers'],
  ['01:80:c2:00:00:0e', 'LLDP, PTP'],
  ['01:80:c2:00:00:14', 'IS-IS level 1'],
  ['01:80:c2:00:00:15', 'IS-IS level 2'],
  ['01:80:c2:00:00:20', 'GMRP, MMRP'],
  ['01:80:c2:00:00:21', 'GVRP, MVRP'],
  ['01:00:0c:cc:cc:cc', 'CDP, VTP, DTP, UDLD'],
  ['01:00:0c:cc:cc:cd', 'PVST+'],
  ['01:1b:19:00:00:00', 'PTP'],
  ['01:0e:cf:00:00:00', 'PROFINET discovery'],
  ['03:00:00:00:00:01', 'NetBEUI'],
  ['09:00:07:ff:ff:ff', 'AppleTalk'],
  ['09:00:2b:00:00:04', 'all OSI end systems'],
  ['09:00:2b:00:00:05', 'all OSI intermediate systems'],
  ['ab:00:00:01:00:00', 'MOP dump and load'],
  ['ab:00:00:02:00:00', 'MOP remote console'],
  ['ab:00:00:03:00:00', 'all DECnet routers'],
  ['ab:00:00:04:00:00', 'all DECnet hosts'],
  ['cf:00:00:00:00:00', 'loopback test'],
  ['01:15:4e:00:0', 'ring redundancy (MRP)'],
  ['01:0c:cd:01', 'GOOSE'],
  ['01:0c:cd:04', 'IEC 61850 sampled values'],
  ['01:00:5e', 'IPv4 multicast'],
  ['33:33', 'IPv6 multicast'],
  ['01:80:c2', 'IEEE 802.1'],
]

/** Bit 0 of the first byte (IEEE 802, 8.2.2). @param mac as formatMac() writes it */
export function isGroupAddress(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
}

/** Null for an address that is not known. */
export function groupAddressName(mac: string): string | null {
  return GROUPS.find(([prefix]) => mac.startsWith(prefix))?.[1] ?? null
}
