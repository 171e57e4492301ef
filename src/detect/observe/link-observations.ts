// What observers find in the local network and in ICMP: ARP, DHCP, router advertisements, echo, expired hop limits, hardware addresses.

/** A frame: its number in its capture, from 1, and the capture's index. */
export interface FramePlace {
  frame: number
  capture: number
}

/** Hardware addresses that claimed an IP address in ARP. */
export interface ArpClaims {
  /** Numbers of up to two tags (IEEE 802.1Q), 12 bits each; 0 without. */
  vlan: number
  ip: string
  /** Empty if others name the address and nobody claims it. */
  claims: ArpClaim[]
  /** Hardware addresses by which replies of other hosts name it, at most four. */
  named: string[]
  /** Hardware addresses that IP packets of this address came from, at most two; only where somebody claims it unasked, and once the hosts are known. */
  senders: string[]
}

export interface ArpClaim {
  /** Lower case, colons. */
  mac: string
  /** Its first frame in its capture, from 1, and the capture's index. */
  frame: number
  capture: number
  firstUs: number
  lastUs: number
  packets: number
  /** Replies, requested or not. */
  replies: number
  /** The same message by another hardware address came at most 20 ms before: a bridge sent it on. */
  repeats: number
  /** Replies to a single host when nobody had asked within three seconds. */
  unasked: number
  /** Times at which it took the address, the first time or from another one; the first 32. */
  takenUs: number[]
}

/** A host that answers DHCP as a server. */
export interface DhcpServer {
  flow: number
  /** Option 54 (RFC 2132 9.7), else the sender's address. */
  ip: string
  /** Sender of the frame, '' if the link layer has none; of a relayed answer, the relay. */
  mac: string
  firstUs: number
  lastUs: number
  /** Offers and acknowledgments. */
  answers: number
  /** Router and DNS server for its clients, '' for none. */
  router: string
  dnsServer: string
  /** Network of its last offered address, as text: address/prefix length. */
  network: string
}

/** The minute of a rush in which the most clients asked DHCP for an address, each by its hardware address; without what relays send on. */
export interface DhcpClients {
  /** Of the last request. */
  flow: number
  clients: number
  /** Of these, how many a frame of another hardware address asked for; one such sender, '' for none. */
  foreign: number
  mac: string
  firstUs: number
  lastUs: number
}

/** A host that announces itself as IPv6 router (RFC 4861 4.2). */
export interface Ipv6Router {
  flow: number
  ip: string
  mac: string
  firstUs: number
  lastUs: number
  packets: number
  /** Seconds; 0: not a default router. */
  lifetimeS: number
  /** low, medium or high (RFC 4191 2.1). */
  preference: string
  /** Prefixes announced (RFC 4861 4.6.2), at most eight. */
  prefixes: string[]
  /** Recursive DNS servers (RFC 8106), at most eight. */
  dnsServers: string[]
}

/** Routers that reported expired hop limits to a host for one target: the pattern of traceroute. */
export interface TimeExceeded {
  /** Host id of the sender of the expired packets. */
  source: number
  /** Target of the expired packets. */
  target: string
  /** Different routers that answered, at most 64. */
  routers: number
  packets: number
  firstUs: number
  lastUs: number
  /** Flows of the ICMP messages, at most 64. */
  flows: number[]
}

/** Echo requests and replies of one flow (RFC 792, RFC 4443 4). Payload is the data after identifier and sequence number. */
export interface EchoPayloads {
  flow: number
  requests: number
  replies: number
  requestBytes: number
  replyBytes: number
  maxPayloadBytes: number
  /** Payloads of more than 64 bytes, and those among them that differ from the one before in more than a time stamp's 16 bytes at the front. */
  largePackets: number
  changingPackets: number
  /** Replies with another payload than the request, which echo forbids; counted only if the request was seen. */
  alteredReplies: number
  /** Large requests with the identifier and number of one before and other data; ping counts up. */
  rewrittenRequests: number
  /** Entropy in bits per byte, mean of at most 64 large payloads. */
  entropyBits: number
}

/** A hardware address that asks in ARP for one address after the other. */
export interface ArpQuestions extends FramePlace {
  mac: string
  /** The address it asks for: its own, '' in probes (RFC 5227). */
  ip: string
  /** Most different addresses asked for within a minute, at most 1,024, and when; the frame is the first question of that minute. */
  addresses: number
  firstUs: number
  lastUs: number
  /** Packets of hosts outside come from it. False until the hosts are known. */
  isRouter: boolean
}

/** A hardware address that sent IP packets for one address only, which has one conversation, and no answer in it. */
export interface UnansweredSender {
  flow: number
  host: number
  mac: string
}

/** Hardware addresses that IP packets of a host came from in the frames of its first packets: its own on its own link, else a router's. */
export interface SenderMacs {
  /** At most two, as numbers of 48 bits. */
  of(host: number): number[]
  /** The only one; 0 for none, or for several. */
  onlyOf(host: number): number
  /** The conversation whose first packet had it; meaningless without one. */
  flowOf(host: number): number
}
