// What hosts say of themselves (names, accounts, programs, hardware addresses) -> one row a fact, with the frame that says it first; bounded.
import { compare } from '../compare.ts'
import type { FlowTable } from '../flows/table.ts'
import type { Named } from './host-names.ts'

/** Rows of all hosts; further ones are only counted. */
const MAX_ROWS = 100_000
/** Rows of one kind a host: one with more is a proxy or a scanner, which further rows do not describe better. */
const MAX_OF_KIND = 32

/** In the order in which they are listed. */
export const IDENTITY_KINDS = [
  'role',
  'mac',
  'vendor',
  'os',
  'host-name',
  'account',
  'machine',
  'vendor-class',
  'user-agent',
  'ssh-client',
  'ssh-server',
  'ja4',
  'certificate',
  'file',
] as const

export type IdentityKind = (typeof IDENTITY_KINDS)[number]

export interface Identity {
  kind: IdentityKind
  /** Text from the network, invisible characters escaped. */
  value: string
  /** The protocol that carried it. */
  source: string
  firstUs: number
  /** Packets that carried it; of roles and clients' programs, conversations. */
  count: number
  /** Null where no conversation carried it (ARP). */
  flow: number | null
  /** Frame in its capture, from 1, and the capture's index. */
  frame: number
  capture: number
}

export interface HostIdentity extends Identity {
  host: number
}

/** By host, kind, time. */
export function compareIdentities(a: HostIdentity, b: HostIdentity): number {
  return (
    a.host - b.host ||
    IDENTITY_KINDS.indexOf(a.kind) - IDENTITY_KINDS.indexOf(b.kind) ||
    a.firstUs - b.firstUs ||
    compare(a.value, b.value) ||
    compare(a.source, b.source)
  )
}

export class IdentityLog {
  leftOut = 0
  private rows = 0
  private readonly flows: FlowTable
  private readonly byHost = new Map<Named, Identity[]>()

  constructor(flows: FlowTable) {
    this.flows = flows
  }

  /**
   * Adds a fact; '' is none.
   * @param named host id, or canonical address text
   * @param value as text.ts makes it
   * @param flow null for none
   * @param from what carries it: the packet being read
   */
  add(
    named: Named,
    kind: IdentityKind,
    value: string,
    source: string,
    timeUs: number,
    flow: number | null,
    from: Pick<Identity, 'frame' | 'capture'> = this.flows,
  ): void {
    if (value === '') return
    const of = this.byHost.get(named) ?? []
    let sameKind = 0
    for (const row of of) {
      if (row.kind !== kind) continue
      sameKind++
      if (row.value !== value || row.source !== source) continue
      row.count++
      return
    }
    if (this.rows >= MAX_ROWS || sameKind >= MAX_OF_KIND) {
      this.leftOut++
      return
    }
    if (of.length === 0) this.byHost.set(named, of)
    this.rows++
    of.push({ kind, value, source, firstUs: timeUs, count: 1, flow, frame: from.frame, capture: from.capture })
  }

  /** Takes back what add() added, because it turned out to be wrong. */
  retract(named: Named, kind: IdentityKind, value: string, source: string): void {
    const of = this.byHost.get(named)
    const at = of?.findIndex((row) => row.kind === kind && row.value === value && row.source === source) ?? -1
    if (of === undefined || at < 0 || --of[at].count > 0) return
    of.splice(at, 1)
    this.rows--
    if (of.length === 0) this.byHost.delete(named)
  }

  get isEmpty(): boolean {
    return this.byHost.size === 0
  }

  /** All facts of a host, by its id or its address. */
  of(host: number, address: string): Identity[] {
    const own = this.byHost.get(host)
    const named = this.byHost.get(address)
    if (own === undefined || named === undefined) return own ?? named ?? []
    const isKnown = (row: Identity) =>
      own.some(({ kind, value, source }) => kind === row.kind && value === row.value && source === row.source)
    return [...own, ...named.filter((row) => !isKnown(row))]
  }
}
