// What a running capture is told to do.
import type { Origin, ReportInputs } from '../../types.ts'
import type { DetectionFlags } from '../input/detection.ts'
import type { CaptureRequest, CaptureTool } from './capture-tool.ts'
import type { RawOptions } from './raw-name.ts'

/** What is to be made of the packets. */
export interface ProcessingOptions {
  reportName: string
  programVersion: string
  origin: Origin | 'auto'
  geoip: string | undefined
  maxPackets: number
  /** Conversations, and hosts, with a row of their own. */
  maxFlows: number
  /** Files, opened by the thread that looks for findings. */
  detection: DetectionFlags
  /** For meta; the rest of it is known once the files are open. */
  inputs: Omit<ReportInputs, 'rules' | 'blocklists' | 'baseline'>
  /** Somebody looks on: batches are wanted. */
  isWatched: boolean
}

export interface SessionOptions extends ProcessingOptions {
  request: CaptureRequest
  /** The best first. */
  tools: CaptureTool[]
  raw: RawOptions | null
  /** Null: until it is ended otherwise. */
  durationMs: number | null
}
