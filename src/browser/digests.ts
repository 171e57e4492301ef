// SHA-256 of the captures, which another worker computes once the report is shown: the text that stands in `captures.sha256` until then, and
// the one that takes its place.
import { bytesToHex } from '@noble/hashes/utils.js'
import type { SqlDatabase } from '../types.ts'
import type { Digest } from './messages.ts'

export class Digests {
  /** By index of the capture, while its digest is not known. */
  private readonly pending: string[] = []
  private readonly known: Digest[] = []
  private settle: () => void = () => {}
  /** Every capture of the report has its digest, or is known to have none. */
  readonly areKnown = new Promise<void>((resolve) => {
    this.settle = resolve
  })

  /** 64 characters, as long as a digest; no capture contains them, since they are random. */
  pendingOf(index: number): string {
    this.pending[index] ??= `being computed ${bytesToHex(crypto.getRandomValues(new Uint8Array(32)))}`.slice(0, 64)
    return this.pending[index]
  }

  set(index: number, sha256: string | null): void {
    this.known.push({ pending: this.pendingOf(index), sha256 })
    if (this.known.length === this.pending.length) this.settle()
  }

  /** Nothing is hashed: there are no captures, or they were not read to their ends. */
  skip(): void {
    this.known.push(...this.pending.map((pending) => ({ pending, sha256: null })))
    this.settle()
  }

  get all(): Digest[] {
    return this.known
  }
}

/** The database with its digests: bytes replaced by as many others, so that it is the one that the command line makes. */
export function fillDigests(database: Uint8Array, digests: Digest[], open: (bytes: Uint8Array) => SqlDatabase): Uint8Array {
  const unknown: string[] = []
  for (const { pending, sha256 } of digests) {
    const at = indexOf(database, pending)
    if (at < 0) continue // of a capture that was not read to its end
    if (sha256 === null) unknown.push(pending)
    else new TextEncoder().encodeInto(sha256, database.subarray(at))
  }
  if (unknown.length === 0) return database
  const opened = open(database)
  for (const pending of unknown) opened.run('UPDATE captures SET sha256 = NULL WHERE sha256 = ?', [pending])
  const filled = opened.export()
  opened.close()
  return filled
}

function indexOf(bytes: Uint8Array, text: string): number {
  const wanted = new TextEncoder().encode(text)
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1))
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at
  return -1
}
