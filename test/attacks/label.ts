// What the generator knows of a capture it wrote, as the JSON beside it: `NAME.pcap` and `NAME.labels.json`.
import type { Severity } from '../../src/detect/engine/finding.ts'

/** One thing that happened and that a rule has to find. Addresses are as the capture shows them, so behind NAT the translated one. */
export interface Label {
  rule: string
  /** Who did it; null where the rule names nobody. */
  source: string | null
  /** Whom it was done to; null for many. */
  target: string | null
  first_us: number
  last_us: number
  /** What sort, at which rate: for the list of misses. */
  variant: string
  /** Other rules that may rightly speak of the same thing. */
  also: string[]
}

/** A finding that is neither right nor wrong: what happened looks exactly like it, so nobody is to be blamed for saying so. */
export interface Allowance {
  rule: string
  source: string | null
  target: string | null
  reason: string
  /** The gravest that is still fair; graver is false. */
  gravest: Severity
}

export interface Labels {
  /** Lines for --blocklist. */
  blocklist: string[]
  /** How long the capture is. */
  seconds: number
  labels: Label[]
  allowed: Allowance[]
}
