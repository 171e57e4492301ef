// The kernel's own count of an interface's packets: what a source that does not count its drops is compared with.
import { readFileSync } from 'node:fs'

/** linux/if_arp.h */
const ARPHRD_LOOPBACK = 772

export interface InterfaceCounters {
  /** Received and sent. */
  packets: number
}

/** Null where the system has no such counters (the interface is gone, or not Linux). */
export function readCounters(name: string): InterfaceCounters | null {
  try {
    const count = (what: string) => Number(readFileSync(`/sys/class/net/${name}/${what}`, 'utf8'))
    // On a loopback interface every packet is sent and received, and captured once.
    const isLoopback = count('type') === ARPHRD_LOOPBACK
    return { packets: count('statistics/rx_packets') + (isLoopback ? 0 : count('statistics/tx_packets')) }
  } catch {
    return null
  }
}

/**
 * Packets missed, as far as counters tell: what the interface moved since the beginning less what was captured. Not exact: the two are not read at the
 * same moment, segments the network card joins or splits count differently, and a filter makes the comparison impossible.
 */
export function estimateDrops(first: InterfaceCounters | null, now: InterfaceCounters | null, captured: number): number {
  if (first === null || now === null) return 0
  return Math.max(0, now.packets - first.packets - captured)
}
