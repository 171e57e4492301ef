// A source -> a capture of the analysis: opened when it is due, its packets counted, summed up and closed after the last one.
import { CaptureError } from '../errors.ts'
import type { CaptureSource } from '../types.ts'
import { type CaptureSummary, Coverage, notReadSummary } from './coverage.ts'
import type { LogLink } from './flow-records/log-links.ts'
import type { LogNames } from './flow-records/log-names.ts'
import type { FileName, InterfaceRecord, PacketTest } from './format.ts'
import { CaptureReader } from './index.ts'
import type { MergeInput } from './merge.ts'

export class CaptureInput implements MergeInput {
  reader: CaptureReader | null = null
  readonly coverage: Coverage
  summary: CaptureSummary | null = null
  /** Names in the file; known at its end. */
  fileNames: FileName[] = []
  /** Names that a log of another program has; known at its end. */
  logNames: LogNames | null = null
  /** Frames without IP that a log has counted; known at its end. */
  logLinks: readonly LogLink[] = []
  /** Interfaces of the packets; known at its end, with keepsMetadata. */
  interfaces: InterfaceRecord[] = []
  private readonly source: CaptureSource
  private readonly limit: number
  private readonly keepsMetadata: boolean

  /** @param limit packets after which reading ends @param keepsMetadata for copies of packets (CaptureReader.keepMetadata()) @param capture its index in the report */
  constructor(source: CaptureSource, limit = Number.POSITIVE_INFINITY, keepsMetadata = false, capture = 0) {
    this.coverage = new Coverage(capture)
    this.source = source
    this.limit = limit
    this.keepsMetadata = keepsMetadata
    if (source.notRead !== undefined) this.summary = notReadSummary(source.file, source.notRead)
  }

  get firstUs(): number | undefined {
    return this.source.firstUs
  }

  async open(): Promise<CaptureReader> {
    this.reader = await openReader(this.source)
    if (this.keepsMetadata && this.reader.flow !== null)
      throw new CaptureError(`${this.source.file} is a log of flows and has no packets to copy: slice the capture that it was made from`)
    if (this.keepsMetadata) this.reader.keepMetadata()
    if (this.limit === 0) this.reader.stop()
    return this.reader
  }

  /** Call after each packet that was counted. */
  countDown(): void {
    if (this.coverage.count === this.limit) this.reader!.stop()
  }

  /** Passes over packets that follow the one that was counted, within the limit. @returns their number, which is all the coverage knows of them */
  passOver(test: PacketTest): number {
    const passed = this.reader!.passOver(test, this.limit - this.coverage.count)
    this.coverage.passOver(passed)
    return passed
  }

  finish(): Promise<void> {
    return this.sumUp(false)
  }

  /** Called after an interruption: a capture that was not read to its end is summed up as it is. */
  async interrupt(): Promise<void> {
    if (this.summary !== null) return
    if (this.reader === null) await this.open()
    await this.sumUp(true)
  }

  private async sumUp(isInterrupted: boolean): Promise<void> {
    const reader = this.reader!
    await reader.close()
    this.logLinks = reader.logLinks
    for (const link of this.logLinks) this.coverage.addLink(link)
    const end = await this.source.finish(isInterrupted)
    this.summary = this.coverage.summary(this.source, reader, end, isInterrupted)
    this.fileNames = reader.fileNames
    this.logNames = reader.logNames
    this.interfaces = reader.interfaces
    this.reader = null
    await this.source.close()
  }
}

/**
 * A problem below the capture format (compressed data without a beginning) is more useful to the user than "the capture is empty".
 * @throws CaptureError
 */
export async function openReader(source: CaptureSource): Promise<CaptureReader> {
  try {
    return await CaptureReader.open(source.chunks, source.file)
  } catch (error) {
    const { problem } = await source.finish(true)
    throw problem === '' ? error : new CaptureError(`${source.file}: ${problem}`)
  }
}
