// Notices what keeps packets from being captured: a capturing program that is stopped, an interface whose link is down.
import { readFileSync } from 'node:fs'
import { formatDuration } from './duration.ts'

/** What is looked at; null where the system does not tell, or no longer. */
export interface WatchedCapture {
  /** By SIGSTOP or a debugger. */
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

  /** @param via the capturing program @param interfaceName where it listens */
  constructor(watched: WatchedCapture, via: () => string, interfaceName: string) {
    this.watched = watched
    const not = (value: boolean | null) => (value === null ? null : !value)
    this.gaps = [
      {
        isThere: () => watched.isStopped(),
        begins: () => `${via()} is stopped: nothing is captured but what the kernel's buffer holds`,
        ended: () => `${via()} was stopped: what the kernel's buffer could not hold was dropped`,
        sinceMs: null,
      },
      {
        isThere: () => not(watched.hasLink()),
        begins: () => `the link of ${interfaceName} is down: no packets come`,
        ended: () => `the link of ${interfaceName} was down`,
        sinceMs: null,
      },
    ]
  }

  /** What began or ended since the last look, one sentence each. Look about once a second. */
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

/** Linux: from /proc and /sys. @param pid of the capturing program; 0: none */
export function watchedCapture(pid: () => number, interfaceName: string): WatchedCapture {
  return {
    // proc(5): the state follows the name, which stands in parentheses and may hold some.
    isStopped: () => mapped(`/proc/${pid()}/stat`, (text) => /^[Tt]/.test(text.slice(text.lastIndexOf(')') + 2))),
    // RFC 2863's names: only these two say that nothing can come.
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
