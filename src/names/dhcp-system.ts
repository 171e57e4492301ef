// The options that a DHCP client asks for (option 55, RFC 2132 9.8) -> its operating system, where the list is that of one system alone.

/** Asked for together by nobody else: router discovery, vendor options, NetBIOS servers and scope, Microsoft's classless routes. */
const OF_WINDOWS = [31, 43, 44, 46, 47, 249]

/** Whole lists in their order. */
const LISTS = new Map<string, string>([
  // XNU, bootpd's client; with and without captive portal, IPv6-only and NetBIOS options.
  ['1,121,3,6,15,119,252', 'macOS or iOS, likely'],
  ['1,121,3,6,15,119,252,95,44,46', 'macOS or iOS, likely'],
  ['1,121,3,6,15,114,119,252', 'macOS or iOS, likely'],
  ['1,121,3,6,15,114,119,252,95,44,46', 'macOS or iOS, likely'],
  ['1,121,3,6,15,108,114,119,252', 'macOS or iOS, likely'],
  ['1,121,3,6,15,108,114,119,252,95,44,46', 'macOS or iOS, likely'],
  ['1,3,6,15,119,252', 'macOS or iOS, likely'],
  ['1,3,6,15,119,95,252,44,46', 'macOS or iOS, likely'],
  ['1,3,6,15,119,95,252,44,46,47', 'macOS or iOS, likely'],
  // Android, DhcpClient.REQUESTED_PARAMS of several versions.
  ['1,3,6,15,26,28,51,58,59', 'Android, likely'],
  ['1,3,6,15,26,28,51,58,59,43', 'Android, likely'],
  ['1,3,6,15,26,28,51,58,59,43,114', 'Android, likely'],
  ['1,3,6,15,26,28,51,58,59,43,114,108', 'Android, likely'],
  // dhclient.conf of Debian.
  ['1,28,2,3,15,6,119,12,44,47,26,121,42', 'Linux, likely'],
  ['1,28,2,3,15,6,119,12,44,47,26,121,42,249,33,252,42', 'Linux, likely'],
])

/** '' where it is not sure. */
export function dhcpSystem(bytes: Uint8Array, at: number, end: number): string {
  const options = bytes.subarray(at, end)
  if (OF_WINDOWS.every((option) => options.includes(option))) return 'Windows, likely'
  return LISTS.get(options.join()) ?? ''
}
