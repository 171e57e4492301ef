// Standard error of the capturing program -> numbers of packets captured and dropped.

export interface ToolCounters {
  captured: number
  /** Null if the tool has not printed it yet, or never does. */
  kernelDrops: number | null
  queueDrops: number
}

/** The latest counters in a tool's output; null if there are none. */
export function parseCounters(said: string): ToolCounters | null {
  return tcpdump(said) ?? dumpcap(said) ?? capProcess(said)
}

/** "12 packets captured, 14 packets received by filter, 2 packets dropped by kernel": one line on SIGUSR1, three at the end. */
function tcpdump(said: string): ToolCounters | null {
  const captured = latest(said, /(\d+) packets? captured/g)
  const dropped = latest(said, /(\d+) packets? dropped by kernel/g)
  return captured === null || dropped === null ? null : { captured, kernelDrops: dropped, queueDrops: 0 }
}

/** "Packets received/dropped on interface 'eth0': 12/2 (pcap:2/dumpcap:0/flushed:0/ps_ifdrop:0) (85.7%)", only at the end. */
function dumpcap(said: string): ToolCounters | null {
  const match = /Packets received\/dropped on interface '.*': (\d+)\/\d+ \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)/.exec(said)
  if (match === null) return null
  const [captured, kernelDrops, queued, flushed] = match.slice(1).map(Number) as [number, number, number, number]
  return { captured, kernelDrops, queueDrops: queued + flushed }
}

/** "rtnvis-cap captured 12 dropped 0", once per second; the package cap does not provide the kernel's drops. */
function capProcess(said: string): ToolCounters | null {
  const captured = latest(said, /rtnvis-cap captured (\d+)/g)
  const dropped = latest(said, /rtnvis-cap captured \d+ dropped (\d+)/g)
  return captured === null || dropped === null ? null : { captured, kernelDrops: null, queueDrops: dropped }
}

function latest(said: string, pattern: RegExp): number | null {
  const matches = [...said.matchAll(pattern)]
  return matches.length === 0 ? null : Number(matches.at(-1)![1])
}
