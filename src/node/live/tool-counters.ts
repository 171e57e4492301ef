// Standard error of the capturing program -> numbers of packets captured and dropped.

export interface ToolCounters {
  captured: number
  /** Null if the tool has not printed it yet, or never does. */
  kernelDrops: number | null
  queueDrops: number
}

/** The latest counters in a tool's output; null if there are none. */
export function parseCounters(stderr: string): ToolCounters | null {
  return tcpdump(stderr) ?? dumpcap(stderr) ?? capProcess(stderr)
}

/** "12 packets captured, 14 packets received by filter, 2 packets dropped by kernel": one line on SIGUSR1, three at the end. */
function tcpdump(stderr: string): ToolCounters | null {
  const captured = latest(stderr, /(\d+) packets? captured/g)
  const dropped = latest(stderr, /(\d+) packets? dropped by kernel/g)
  return captured === null || dropped === null ? null : { captured, kernelDrops: dropped, queueDrops: 0 }
}

/** "Packets received/dropped on interface 'eth0': 12/2 (pcap:2/dumpcap:0/flushed:0/ps_ifdrop:0) (85.7%)", only at the end. */
function dumpcap(stderr: string): ToolCounters | null {
  const match = /Packets received\/dropped on interface '.*': (\d+)\/\d+ \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)/.exec(stderr)
  if (match === null) return null
  const [captured, kernelDrops, queued, flushed] = match.slice(1).map(Number) as [number, number, number, number]
  return { captured, kernelDrops, queueDrops: queued + flushed }
}

/** "rtnvis-cap captured 12 dropped 0", once per second; the package cap does not provide the kernel's drops. */
function capProcess(stderr: string): ToolCounters | null {
  const captured = latest(stderr, /rtnvis-cap captured (\d+)/g)
  const dropped = latest(stderr, /rtnvis-cap captured \d+ dropped (\d+)/g)
  return captured === null || dropped === null ? null : { captured, kernelDrops: null, queueDrops: dropped }
}

function latest(stderr: string, pattern: RegExp): number | null {
  const matches = [...stderr.matchAll(pattern)]
  return matches.length === 0 ? null : Number(matches.at(-1)![1])
}
