// Observations that a report keeps, so that rules are asked again without its capture: of each kind, the fields of an entry, and how entries about the
// same thing are joined. Hardware addresses of all senders and digests of all files would be too many: what rules need of them is in other kinds.
import type { ArpClaim, Certificate, Observations } from './observations.ts'

export type KeptKind =
  | 'credentials'
  | 'answeredLogins'
  | 'tls'
  | 'arp'
  | 'arpQuestions'
  | 'unansweredSenders'
  | 'dhcpServers'
  | 'dhcpClients'
  | 'ipv6Routers'
  | 'timeExceeded'
  | 'echo'
  | 'mining'
  | 'httpExploits'
  | 'httpMisses'
  | 'slowRequests'
  | 'carriedPrograms'
  | 'remoteProcedures'
  | 'smbExploits'
  | 'kerberos'
  | 'controllers'
  | 'strangeContent'
  | 'dnsAnswers'

export interface KeptField {
  /** flow, host, capture: an index, in the database counted from 1; flows, times, texts, objects: lists; time: microseconds since the epoch, or 0; count: not negative. */
  type: 'flow' | 'flows' | 'host' | 'capture' | 'text' | 'texts' | 'count' | 'number' | 'time' | 'times' | 'truth' | 'object' | 'objects'
  /**
   * Entries are about the same thing if all fields with `same` are equal. The others then become the sum, the least, the most, the least that is not 0,
   * all values of both (of objects, those about the same thing joined), or the value of the entry that is chosen.
   */
  join: 'same' | 'sum' | 'least' | 'most' | 'leastSet' | 'all' | 'chosen'
  /** The entry with the least, or the most, of this field is chosen. */
  chooses?: true
  /** Most values of a list. */
  limit?: number
  /** The only texts there are. */
  among?: readonly string[]
  /** Of an object, which may be null, or of each in a list. */
  fields?: Readonly<Record<string, KeptField>>
}

type Fields<Kind extends KeptKind> = { readonly [Name in keyof Observations[Kind][number]]-?: KeptField }

const FLOW: KeptField = { type: 'flow', join: 'same' }
const FIRST_FLOW: KeptField = { type: 'flow', join: 'least' }
const HOST: KeptField = { type: 'host', join: 'same' }
const TEXT: KeptField = { type: 'text', join: 'same' }
const ONE_TEXT: KeptField = { type: 'text', join: 'most' }
const TRUTH: KeptField = { type: 'truth', join: 'same' }
const SUM: KeptField = { type: 'count', join: 'sum' }
const MOST: KeptField = { type: 'count', join: 'most' }
const COUNT: KeptField = { type: 'count', join: 'same' }
const TIME: KeptField = { type: 'time', join: 'same' }
const FIRST: KeptField = { type: 'time', join: 'least' }
const LAST: KeptField = { type: 'time', join: 'most' }
const among = (...texts: string[]): KeptField => ({ type: 'text', join: 'same', among: texts })
const CHOSEN_COUNT: KeptField = { type: 'count', join: 'chosen' }
const CHOSEN_TIME: KeptField = { type: 'time', join: 'chosen' }
const CHOSEN_CAPTURE: KeptField = { type: 'capture', join: 'chosen' }
const all = (type: 'flows' | 'texts' | 'times', limit: number): KeptField => ({ type, join: 'all', limit })
const each = (limit: number): KeptField => ({ type: 'texts', join: 'same', limit })

