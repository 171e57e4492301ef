// Kinds of conversations, as far as observers read them, and how many packets of each.

/** HTTP by the direction of its requests. */
export const Kind = {
  unknown: 0,
  text: 1,
  telnet: 2,
  http: 3,
  tls: 4,
  ldap: 5,
  dhcp: 6,
  snmp: 7,
  icmp: 8,
  answered: 9,
  smb: 10,
  dcerpc: 11,
  httpBackward: 12,
  kerberos: 13,
  controller: 14,
  ftpData: 15,
  ssh: 16,
} as const

/** Packets with payload that are inspected, at most 255; while the kind is unknown: to find it out. */
export const PACKETS = {
  unknown: 4,
  text: 80,
  telnet: 250,
  ldap: 20,
  snmp: 4,
  tls: 40,
  answered: 40,
  smb: 200,
  dcerpc: 240,
  kerberos: 40,
  ssh: 60,
} as const
