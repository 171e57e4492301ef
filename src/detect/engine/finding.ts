// Types of rules, their input and their findings. Rules are pure functions: the same context gives the same findings; time is the capture's.
import type { LocatedHosts } from '../../geo/index.ts'
import type { TcpFacts } from '../../health/tcp-records.ts'
import type { NameResults } from '../../names/index.ts'
import type { Scope, Severity } from '../../types.ts'
import type { Blocklist } from '../blocklist/index.ts'
import type { FlowSample } from '../methods/flow-sample.ts'
import type { FramePlace, Observations } from '../observe/observations.ts'
import type { Baseline } from './baseline.ts'
import type { Conversations } from './conversations.ts'

export type { Severity }

/** A measured value, and the threshold it was compared with. */
export interface Observed {
  name: string
  value: number | string
  /** '' for a count. */
  unit: string
  /** Null: for information, without comparison. */
  threshold: number | null
}

/** The finding as a chart; at most 500 points. */
export interface EvidenceChart {
  kind: 'bars' | 'dots' | 'steps'
  x: { label: string; unit: string }
  y: { label: string; unit: string }
  points: [number, number][]
  threshold: { axis: 'x' | 'y'; value: number; label: string } | null
  caption: string
}

export interface Finding {
  severity: Severity
  /** Why this severity and not another: a sentence. */
  severityReason: string
  /** One sentence in plain words: who did what to whom. */
  title: string
  /** One sentence: what to check next. */
  nextStep: string
  firstUs: number
  lastUs: number
  /** Host ids; null if there is none or more than one. */
  source: number | null
  target: number | null
  observed: Observed[]
  picture: EvidenceChart | null
  /** The conversations that are evidence. */
  flows: FlowSample
  /** For a finding that no conversation shows (ARP): a frame that does, its number in its capture, from 1, and the capture's index. */
  place?: FramePlace
  /** MITRE ATT&CK id, if it differs from the rule's. */
  technique?: string
  /** Server ports and names that it is about; suppressions match them. */
  ports?: number[]
  names?: string[]
}

/** A threshold that a user may set. */
export interface RuleOption {
  default: number
  unit: string
  /** Its effect, and the source of its default. */
  description: string
}

export interface Rule<Name extends string = string> {
  /** Kebab-case; used in --rules files and in alerts.rule. */
  id: string
  /** Raised when its findings change. */
  version: number
  /** It reads observations, all of which a report keeps (observe/kept.ts); over one of an earlier version, which kept fewer or none, its findings stay. */
  readsObservations?: true
  /** What it looks for, in plain words. */
  title: string
  /** MITRE ATT&CK id. */
  technique: string | null
  /** The highest severity it reports. */
  severity: Severity
  /** The published method it follows. */
  source: string
  options: Record<Name, RuleOption>
  run(context: Context, options: Record<Name, number>): Finding[]
}

/** The compiler checks the option names that `run` uses; the returned type no longer has them. */
export function defineRule<Name extends string>(rule: Rule<Name>): Rule {
  return rule as Rule
}

/** By host id. */
export interface HostFacts {
  readonly count: number
  /** Canonical text. */
  ip(host: number): string
  scope(host: number): Scope
  /** Private, loopback, link-local or carrier-grade NAT, or the one public address in nearly all conversations: inside the captured site. */
  isLocal(host: number): boolean
  /** Multicast or broadcast, also of a local network: many receivers, no single one. */
  isGroup(host: number): boolean
  /** 0 if unknown. */
  asn(host: number): number
  asName(host: number): string | null
  /** ISO 3166-1 alpha-2. */
  countryCode(host: number): string | null
  country(host: number): string | null
}

export interface Context {
  /** From the first to the last packet; both 0 without packets. */
  firstUs: number
  lastUs: number
  flows: Conversations
  hosts: HostFacts
  names: NameResults
  located: LocatedHosts
  /** TCP health of conversations that have a record. */
  tcp: TcpFacts
  /** Facts that need packet contents, collected while reading. */
  observations: Observations
  /** Hosts and contacts of an earlier database; null without --baseline. */
  baseline: Baseline | null
  /** Entries of --blocklist; null without it. */
  blocklist: Blocklist | null
}