export const KEPT: { readonly [Kind in KeptKind]: Fields<Kind> } = {
  credentials: {
    flow: FLOW,
    service: among('ftp', 'telnet', 'http', 'http-proxy', 'http-form', 'pop3', 'imap', 'smtp', 'ldap', 'snmp'),
    maskedUser: ONE_TEXT,
    firstUs: FIRST,
    lastUs: LAST,
    attempts: SUM,
    refused: SUM,
    accepted: SUM,
  },
  answeredLogins: {
    flow: FLOW,
    service: among('mysql', 'postgresql', 'mssql', 'smb', 'vnc', 'redis', 'ssh'),
    refused: SUM,
    accepted: SUM,
  },
  tls: {
    flow: FLOW,
    atUs: { type: 'time', join: 'least', chooses: true },
    version: CHOSEN_COUNT,
    cipher: CHOSEN_COUNT,
    certificate: {
      type: 'object',
      join: 'chosen',
      fields: {
        sha256: TEXT,
        subject: TEXT,
        issuer: TEXT,
        isSelfIssued: TRUTH,
        names: each(64),
        hasAllNames: TRUTH,
        notBeforeUs: TIME,
        notAfterUs: TIME,
      } satisfies Record<keyof Certificate, KeptField>,
    },
    frame: CHOSEN_COUNT,
    capture: CHOSEN_CAPTURE,
  },
  arp: {
    vlan: COUNT,
    ip: TEXT,
    claims: {
      type: 'objects',
      join: 'all',
      limit: 8,
      fields: {
        mac: TEXT,
        firstUs: { type: 'time', join: 'least', chooses: true },
        frame: CHOSEN_COUNT,
        capture: CHOSEN_CAPTURE,
        lastUs: LAST,
        packets: SUM,
        replies: SUM,
        repeats: SUM,
        unasked: SUM,
        takenUs: all('times', 32),
      } satisfies Record<keyof ArpClaim, KeptField>,
    },
    named: all('texts', 4),
    senders: all('texts', 4),
  },
  arpQuestions: {
    mac: TEXT,
    addresses: { type: 'count', join: 'most', chooses: true },
    ip: { type: 'text', join: 'chosen' },
    firstUs: CHOSEN_TIME,
    lastUs: CHOSEN_TIME,
    frame: CHOSEN_COUNT,
    capture: CHOSEN_CAPTURE,
    isRouter: { type: 'truth', join: 'most' },
  },
  unansweredSenders: { flow: FLOW, host: HOST, mac: TEXT },
  dhcpServers: {
    flow: FIRST_FLOW,
    ip: TEXT,
    mac: TEXT,
    network: ONE_TEXT,
    firstUs: FIRST,
    lastUs: LAST,
    answers: SUM,
    router: ONE_TEXT,
    dnsServer: ONE_TEXT,
  },
  dhcpClients: { flow: FLOW, clients: COUNT, foreign: COUNT, mac: TEXT, firstUs: TIME, lastUs: TIME },
  ipv6Routers: {
    flow: FIRST_FLOW,
    ip: TEXT,
    mac: TEXT,
    preference: among('low', 'medium', 'high'),
    firstUs: FIRST,
    lastUs: LAST,
    packets: SUM,
    lifetimeS: MOST,
    prefixes: all('texts', 8),
    dnsServers: all('texts', 8),
  },
  timeExceeded: { source: HOST, target: TEXT, routers: MOST, packets: SUM, firstUs: FIRST, lastUs: LAST, flows: all('flows', 64) },
  echo: {
    flow: FLOW,
    requests: SUM,
    replies: SUM,
    requestBytes: SUM,
    replyBytes: SUM,
    maxPayloadBytes: MOST,
    largePackets: SUM,
    changingPackets: SUM,
    alteredReplies: SUM,
    rewrittenRequests: SUM,
    entropyBits: { type: 'number', join: 'most' },
  },
  mining: { flow: FLOW, atUs: FIRST, method: ONE_TEXT },
  httpExploits: {
    flow: FLOW,
    kind: among('log4shell', 'shellshock', 'traversal', 'code', 'sql', 'shell'),
    text: ONE_TEXT,
    requests: SUM,
    firstUs: FIRST,
    lastUs: LAST,
  },
  httpMisses: {
    flow: FLOW,
    pages: COUNT,
    misses: COUNT,
    answers: COUNT,
    missing: each(8),
    found: each(8),
    firstUs: TIME,
    lastUs: TIME,
  },
  slowRequests: { flow: FLOW },
  carriedPrograms: {
    flow: FLOW,
    kind: among('PE', 'ELF', 'Mach-O', 'Java class', 'DEX', 'script'),
    target: TEXT,
    contentType: TEXT,
    atUs: TIME,
  },
  remoteProcedures: {
    flow: FLOW,
    interface: TEXT,
    toldBy: among('bind', 'pipe', 'endpoint mapper'),
    operation: TEXT,
    calls: SUM,
    firstUs: FIRST,
    lastUs: LAST,
  },
  smbExploits: { flow: FLOW, sign: among('vulnerable', 'exploit', 'implant'), packets: SUM, atUs: FIRST },
  kerberos: {
    result: among('refused', 'unknown', 'accepted', 'rc4-without-proof', 'rc4-ticket'),
    name: TEXT,
    client: HOST,
    server: HOST,
    count: SUM,
    firstUs: FIRST,
    lastUs: LAST,
    flows: all('flows', 16),
  },
  controllers: {
    flow: FLOW,
    protocol: TEXT,
    requests: SUM,
    changes: SUM,
    operations: all('texts', 8),
    beganUs: FIRST,
    firstUs: { type: 'time', join: 'leastSet' },
    lastUs: LAST,
  },
  strangeContent: { flow: FLOW, begin: ONE_TEXT, atUs: FIRST },
  dnsAnswers: { flow: FLOW, atUs: TIME, name: TEXT, type: TEXT, bytes: COUNT, checksum: COUNT },
}

/** Longest text that is kept, in characters; texts from the network are cut. */
export const KEPT_CHARACTERS = 1000

/** Raised with every kind that is added: meta.observations_kept. */
export const KEPT_VERSION = 2

export const KEPT_KINDS = Object.keys(KEPT) as KeptKind[]

/** An entry of any kind by the names of its fields. */
export interface KeptEntry {
  [name: string]: KeptValue
}
export type KeptValue = number | string | boolean | null | number[] | string[] | KeptEntry | KeptEntry[]

/** `answeredLogins` -> `answered_logins`, as the database has it. */
export const columnName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
