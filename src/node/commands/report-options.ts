// Options of a report that `analyze` and `live` share.
import type { DetectionFlags } from '../input/detection.ts'

export interface ReportOptions extends DetectionFlags {
  /** Output folder; undefined: output/<name>/ in the current folder. */
  out?: string
  /** The report's title; undefined: a name made from what was captured. */
  name?: string
  site: boolean
  /** As typed; undefined: the default origin. */
  origin?: string
  geoip?: string
  /** Most rows of the packets table. */
  maxPackets: number
  /** Bytes; undefined: a share of the available memory. */
  maxMemory?: number
  json: boolean
  quiet: boolean
  open: boolean
  force: boolean
  programVersion: string
  /** Aborted when the user ends the command. */
  interrupt: AbortSignal
}
