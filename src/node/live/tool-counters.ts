// What the capturing programs say of themselves on standard error -> how many packets they took, and how many the kernel or they had no room for.

export interface ToolCounters {
  captured: number
  /** Null: the tool has not told, or never does. */
  kernelDrops: number | null
  queueDrops: number
}

/** The latest counters in what a tool has said so far; null if it has told none. */
export function parseCounters(said: string): ToolCounters | null {
  return tcpdump(said) ?? dumpcap(said) ?? capProcess(said)
}

/** "12 packets captured, 14 packets received by filter, 2 packets dropped by kernel", on SIGUSR1 in one line, at the end in three. */
function tcpdump(said: string): ToolCounters | null {
  const captured = latest(said, /(\d+) packets? captured/g)
  const dropped = latest(said, /(\d+) packets? dropped by kernel/g)
  return captured === null || dropped === null ? null : { captured, kernelDrops: dropped, queueDrops: 0 }
}

/** "Packets received/dropped on interface 'eth0': 12/2 (pcap:2/dumpcap:0/flushed:0/ps_ifdrop:0) (85.7%)", at the end only. */
function dumpcap(said: string): ToolCounters | null {
  const match = /Packets received\/dropped on interface '.*': (\d+)\/\d+ \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)/.exec(said)
  if (match === null) return null
  const [captured, kernelDrops, queued, flushed] = match.slice(1).map(Number) as [number, number, number, number]
  return { captured, kernelDrops, queueDrops: queued + flushed }
}

/** "rtnvis-cap captured 12 dropped 0", once a second; libpcap's count of the kernel's drops is out of its reach. */
function capProcess(said: string): ToolCounters | null {
  const captured = latest(said, /rtnvis-cap captured (\d+)/g)
  const dropped = latest(said, /rtnvis-cap captured \d+ dropped (\d+)/g)
  return captured === null || dropped === null ? null : { captured, kernelDrops: null, queueDrops: dropped }
}

function latest(said: string, pattern: RegExp): number | null {
  const matches = [...said.matchAll(pattern)]
  return matches.length === 0 ? null : Number(matches.at(-1)![1])
}
