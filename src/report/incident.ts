// What an incident is: findings of one story, with who is harmed, by whom, in which steps, and what to look for elsewhere.
import type { FramePlace, IdentityRow } from '../store/read-incidents.ts'
import type { Indicator } from './indicators.ts'

/** What a host says of itself, each kind in the order of time. */
export interface Party {
  ip: string
  macs: IdentityRow[]
  /** Who made the interface; the source is its hardware address. */
  vendors: IdentityRow[]
  /** Operating systems, with how sure. */
  systems: IdentityRow[]
  hostNames: IdentityRow[]
  accounts: IdentityRow[]
  roles: IdentityRow[]
}

export interface Step extends FramePlace {
  alertId: number
  /** Of ATT&CK; null for a finding without a technique. */
  tactic: string | null
  technique: string | null
  severity: string
  title: string
  firstUs: number
}

export interface Incident {
  /** alerts.id of its first finding, as in alerts.story_id. */
  id: number
  severity: string
  /** How sure it is, by the rule that certaintyOf() states. */
  certainty: 'confirmed' | 'likely' | 'possible'
  firstUs: number
  lastUs: number
  /** Null where it cannot be told. */
  attacker: Party | null
  /** The one harmed most first; empty where no single host is named. */
  victims: Party[]
  /** Three sentences. */
  summary: string[]
  steps: Step[]
  indicators: Indicator[]
}
