// Every attack at every rate that a rule promises to see, as a list to be spread over captures.
import { type Beacon, beacon } from './beacons.ts'
import { type ClearService, clearLogin } from './clear-logins.ts'
import { newMaster, outsideMaster } from './controllers.ts'
import { type Channel, dnsAnswerChannel, dnsTunnel, type Encoding, generatedNames, missingDomains } from './domain-names.ts'
import { amplification, icmpFlood, type Reflector, synAckFlood, synFlood, udpFlood } from './floods.ts'
import { controlCertificate, encryptedDns, namelessTls, type Weakness, weakTls } from './handshakes.ts'
import { fullReceiver, lossyPath, slowServer } from './health.ts'
import { type KerberosAttack, kerberosAttack } from './kerberos.ts'
import { arpScan, dnsRebinding, namePoisoning, zoneTransfer } from './link-names.ts'
import { bruteForce, type Service } from './logins.ts'
import { arpSpoofing, dhcpStarvation, duplicateAddress, macFlood, rogueDhcp, rogueRouter, silentOwners } from './neighbours.ts'
import { listedPeer, longConnection, type Mismatch, mining, mismatch, strangeContent, tor, traceroute } from './oddities.ts'
import { exfiltration, icmpTunnel, type Way } from './outflow.ts'
import { osScan, type Probe, pingSweep, protocolScan, quietSweep, ruleOf, type Scan, scan } from './scans.ts'
import { EXPLOITS, httpExploit, programDownload, slowRequests, webScan, webShell } from './web.ts'
import { type Calls, remoteProcedures, repeatedProcedures, smbExploit } from './windows.ts'
import type { World } from './world.ts'

export interface Attack {
  rule: string
  /** How long it takes. */
  seconds: number
  /** Only seen inside the LAN. */
  needsLan: boolean
  run(world: World, atS: number): void
}

const all: Attack[] = []
const add = (rule: string, seconds: number, run: Attack['run'], needsLan = false): void => {
  all.push({ rule, seconds, needsLan, run })
}

/** Shares refused and open: a bare machine, a firewall that swallows, something between. */
const ANSWERS = [
  { refused: 0.97, open: 0.03 },
  { refused: 0, open: 0.02 },
  { refused: 0.5, open: 0.05 },
]
const DIRECTIONS: Pick<Scan, 'from' | 'towards'>[] = [
  { from: 'inside', towards: 'inside' },
  { from: 'outside', towards: 'inside' },
  { from: 'inside', towards: 'outside' },
]

const SCANS: [Probe, number, number, number][] = [
  // probe, a second, ports, hosts
  ['syn', 100, 1000, 1],
  ['syn', 1000, 1000, 1],
  ['syn', 10, 300, 1],
  ['syn', 1, 60, 1],
  ['syn', 0.1, 30, 1],
  ['syn', 0.02, 30, 1],
  ['connect', 20, 200, 1],
  ['connect', 0.2, 40, 1],
  ['fin', 50, 200, 1],
  ['null', 50, 200, 1],
  ['xmas', 50, 200, 1],
  ['ack', 50, 200, 1],
  ['maimon', 20, 100, 1],
  ['ack', 20, 1, 60],
  ['udp', 20, 150, 1],
  ['udp', 1, 50, 1],
  ['syn', 50, 40, 4],
  ['syn', 50, 1, 100],
  ['syn', 5, 1, 60],
  ['syn', 0.1, 1, 40],
  ['syn', 0.02, 1, 40],
  ['connect', 10, 1, 80],
  ['udp', 20, 1, 80],
  ['fin', 20, 1, 60],
  ['syn', 100, 20, 30],
  ['syn', 20_000, 13, 1],
  ['syn', 20_000, 1, 16],
]
for (const [probe, perSecond, ports, hosts] of SCANS) {
  DIRECTIONS.forEach((direction, index) => {
    const answers = ANSWERS[(index + ports) % ANSWERS.length]
    const options: Scan = { probe, perSecond, ports, hosts, ...direction, ...answers }
    const seconds = ((ports * hosts) / perSecond) * 1.1 + 5
    add(ruleOf(options), seconds, (world, atS) => scan(world, atS, options), direction.towards === 'inside')
  })
}
for (const hosts of [9, 12])
  for (const everyS of [300, 400]) {
    const slow: Scan = { probe: 'syn', perSecond: 1 / everyS, ports: 1, hosts, from: 'outside', towards: 'inside', refused: 0, open: 0 }
    add('sweep', hosts * everyS * 1.1 + 5, (world, atS) => scan(world, atS, slow), true)
  }
