// Later IP fragments carry no ports: they belong to the conversation of their first one (RFC 791 3.2, RFC 8200 4.5). Bounded tables.
import { HASH_SEED, mix } from './hash.ts'

/** Datagrams in flight that are remembered; the next one takes the place of whatever shares its slot. */
const DATAGRAMS = 8192
/** Fragments that came before their first one and are kept back for it. */
const MAX_HELD = 16_384
/** RFC 8200 4.5: a datagram is given up after 60 seconds; its identification may then come again. */
const LIFETIME_US = 60_000_000

/** A fragment whose first one has not been seen yet. */
export interface HeldFragment {
  source: number
  target: number
  protocol: number
  id: number
  timeUs: number
  bytes: number
  tunnel: number
  /** Flows.frame when it came. */
  frame: number
}

export class FragmentTable {
  private readonly source = new Int32Array(DATAGRAMS)
  private readonly target = new Int32Array(DATAGRAMS)
  private readonly protocol = new Uint8Array(DATAGRAMS)
  private readonly id = new Uint32Array(DATAGRAMS)
  private readonly flow = new Int32Array(DATAGRAMS).fill(-1)
  private readonly timeUs = new Float64Array(DATAGRAMS)
  private held: HeldFragment[] = []

  /** Remembers which conversation a first fragment began. Hosts are ids. */
  remember(source: number, target: number, protocol: number, id: number, flow: number, timeUs: number): void {
    const slot = slotOf(source, target, protocol, id)
    this.source[slot] = source
    this.target[slot] = target
    this.protocol[slot] = protocol
    this.id[slot] = id
    this.flow[slot] = flow
    this.timeUs[slot] = timeUs
  }

  /** The conversation of a later fragment, or -1. */
  find(source: number, target: number, protocol: number, id: number, timeUs: number): number {
    const slot = slotOf(source, target, protocol, id)
    const isSame = this.source[slot] === source && this.target[slot] === target && this.protocol[slot] === protocol && this.id[slot] === id
    return isSame && Math.abs(timeUs - this.timeUs[slot]) <= LIFETIME_US ? this.flow[slot] : -1
  }

  /** Keeps a fragment back; false when no more are kept. */
  hold(fragment: HeldFragment): boolean {
    if (this.held.length >= MAX_HELD) return false
    this.held.push(fragment)
    return true
  }

  get hasHeld(): boolean {
    return this.held.length > 0
  }

  get heldCount(): number {
    return this.held.length
  }

  /** Takes out the fragments kept back for a datagram whose first one has come, in the order they came. */
  release(source: number, target: number, protocol: number, id: number): HeldFragment[] {
    const isMine = (f: HeldFragment) => f.source === source && f.target === target && f.protocol === protocol && f.id === id
    const mine = this.held.filter(isMine)
    if (mine.length > 0) this.held = this.held.filter((f) => !isMine(f))
    return mine
  }

  /** Takes out all that are left, in the order they came. */
  releaseAll(): HeldFragment[] {
    const all = this.held
    this.held = []
    return all
  }
}

function slotOf(source: number, target: number, protocol: number, id: number): number {
  return mix(mix(mix(source ^ HASH_SEED) ^ target) ^ (id + protocol)) & (DATAGRAMS - 1)
}
