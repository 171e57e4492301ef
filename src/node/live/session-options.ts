// What a running capture is told to do.
import type { Origin } from '../../types.ts'
import type { DetectionFlags } from '../detection.ts'
import type { CaptureRequest, CaptureTool } from './capture-tool.ts'
import type { RawOptions } from './raw-name.ts'

export interface SessionOptions {
  request: CaptureRequest
  /** The best first. */
  tools: CaptureTool[]
  reportName: string
  programVersion: string
  origin: Origin | 'auto'
  geoip: string | undefined
  maxPackets: number
  detection: DetectionFlags
  raw: RawOptions | null
  /** Null: until it is ended otherwise. */
  durationMs: number | null
  isWatched: boolean
}