for (const perSecond of [100, 10, 1]) add('sweep', 60 / perSecond + 5, (world, atS) => pingSweep(world, atS, 60, perSecond), true)

for (const towards of ['inside', 'outside'] as const) {
  for (const [perSecond, seconds] of [
    [60, 30],
    [200, 15],
    [1200, 10],
  ] as const) {
    for (const sources of [0, 1, 30]) {
      const flood = { perSecond, seconds, sources, towards }
      add('syn-flood', seconds, (world, atS) => synFlood(world, atS, flood, sources > 1 || (sources === 0 && towards === 'inside')))
    }
  }
  for (const perSecond of [700, 2000]) {
    for (const sources of [0, 1, 20]) {
      const flood = { perSecond, seconds: 6, sources, towards }
      add('flood', 6, (world, atS) => udpFlood(world, atS, flood, false))
      add('flood', 6, (world, atS) => icmpFlood(world, atS, flood))
    }
  }
  for (const perSecond of [6000, 9000]) {
    add('flood', 3, (world, atS) => udpFlood(world, atS, { perSecond, seconds: 3, sources: 1, towards }, true))
  }
}
for (const kind of ['dns', 'ntp', 'ssdp', 'cldap', 'memcached'] as Reflector[]) {
  for (const [perSecond, sources] of [
    [400, 40],
    [1500, 120],
    [100, 60],
  ] as const) {
    add('flood', 12, (world, atS) => amplification(world, atS, { perSecond, seconds: 12, sources, towards: 'inside' }, kind))
  }
}

for (const service of ['ssh', 'rdp', 'ftp', 'telnet', 'smtp', 'pop3', 'imap', 'mysql', 'mssql', 'postgresql', 'vnc', 'smb'] as Service[]) {
  for (const [attempts, perSecond, succeeds, from] of [
    [40, 0.2, false, 'outside'],
    [120, 4, true, 'outside'],
    [60, 1, true, 'inside'],
  ] as const) {
    const seconds = attempts / perSecond + 60
    add('brute-force', seconds, (world, atS) => bruteForce(world, atS, { service, attempts, perSecond, succeeds, from }), from === 'inside')
  }
}

for (const [index, kind] of Object.keys(EXPLOITS).entries()) {
  for (const from of ['inside', 'outside', 'inside', 'outside'] as const)
    add('http-exploit', 8, (world, atS) => httpExploit(world, atS, kind, from, index % 2 === 0), true)
}
for (const [program, target, contentType] of [
  ['PE', '/update.exe', 'application/octet-stream'],
  ['PE', '/images/logo.png', 'image/png'],
  ['ELF', '/bins/arm7', 'application/octet-stream'],
  ['script', '/install.sh', 'text/plain'],
  ['class', '/Exploit.class', 'application/java-vm'],
] as const) {
  for (const isNamed of [true, false])
    for (const isSplit of [true, false])
      add('program-download', 12, (world, atS) => programDownload(world, atS, { program, target, contentType, isNamed, isSplit }))
}
for (const [names, everyS] of [
  [3, 1],
  [4, 20],
  [6, 5],
  [8, 30],
] as const)
  for (let count = 0; count < 5; count++)
    add('name-poisoning', names * everyS + 3, (world, atS) => namePoisoning(world, atS, names, everyS), true)
for (let count = 0; count < 20; count++) add('zone-transfer', 6, (world, atS) => zoneTransfer(world, atS, count % 3 > 0), true)
for (const [hosts, perSecond] of [
  [254, 100],
  [254, 10],
  [80, 500],
  [60, 2],
] as const)
  for (let count = 0; count < 5; count++)
    add('arp-scan', hosts / perSecond + 2, (world, atS) => arpScan(world, atS, hosts, perSecond), true)
