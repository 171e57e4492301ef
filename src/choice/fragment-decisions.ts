// A fragment -> the decision about its datagram: later fragments have no ports, so they follow the first one. Bounded.
import type { PacketView } from '../decode/packet.ts'

/** Datagrams remembered; the oldest are dropped. */
const DATAGRAMS = 8192
/** RFC 8200 4.5: reassembly is abandoned after 60 seconds; the identification may be reused then. */
const LIFETIME_US = 60_000_000

export class FragmentDecisions {
  private readonly byDatagram = new Map<string, { status: number; timeUs: number }>()

  /** @param decide is asked for first fragments, and for others whose first one has not come: these have no ports */
  decide(view: PacketView, timeUs: number, decide: () => number): number {
    const key = keyOf(view)
    if (view.fragmentOffset > 0) {
      const first = this.byDatagram.get(key)
      return first !== undefined && Math.abs(timeUs - first.timeUs) <= LIFETIME_US ? first.status : decide()
    }
    const status = decide()
    this.byDatagram.delete(key)
    this.byDatagram.set(key, { status, timeUs })
    if (this.byDatagram.size > DATAGRAMS) this.byDatagram.delete(this.byDatagram.keys().next().value!)
    return status
  }
}

function keyOf({ bytes, family, sourceAt, targetAt, fragmentProtocol, fragmentId }: PacketView): string {
  const length = family === 4 ? 4 : 16
  return `${fragmentProtocol} ${fragmentId} ${bytes.subarray(sourceAt, sourceAt + length).join()} ${bytes.subarray(targetAt, targetAt + length).join()}`
}
