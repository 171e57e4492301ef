// Options of a running capture.
import type { Origin, ReportInputs } from '../../types.ts'
import type { DetectionFlags } from '../input/detection.ts'
import type { CaptureRequest, CaptureTool } from './capture-tool.ts'
import type { RawOptions } from './raw-name.ts'

/** Options of the pipeline. */
export interface ProcessingOptions {
  reportName: string
  programVersion: string
  origin: Origin | 'auto'
  geoip: string | undefined
  maxPackets: number
  /** Limit of conversations, and of hosts, with a row of their own. */
  maxFlows: number
  /** Files, opened by the pipeline's thread. */
  detection: DetectionFlags
  /** For meta; the other inputs are known after the files are opened. */
  inputs: Omit<ReportInputs, 'rules' | 'blocklists' | 'baseline'>
  /** There are listeners: batches are needed. */
  isWatched: boolean
}

export interface SessionOptions extends ProcessingOptions {
  request: CaptureRequest
  /** In order of preference. */
  tools: CaptureTool[]
  raw: RawOptions | null
  /** Null: no time limit. */
  durationMs: number | null
}