const REMOTE_CALLS: Calls[] = [
  { interface: 'svcctl', operations: [15, 12, 19], over: 'smb' },
  { interface: 'svcctl', operations: [15, 24], over: 'tcp' },
  { interface: 'atsvc', operations: [0], over: 'smb' },
  { interface: 'schrpc', operations: [1, 12], over: 'tcp' },
  { interface: 'drsuapi', operations: [0, 12, 3, 3], over: 'tcp' },
  { interface: 'netlogon', operations: Array.from({ length: 70 }, (_, i) => (i % 2 === 0 ? 4 : 26)), over: 'tcp' },
  { interface: 'efsrpc', operations: [0], over: 'smb' },
  { interface: 'netdfs', operations: [13], over: 'smb' },
]
for (const calls of REMOTE_CALLS)
  for (let count = 0; count < 3; count++) add('remote-administration', 10, (world, atS) => remoteProcedures(world, atS, calls), true)
for (const kind of ['exploit', 'test', 'implant'] as const)
  for (let count = 0; count < 7; count++) add('smb-exploit', 8, (world, atS) => smbExploit(world, atS, kind), true)

for (const service of [
  'ftp',
  'telnet',
  'http-basic',
  'http-form',
  'pop3',
  'imap',
  'smtp-plain',
  'smtp-login',
  'ldap',
  'snmp',
] as ClearService[]) {
  for (const isOutward of [true, true, false])
    add('clear-text-login', 20, (world, atS) => clearLogin(world, atS, service, isOutward), !isOutward)
}

for (const [service, port] of [
  ['ssh', 902],
  ['ssh', 8022],
  ['ftp', 2121],
  ['mysql', 33_060],
  ['smb', 139],
  ['vnc', 5999],
] as [Service, number][]) {
  const guessing = { service, port, attempts: 60, perSecond: 2, succeeds: port % 2 === 1, from: 'inside' as const }
  add('brute-force', 90, (world, atS) => bruteForce(world, atS, guessing), true)
}

for (const periodS of [2, 3, 4]) {
  for (const jitter of [0, 0.1, 0.2]) {
    for (const carrier of ['https', 'tcp'] as const)
      add('beacon', periodS * 70, (world, atS) => beacon(world, atS, { periodS, jitter, periods: 60, carrier }))
  }
}
const BEACONS: [number, number][] = [10, 30, 60, 120, 300, 600].flatMap((period) =>
  [0, 0.1, 0.2, 0.3].map((jitter): [number, number] => [period, jitter]),
)
BEACONS.forEach(([periodS, jitter], index) => {
  for (const carrier of ['https', (['http', 'tcp', 'udp', 'https many addresses'] as const)[index % 4]] as Beacon['carrier'][]) {
    for (const periods of periodS <= 120 ? [10, 30] : [10]) {
      add('beacon', periodS * periods * 1.1 + 5, (world, atS) => beacon(world, atS, { periodS, jitter, periods, carrier }))
    }
  }
})

for (const [encoding, type, length] of [
  ['base32', 'NULL', 120],
  ['base32', 'A', 110],
  ['base32', 'TXT', 55],
  ['base64url', 'TXT', 150],
  ['base64url', 'CNAME', 100],
  ['hexadecimal', 'TXT', 60],
  ['hexadecimal', 'A', 120],
  ['hexadecimal', 'CNAME', 40],
  ['numbered chunks', 'A', 50],
  ['numbered chunks', 'AAAA', 30],
] as [Encoding, 'A', number][]) {
  for (const [perSecond, queries] of [
    [20, 600],
    [2, 300],
    [0.3, 120],
  ] as const) {
    add('dns-tunnel', queries / perSecond + 10, (world, atS) => dnsTunnel(world, atS, { encoding, type, perSecond, queries, length }))
  }
}
for (const kind of ['letters', 'alphanumeric', 'hexadecimal', 'consonants'] as const) {
  for (const [names, perSecond] of [
    [20, 0.1],
    [40, 0.5],
    [60, 2],
    [150, 5],
    [300, 20],
    [30, 1],
  ] as const) {
    add('generated-names', names / perSecond + 30, (world, atS) => generatedNames(world, atS, { kind, names, perSecond }))
  }
}

