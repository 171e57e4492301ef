// Periodic traffic that is normal by design: reported as such, never as a beacon.
import { ownValue } from '../../own-value.ts'

/** Applications that synchronise time, poll, or keep connections alive. */
const APPLICATIONS: Record<string, string> = {
  ntp: 'time synchronisation',
  dns: 'name resolution',
  mdns: 'name resolution',
  llmnr: 'name resolution',
  nbns: 'name resolution',
  nbdgm: 'browsing of the local network',
  dhcp: 'address leases',
  dhcpv6: 'address leases',
  ssdp: 'service discovery',
  snmp: 'monitoring',
  syslog: 'logging',
  netflow: 'monitoring',
  ipfix: 'monitoring',
  sflow: 'monitoring',
  radius: 'authentication',
  tacacs: 'authentication',
  kerberos: 'authentication',
  ldap: 'directory',
  smb: 'file service',
  bgp: 'routing',
  ldp: 'routing',
  rip: 'routing',
  stun: 'keep-alive through NAT',
  sip: 'registration and keep-alive of telephony',
  rtsp: 'control of a media stream',
  rtp: 'media stream',
  wireguard: 'keep-alive of a VPN',
  openvpn: 'keep-alive of a VPN',
  ike: 'keep-alive of a VPN',
  'ipsec-nat-t': 'keep-alive of a VPN',
  l2tp: 'keep-alive of a VPN',
  pptp: 'keep-alive of a VPN',
  teredo: 'keep-alive of a tunnel',
  gtp: 'echo of mobile network nodes',
  modbus: 'polling of controllers',
  s7comm: 'polling of controllers',
  dnp3: 'polling of controllers',
  iec104: 'polling of controllers',
  bacnet: 'polling of controllers',
  'ethernet-ip': 'polling of controllers',
  bittorrent: 'tracker and peers',
}

/** Ports of push services, on which phones and computers wait for messages. */
const PUSH_PORTS = new Set([5223, 5228, 5229, 5230])

/** Ports of mailboxes; mail programs look for new mail every few minutes. */
const MAIL_PORTS = new Set([110, 143, 993, 995])
const MAIL_APPLICATIONS = new Set(['tls', 'imap', 'imaps', 'pop3', 'pop3s'])

/** Domains of vendors' services that programs contact regularly; they include all subdomains. */
const NAMES: readonly (readonly [string, readonly string[]])[] = [
  [
    'updates',
    [
      ...['windowsupdate.com', 'update.microsoft.com', 'delivery.mp.microsoft.com', 'msedge.api.cdp.microsoft.com', 'swcdn.apple.com'],
      ...['swscan.apple.com', 'mesu.apple.com', 'archive.ubuntu.com', 'security.ubuntu.com', 'deb.debian.org', 'security.debian.org'],
      ...['fedoraproject.org', 'update.googleapis.com', 'aus5.mozilla.org', 'api.snapcraft.io', 'changelogs.ubuntu.com'],
    ],
  ],
  [
    'connectivity check',
    [
      ...['msftconnecttest.com', 'msftncsi.com', 'connectivitycheck.gstatic.com', 'detectportal.firefox.com', 'captive.apple.com'],
      ...['connectivity-check.ubuntu.com', 'nmcheck.gnome.org', 'clients3.google.com'],
    ],
  ],
  ['push messages', ['mtalk.google.com', 'push.apple.com', 'wns.windows.com', 'push.services.mozilla.com']],
  ['time synchronisation', ['ntp.org', 'time.windows.com', 'time.apple.com', 'ntp.ubuntu.com', 'time.google.com', 'time.cloudflare.com']],
  [
    'certificate status',
    ['ocsp.digicert.com', 'crl.microsoft.com', 'ocsp.pki.goog', 'ocsp.sectigo.com', 'ocsp.apple.com', 'o.lencr.org', 'ocsp.globalsign.com'],
  ],
  [
    'vendor telemetry',
    [
      'events.data.microsoft.com',
      'telemetry.microsoft.com',
      'telemetry.mozilla.org',
      'settings-win.data.microsoft.com',
      'metrics.icloud.com',
    ],
  ],
]

/** Why periodic contacts are normal here, or null. */
export function expectedReason(application: string | null, name: string | null, serverPort: number): string | null {
  const known = application === null ? undefined : ownValue(APPLICATIONS, application)
  if (known !== undefined) return known
  if (PUSH_PORTS.has(serverPort)) return 'push messages'
  if (MAIL_PORTS.has(serverPort) && application !== null && MAIL_APPLICATIONS.has(application)) return 'mail collection'
  if (name === null) return null
  return NAMES.find(([, ends]) => ends.some((end) => name === end || name.endsWith(`.${end}`)))?.[0] ?? null
}
