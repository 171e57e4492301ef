// All rules, in the order `rtnvis rules` lists them.
import type { Rule } from '../engine/finding.ts'
import { arpScan } from './arp-scan.ts'
import { arpSpoofing } from './arp-spoofing.ts'
import { attackTool } from './attack-tool.ts'
import { beacon } from './beacon.ts'
import { blocklist } from './blocklist.ts'
import { bruteForce } from './brute-force.ts'
import { clearTextLogin } from './clear-text-login.ts'
import { controlCertificate } from './control-certificate.ts'
import { controllerChange } from './controller-change.ts'
import { dhcpStarvation } from './dhcp-starvation.ts'
import { dnsAnswers } from './dns-answers.ts'
import { dnsRebinding } from './dns-rebinding.ts'
import { dnsTunnel } from './dns-tunnel.ts'
import { encryptedDns } from './encrypted-dns.ts'
import { exfiltration } from './exfiltration.ts'
import { flood } from './flood.ts'
import { fullReceiver } from './full-receiver.ts'
import { generatedNames } from './generated-names.ts'
import { httpExploit } from './http-exploit.ts'
import { icmpTunnel } from './icmp-tunnel.ts'
import { kerberosAttack } from './kerberos-attack.ts'
import { longConnection } from './long-connection.ts'
import { lossyPath } from './lossy-path.ts'
import { macFlood } from './mac-flood.ts'
import { mining } from './mining.ts'
import { namePoisoning } from './name-poisoning.ts'
import { namelessTls } from './nameless-tls.ts'
import { newDestination } from './new-destination.ts'
import { nxdomainBurst } from './nxdomain-burst.ts'
import { osScan } from './os-scan.ts'
import { portScan } from './port-scan.ts'
import { programDownload } from './program-download.ts'
import { protocolScan } from './protocol-scan.ts'
import { remoteAdministration } from './remote-administration.ts'
import { rogueDhcp } from './rogue-dhcp.ts'
import { rogueRouter } from './rogue-router.ts'
import { slowRequests } from './slow-requests.ts'
import { slowServer } from './slow-server.ts'
import { smbExploit } from './smb-exploit.ts'
import { strangeContent } from './strange-content.ts'
import { sweep } from './sweep.ts'
import { synFlood } from './syn-flood.ts'
import { tor } from './tor.ts'
import { traceroute } from './traceroute.ts'
import { unusualPort } from './unusual-port.ts'
import { weakTls } from './weak-tls.ts'
import { webScan } from './web-scan.ts'
import { zoneTransfer } from './zone-transfer.ts'

export const RULES: readonly Rule[] = [
  portScan,
  protocolScan,
  osScan,
  sweep,
  synFlood,
  flood,
  slowRequests,
  bruteForce,
  attackTool,
  webScan,
  httpExploit,
  programDownload,
  smbExploit,
  remoteAdministration,
  kerberosAttack,
  controllerChange,
  beacon,
  exfiltration,
  icmpTunnel,
  dnsTunnel,
  dnsAnswers,
  generatedNames,
  nxdomainBurst,
  zoneTransfer,
  dnsRebinding,
  encryptedDns,
  clearTextLogin,
  weakTls,
  controlCertificate,
  namelessTls,
  arpSpoofing,
  arpScan,
  macFlood,
  namePoisoning,
  rogueDhcp,
  dhcpStarvation,
  rogueRouter,
  traceroute,
  mining,
  tor,
  longConnection,
  unusualPort,
  strangeContent,
  newDestination,
  blocklist,
  lossyPath,
  slowServer,
  fullReceiver,
]

/** Version of the rule set, the sum of the rules' versions: it rises with every rule that is added or changed. */
export const RULES_VERSION = String(RULES.reduce((sum, { version }) => sum + version, 0))

/** Ids of the rules that cannot be asked again over a report without observations. */
export const READ_OBSERVATIONS: readonly string[] = RULES.filter(({ readsObservations }) => readsObservations).map(({ id }) => id)