for (const [names, perSecond] of [
  [40, 2],
  [60, 0.5],
  [120, 5],
  [40, 0.2],
] as const) {
  for (const ending of ['bazar', 'com', 'lib', 'net', 'org']) {
    // So slow, a program is only told from the others when it has an address of its own.
    add('nxdomain-burst', names / perSecond + 20, (world, atS) => missingDomains(world, atS, { names, perSecond, ending }), perSecond < 0.5)
  }
}

for (const bytes of [120, 400, 1000, 1400]) {
  for (const [packets, perSecond] of [
    [40, 1],
    [150, 10],
    [400, 50],
  ] as const) {
    for (const isTwoWay of [true, false]) {
      const from = bytes === 400 ? 'outside' : 'inside'
      add('icmp-tunnel', packets / perSecond + 5, (world, atS) => icmpTunnel(world, atS, { packets, bytes, perSecond, isTwoWay, from }))
    }
  }
}
for (const way of ['https', 'ssh', 'http', 'quic', 'https in pieces'] as Way[]) {
  for (const megabytes of [11, 11, 14, 18]) add('exfiltration', 250, (world, atS) => exfiltration(world, atS, way, megabytes))
}

for (const weakness of ['ssl 3.0', 'tls 1.0', 'tls 1.1', 'rc4', 'export', 'null cipher', 'expired', 'self-signed'] as Weakness[]) {
  for (let count = 0; count < 4; count++) add('weak-tls', 40, (world, atS) => weakTls(world, atS, weakness))
}

for (const subject of ['Quasar Server CA', 'AsyncRAT Server', 'DcRat Server', 'VenomRAT Server', 'Orcus Server', 'Major Cobalt Strike']) {
  for (let count = 0; count < 4; count++) add('control-certificate', 40, (world, atS) => controlCertificate(world, atS, subject))
}

for (const [everyS, seconds] of [
  [1, 60],
  [2, 300],
  [10, 120],
  [0.5, 30],
] as const) {
  for (const isTwoWay of [true, false, true, false])
    add('arp-spoofing', seconds + 20, (world, atS) => arpSpoofing(world, atS, everyS, seconds, isTwoWay), true)
}
for (let count = 0; count < 8; count++) add('arp-spoofing', 40, duplicateAddress, true)
for (let count = 0; count < 8; count++) add('arp-spoofing', 90, (world, atS) => silentOwners(world, atS, count % 2 === 0), true)
for (let count = 0; count < 20; count++) add('rogue-dhcp', 70, rogueDhcp, true)
for (let count = 0; count < 20; count++) add('rogue-router', 70, rogueRouter, true)

for (const kind of ['udp', 'icmp', 'tcp'] as const) {
  for (const hops of [5, 7, 9, 11, 13, 16, 19]) add('traceroute', 15, (world, atS) => traceroute(world, atS, kind, hops))
}
for (const port of [3333, 4444, 14_444, 80, 8333, 5555, 443, 7777, 9999, 20_535]) {
  for (const kind of ['bitcoin', 'monero'] as const) add('mining', 130, (world, atS) => mining(world, atS, kind, port))
}
for (let relays = 1; relays <= 20; relays++) add('tor', 60, (world, atS) => tor(world, atS, 1 + (relays % 4)))
for (let count = 0; count < 12; count++) {
  for (const kind of ['address', 'domain'] as const) add('blocklist', 20, (world, atS) => listedPeer(world, atS, kind))
}
for (const hours of [1.1, 1.3, 1.5, 1.8])
  for (let count = 0; count < 5; count++) add('long-connection', hours * 3600 + 5, (world) => longConnection(world, hours))
