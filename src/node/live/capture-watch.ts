// State of the capturing program and the interface -> messages when no packets can be captured (program stopped, link down).
import { readFileSync } from 'node:fs'
import { formatDuration } from './duration.ts'

/** The observed state; null if the system does not provide it, or no longer. */
export interface WatchedCapture {
  /** Stopped by SIGSTOP or a debugger. */
  isStopped(): boolean | null
  hasLink(): boolean | null
  nowMs(): number
}

interface Gap {
  isThere: () => boolean | null
  begins: () => string
  ended: () => string
  sinceMs: number | null
}

export class CaptureWatch {
  private readonly gaps: Gap[]
  private readonly watched: WatchedCapture

  /** @param via name of the capturing program @param interfaceName where it captures */
  constructor(watched: WatchedCapture, via: () => string, interfaceName: string) {
    this.watched = watched
    const not = (value: boolean | null) => (value === null ? null : !value)
    this.gaps = [
      {
        isThere: () => watched.isStopped(),
        begins: () => `${via()} is stopped: only the packets that fit into the kernel's buffer are captured`,
        ended: () => `${via()} was stopped: packets that did not fit into the kernel's buffer were dropped`,
        sinceMs: null,
      },
      {
        isThere: () => not(watched.hasLink()),
        begins: () => `the link of ${interfaceName} is down: no packets arrive`,
        ended: () => `the link of ${interfaceName} was down`,
        sinceMs: null,
      },
    ]
  }

  /** What began or ended since the last call, one sentence each. Call about once per second. */
  look(): string[] {
    const news: string[] = []
    const nowMs = this.watched.nowMs()
    for (const gap of this.gaps) {
      const isThere = gap.isThere()
      if (isThere === null || isThere === (gap.sinceMs !== null)) continue
      const at = new Date(nowMs).toISOString().slice(0, 19)
      news.push(
        gap.sinceMs === null
          ? `since ${at} UTC ${gap.begins()}`
          : `for ${formatDuration(nowMs - gap.sinceMs)} until ${at} UTC ${gap.ended()}`,
      )
      gap.sinceMs = isThere ? nowMs : null
    }
    return news
  }
}

/** Linux: from /proc and /sys. @param pid of the capturing program; 0 for none */
export function watchedCapture(pid: () => number, interfaceName: string): WatchedCapture {
  return {
    // proc(5): the state follows the name, which is in parentheses and may contain some.
    isStopped: () => mapped(`/proc/${pid()}/stat`, (text) => /^[Tt]/.test(text.slice(text.lastIndexOf(')') + 2))),
    // States of RFC 2863: in these two no packets can arrive.
    hasLink: () => mapped(`/sys/class/net/${interfaceName}/operstate`, (text) => !/^(down|lowerlayerdown)$/.test(text.trim())),
    nowMs: () => Date.now(),
  }
}

function mapped(path: string, read: (text: string) => boolean): boolean | null {
  try {
    return read(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}
