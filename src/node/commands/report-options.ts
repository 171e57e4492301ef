// What `analyze` and `live` are both told about the report they make.
import type { DetectionFlags } from '../input/detection.ts'

export interface ReportOptions extends DetectionFlags {
  /** Undefined: output/<name>/ below the current folder. */
  out?: string
  /** The report's title; undefined: a name that says what was captured. */
  name?: string
  site: boolean
  /** As typed; undefined: the default origin. */
  origin?: string
  geoip?: string
  /** Rows of the packets table. */
  maxPackets: number
  /** Bytes; undefined: what the machine allows. */
  maxMemory?: number
  json: boolean
  quiet: boolean
  open: boolean
  force: boolean
  programVersion: string
  /** Aborted once the user wants it to end. */
  interrupt: AbortSignal
}
