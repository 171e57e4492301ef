// Files, one after another -> which of them have the same content as an earlier one.
import { basename } from 'node:path'
import type { NotRead } from '../../types.ts'
import { digestsOf, type Probe } from './probe.ts'

/** Files seen so far, by content. */
export class SameContent {
  private readonly byId = new Map<string, Seen>()
  private readonly byHead = new Map<string, Seen[]>()

  /** @param name of the capture in the report @returns why it need not be read, null if it must be */
  async find(found: Probe, name = basename(found.path)): Promise<NotRead | null> {
    const known = this.byId.get(found.id)
    if (known !== undefined) return { why: known.why, sha256: (await digestsOf(found.path)).stored }
    const seen = new Seen(found.path, name)
    this.byId.set(found.id, seen)
    const candidates = this.byHead.get(found.head) ?? []
    this.byHead.set(found.head, [...candidates, seen])
    for (const candidate of candidates) {
      const [one, other] = [await candidate.digests(), await seen.digests()]
      if (one.content !== other.content || one.problem !== other.problem) continue
      this.byId.set(found.id, candidate)
      return { why: candidate.why, sha256: other.stored }
    }
    return null
  }
}

class Seen {
  private readonly path: string
  private readonly name: string
  private read: ReturnType<typeof digestsOf> | null = null

  constructor(path: string, name: string) {
    this.path = path
    this.name = name
  }

  digests(): ReturnType<typeof digestsOf> {
    this.read ??= digestsOf(this.path)
    return this.read
  }

  get why(): string {
    return `the same content as ${this.name}, which is read once`
  }
}
