// The kernel's packet counters of an interface, for capturing programs that do not count drops.
import { readFileSync } from 'node:fs'

/** linux/if_arp.h */
const ARPHRD_LOOPBACK = 772

export interface InterfaceCounters {
  /** Received plus sent. */
  packets: number
}

/** Null if there are no such counters (the interface was removed, or not Linux). */
export function readCounters(name: string): InterfaceCounters | null {
  try {
    const count = (what: string) => Number(readFileSync(`/sys/class/net/${name}/${what}`, 'utf8'))
    // A packet on a loopback interface is counted as sent and as received, but captured once.
    const isLoopback = count('type') === ARPHRD_LOOPBACK
    return { packets: count('statistics/rx_packets') + (isLoopback ? 0 : count('statistics/tx_packets')) }
  } catch {
    return null
  }
}

/**
 * Estimates missed packets: those the interface counted since the start minus the captured ones. Not exact: the counters are read at different times,
 * segments that the network card joins or splits are counted differently, and a filter makes a comparison impossible.
 */
export function estimateDrops(first: InterfaceCounters | null, now: InterfaceCounters | null, captured: number): number {
  if (first === null || now === null) return 0
  return Math.max(0, now.packets - first.packets - captured)
}
