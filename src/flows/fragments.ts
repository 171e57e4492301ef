// Later IP fragments carry no ports: they are counted in the conversation of their first fragment (RFC 791 3.2, RFC 8200 4.5). Bounded tables.
import { HASH_SEED, mix } from './hash.ts'

/** Datagrams remembered; a new one replaces the one in its slot. */
const DATAGRAMS = 8192
/** Fragments kept that arrived before their first fragment. */
const MAX_HELD = 16_384
/** RFC 8200 4.5: reassembly is abandoned after 60 seconds; the identification may be reused then. */
const LIFETIME_US = 60_000_000

/** A fragment that arrived before its first fragment. */
export interface HeldFragment {
  source: number
  target: number
  protocol: number
  id: number
  timeUs: number
  bytes: number
  tunnel: number
  /** Values of Flows.frame and Flows.capture when it arrived. */
  frame: number
  capture: number
}

export class FragmentTable {
  private readonly source = new Int32Array(DATAGRAMS)
  private readonly target = new Int32Array(DATAGRAMS)
  private readonly protocol = new Uint8Array(DATAGRAMS)
  private readonly id = new Uint32Array(DATAGRAMS)
  private readonly flow = new Int32Array(DATAGRAMS).fill(-1)
  private readonly timeUs = new Float64Array(DATAGRAMS)
  private held: HeldFragment[] = []

  /** Stores the conversation of a first fragment. `source` and `target` are host ids. */
  remember(source: number, target: number, protocol: number, id: number, flow: number, timeUs: number): void {
    const slot = slotOf(source, target, protocol, id)
    this.source[slot] = source
    this.target[slot] = target
    this.protocol[slot] = protocol
    this.id[slot] = id
    this.flow[slot] = flow
    this.timeUs[slot] = timeUs
  }

  /** @returns the conversation of a later fragment, or -1 */
  find(source: number, target: number, protocol: number, id: number, timeUs: number): number {
    const slot = slotOf(source, target, protocol, id)
    const isSame = this.source[slot] === source && this.target[slot] === target && this.protocol[slot] === protocol && this.id[slot] === id
    return isSame && Math.abs(timeUs - this.timeUs[slot]) <= LIFETIME_US ? this.flow[slot] : -1
  }

  /** Keeps a fragment; false if the limit is reached. */
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

  /** Removes and returns the kept fragments of a datagram whose first fragment has arrived, in the order of arrival. */
  release(source: number, target: number, protocol: number, id: number): HeldFragment[] {
    const isMine = (f: HeldFragment) => f.source === source && f.target === target && f.protocol === protocol && f.id === id
    const mine = this.held.filter(isMine)
    if (mine.length > 0) this.held = this.held.filter((f) => !isMine(f))
    return mine
  }

  /** Removes and returns all kept fragments, in the order of arrival. */
  releaseAll(): HeldFragment[] {
    const all = this.held
    this.held = []
    return all
  }
}

function slotOf(source: number, target: number, protocol: number, id: number): number {
  return mix(mix(mix(source ^ HASH_SEED) ^ target) ^ (id + protocol)) & (DATAGRAMS - 1)
}