for (const kind of [
  'ssh on 443',
  'ssh on 80',
  'http on 53',
  'http on 22',
  'tls on 53',
  'irc on 443',
  'tls on 22',
  'http on 443',
] as Mismatch[]) {
  for (let count = 0; count < 3; count++) add('unusual-port', 20, (world, atS) => mismatch(world, atS, kind))
}

export const ATTACKS: readonly Attack[] = all

const apart: Attack[] = []
const addApart = (rule: string, seconds: number, run: Attack['run'], needsLan = false): void => {
  apart.push({ rule, seconds, needsLan, run })
}
for (const share of [0.05, 0.08, 0.12, 0.2]) {
  for (const segments of [800, 1000, 1200, 1500, 2000])
    addApart('lossy-path', segments * (0.06 + share * 0.4) + 5, (world, atS) => lossyPath(world, atS, share, segments))
}
for (const seconds of [1.5, 3, 6, 12]) {
  for (const requests of [6, 8, 10, 14, 20])
    addApart('slow-server', requests * (seconds + 1) * 2 + 20, (world, atS) => slowServer(world, atS, seconds, requests))
}
for (const seconds of [2, 4, 8, 20, 60]) {
  for (let count = 0; count < 4; count++) addApart('full-receiver', seconds + 5, (world, atS) => fullReceiver(world, atS, seconds))
}

for (const protocols of [20, 60, 120, 250])
  for (const perSecond of [0.5, 5, 50, 500, 1000])
    addApart('protocol-scan', protocols / perSecond + 3, (world, atS) => protocolScan(world, atS, protocols, perSecond), true)
for (const protocol of ['modbus', 's7comm', 'dnp3', 'ethernet-ip', 'iec104'] as const) {
  for (let count = 0; count < 3; count++) addApart('controller-change', 400, (world, atS) => newMaster(world, atS, protocol), true)
  addApart('controller-change', 8, (world, atS) => outsideMaster(world, atS, protocol), true)
}
for (const port of [80, 443] as const)
  for (const conversations of [1, 2, 3, 5, 8])
    for (let count = 0; count < 2; count++)
      addApart('strange-content', conversations * 2 + 5, (world, atS) => strangeContent(world, atS, port, conversations), true)
for (const way of ['put', 'form', 'split form'] as const)
  for (const from of ['inside', 'outside'] as const) addApart('http-exploit', 8, (world, atS) => webShell(world, atS, way, from), true)
for (let count = 0; count < 20; count++) addApart('os-scan', 12, (world, atS) => osScan(world, atS, 1 + (count % 5)), true)
for (const kind of ['timestamp', 'ack'] as const)
  for (const hosts of [30, 60, 200]) addApart('sweep', hosts * 0.04 + 3, (world, atS) => quietSweep(world, atS, hosts, kind), true)
for (const [clients, perSecond] of [
  [120, 2.5],
  [200, 10],
  [400, 100],
  [3000, 1500],
] as const)
  for (let count = 0; count < 5; count++)
    addApart(
      'dhcp-starvation',
      clients / perSecond + 2,
      (world, atS) => dhcpStarvation(world, atS, clients, perSecond, count % 2 === 0),
      true,
    )
for (const afterS of [2, 10, 60, 200, 400])
  for (const inside of ['192.168.99.1', '10.99.0.80', '172.20.0.1', '127.0.0.1'])
    addApart('dns-rebinding', afterS + 5, (world, atS) => dnsRebinding(world, atS, afterS, inside), true)
for (const resolver of ['dns.google', 'cloudflare-dns.com', 'mozilla.cloudflare-dns.com', 'dns.quad9.net', 'dns.nextdns.io'])
  for (const port of [443, 853] as const)
    for (let count = 0; count < 2; count++) addApart('encrypted-dns', 12, (world, atS) => encryptedDns(world, atS, resolver, port), true)
for (const sources of [20, 200])
  for (const perSecond of [100, 1000])
    addApart('flood', 12, (world, atS) => synAckFlood(world, atS, { perSecond, seconds: 10, sources, towards: 'inside' }), true)
