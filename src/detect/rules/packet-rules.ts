// The rules that need what only packets show: observations beside conversations. A report keeps their findings, but cannot answer them again.

export const PACKET_RULES: readonly string[] = [
  'arp-scan',
  'arp-spoofing',
  'brute-force',
  'clear-text-login',
  'control-certificate',
  'controller-change',
  'dhcp-starvation',
  'http-exploit',
  'icmp-tunnel',
  'kerberos-attack',
  'mining',
  'program-download',
  'remote-administration',
  'rogue-dhcp',
  'rogue-router',
  'smb-exploit',
  'strange-content',
  'tor',
  'traceroute',
  'weak-tls',
]
