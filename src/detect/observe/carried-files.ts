// Files that conversations carry without encryption -> SHA-256 of each that is complete in the capture. Bytes are hashed as they come and not kept.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { FlowTable } from '../../flows/table.ts'
import { Bounded } from './bounded.ts'
import type { CarriedFile } from './observations.ts'

const MAX_ROWS = 10_000
/** Files at the same time; the one that began first is given up for a further one. */
export const MAX_OPEN = 256
/** Longer files, and bytes beyond those of all together, are not hashed: time would depend on what others transfer. */
const MAX_BYTES = 32 * 2 ** 20
const MAX_BYTES_TOGETHER = 256 * 2 ** 20

/** SHA-256 of what is added. */
export type NewHash = () => { update(bytes: Uint8Array): unknown; digest(): Uint8Array }

export class CarriedFiles {
  readonly list = new Bounded<CarriedFile>(MAX_ROWS)
  private readonly open = new Set<OpenFile>()
  private readonly table: FlowTable
  /** Bytes that may still be hashed. */
  private left = MAX_BYTES_TOGETHER

  private readonly sha256: NewHash

  constructor(table: FlowTable, newHash: NewHash = () => sha256.create()) {
    this.table = table
    this.sha256 = newHash
  }

  /**
   * A file that begins in the packet being read, whose sender has it.
   * @param name '' where the protocol has none @param length null if it is not known @returns null for one that is too long
   */
  begin(flow: number, source: CarriedFile['source'], name: string, length: number | null, timeUs: number): OpenFile | null {
    if ((length ?? 1) > Math.min(MAX_BYTES, this.left)) {
      this.list.leftOut++
      return null
    }
    if (this.open.size >= MAX_OPEN) this.giveUp(this.open.values().next().value!)
    const { table } = this
    const host = table.direction === 0 ? table.firstHost(flow) : table.otherHost(flow)
    const file = new OpenFile(this, this.sha256(), { flow, host, source, name, atUs: timeUs, frame: table.frame, capture: table.capture })
    this.open.add(file)
    return file
  }

  /** @returns false for a file that was given up */
  take(file: OpenFile, bytes: number): boolean {
    if (!this.open.has(file)) return false
    this.left -= bytes
    if (this.left >= 0 && file.bytes <= MAX_BYTES) return true
    this.list.leftOut++
    this.giveUp(file)
    return false
  }

  private giveUp(file: OpenFile): void {
    this.open.delete(file)
    file.onGiveUp()
  }

  close(file: OpenFile, row: CarriedFile | null): void {
    if (this.open.delete(file) && row !== null) this.list.add(row)
  }
}

export class OpenFile {
  /** Called when it is given up for another one, or is too long. */
  onGiveUp: () => void = () => {}
  /** Added so far. */
  bytes = 0
  private readonly hash: ReturnType<NewHash>
  private readonly files: CarriedFiles
  private readonly place: Omit<CarriedFile, 'sha256'>

  constructor(files: CarriedFiles, hash: ReturnType<NewHash>, place: Omit<CarriedFile, 'sha256'>) {
    this.hash = hash
    this.files = files
    this.place = place
  }

  /** The next bytes. @returns false if the file is given up */
  add(bytes: Uint8Array): boolean {
    this.bytes += bytes.length
    if (!this.files.take(this, bytes.length)) return false
    this.hash.update(bytes)
    return true
  }

  /** All of it was added; an empty file is none. */
  complete(): void {
    this.files.close(this, this.bytes === 0 ? null : { ...this.place, sha256: bytesToHex(this.hash.digest()) })
  }

  /** A part of it is missing. */
  drop(): void {
    this.files.close(this, null)
  }
}