const KERBEROS_ATTACKS: KerberosAttack[] = [
  { kind: 'spray', names: 40, seconds: 1, over: 'tcp' },
  { kind: 'spray', names: 8, seconds: 60, over: 'udp' },
  { kind: 'spray', names: 25, seconds: 0.2, over: 'udp', isLucky: true },
  { kind: 'guess', names: 60, seconds: 2, over: 'tcp' },
  { kind: 'guess', names: 30, seconds: 0.1, over: 'udp', isLucky: true },
  { kind: 'names', names: 200, seconds: 0.05, over: 'udp' },
  { kind: 'names', names: 20, seconds: 5, over: 'tcp' },
  { kind: 'kerberoast', names: 6, seconds: 0.3, over: 'tcp' },
  { kind: 'kerberoast', names: 20, seconds: 10, over: 'tcp' },
  { kind: 'as-rep', names: 3, seconds: 1, over: 'udp' },
]
const MORE_REMOTE_CALLS: Calls[] = [
  { interface: 'spoolss', operations: [69, 65, 29], over: 'smb' },
  { interface: 'spoolss', operations: [1, 62], over: 'tcp' },
  { interface: 'spoolss', operations: [89], over: 'smb' },
  { interface: 'winreg', operations: [2, 15, 20], over: 'smb' },
  { interface: 'winreg', operations: [2, 6, 22], over: 'smb' },
  { interface: 'samr', operations: [64, 6, 5, 7, 13], over: 'smb' },
  { interface: 'wmi', operations: [6, 24], over: 'tcp' },
]
for (const calls of MORE_REMOTE_CALLS)
  for (let count = 0; count < 3; count++) addApart('remote-administration', 10, (world, atS) => repeatedProcedures(world, atS, calls), true)
for (const attack of KERBEROS_ATTACKS)
  for (let count = 0; count < 2; count++)
    addApart('kerberos-attack', attack.names * attack.seconds + 3, (world, atS) => kerberosAttack(world, atS, attack), true)

for (const kind of ['dnscat2', 'iodine', 'staged', 'commands'] as Channel[]) {
  for (const [everyS, answers] of [
    [0.2, 300],
    [1, 60],
    [5, 40],
    [20, 25],
    [40, 16],
  ] as const)
    addApart('dns-answers', everyS * answers * 1.3 + 10, (world, atS) => dnsAnswerChannel(world, atS, kind, everyS, answers))
}
for (const [subject, port, calls] of [
  ['localhost', 443, 1],
  ['C=XX, ST=1', 443, 6],
  ['', 8443, 3],
  ['example.com', 4443, 2],
  ['WIN-7K2P', 449, 10],
] as [string, number, number][]) {
  for (let count = 0; count < 4; count++)
    addApart('nameless-tls', calls * 30 + 10, (world, atS) => namelessTls(world, atS, subject, port, calls))
}
for (const [words, everyUs] of [
  [40, 1_000_000],
  [120, 200_000],
  [600, 20_000],
  [3000, 3_000],
] as const)
  for (const way of ['kept', 'each'] as const)
    for (const from of ['inside', 'outside', 'inside'] as const)
      addApart('web-scan', (words * (everyUs + 60_000)) / 1e6 + 3, (world, atS) => webScan(world, atS, words, everyUs, way, from), true)
for (const part of ['head', 'body'] as const)
  for (const connections of [60, 120, 250, 400])
    for (const [everyS, sources] of [
      [3, 1],
      [10, 1],
      [5, 12],
    ] as const)
      addApart('slow-requests', everyS * 6 + connections / 50 + 8, (world, atS) =>
        slowRequests(world, atS, connections, everyS, sources, part),
      )
for (const frames of [1200, 3000, 10_000, 20_000])
  for (const perSecond of [200, 1000, 5000])
    for (let count = 0; count < 2; count++)
      addApart('mac-flood', frames / perSecond + 3, (world, atS) => macFlood(world, atS, frames, perSecond), true)

/** In captures of their own, so that the others stay where they are: poor health of the network, which hides attacks, and what came later. */
export const APART: readonly Attack[] = apart
