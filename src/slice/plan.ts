// The report's facts and the user's choice -> what slice() copies, and what the copy says about itself: the same for a command and a page.
import { NOT_READ } from '../capture/coverage.ts'
import { CaptureError } from '../errors.ts'
import { formatCount, formatPlural } from '../report/figures.ts'
import { type CaptureClaim, packetLimitsOf } from '../verify/capture.ts'
import { type Claims, isLiveCapture } from '../verify/inputs.ts'
import type { CopyOptions } from './copy.ts'
import type { ReportCaptures, SliceFacts } from './facts.ts'
import type { Wanted } from './index.ts'
import type { Choice } from './select.ts'

/** Captures of a report that a slice can be made of. */
export interface SourceCaptures {
  claims: Claims
  /** Those that were read, in the report's order. */
  captures: CaptureClaim[]
  /** The report is of a live capture, which has no file. */
  isLive: boolean
}

export type SliceSource = SourceCaptures & Pick<SliceFacts, 'selection'>

/** @param report its name, for errors @throws CaptureError: nothing can be sliced */
export function sourceOf({ selection, ...captures }: SliceFacts, report: string): SliceSource {
  const source = capturesOf(captures, report)
  if (selection.flows === 0) throw new CaptureError(`${report}: no conversation of the report is selected: nothing was written`)
  return { selection, ...source }
}

/** @param report its name, for errors @throws CaptureError: nothing can be sliced */
export function capturesOf({ claims, captures }: ReportCaptures, report: string): SourceCaptures {
  if (claims === null)
    throw new CaptureError(`${report}: it does not contain the options it was made with: make the report again with this version`)
  const read = captures.filter(({ format }) => format !== NOT_READ)
  return { claims, captures: read, isLive: isLiveCapture(claims, read) }
}

/** @param names base names of the files that are read, in the report's order */
export function planSlice(
  { selection, claims, captures, isLive }: SliceSource,
  choice: Choice,
  names: string[],
  { format, keepsSecrets, programVersion }: Pick<CopyOptions, 'format' | 'keepsSecrets'> & { programVersion: string },
): { wanted: Wanted; copied: CopyOptions } {
  return {
    wanted: {
      ...selection,
      maxFlows: claims.maxFlows,
      deduplicate: claims.inputs.deduplicate ?? false,
      chosen: claims.inputs.chosen,
      packetLimits: isLive ? undefined : packetLimitsOf(captures),
    },
    copied: {
      format,
      comments: [`Packets of the report "${claims.reportName}" by rtnvis slice: ${describeChoice(choice)}`],
      application: `rtnvis ${programVersion}`,
      captureComments: names.map((name, i) => {
        const sha256 = captures[i]?.sha256
        return `From ${name}${sha256 ? `, SHA-256 ${sha256}` : ''}`
      }),
      keepsSecrets,
    },
  }
}

function describeChoice({ filter, alerts, flows, from, to }: Choice): string {
  const parts = [
    ...(filter === undefined ? [] : [`filter ${filter}`]),
    ...alerts.map((id) => `alert ${id}`),
    ...flows.map((id) => `conversation ${id}`),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
  ]
  return parts.join(', ')
}

/** The captures have other packets than the report counted. */
export function describeDiffering(differing: number, flows: number): string {
  return (
    `${formatCount(differing)} of ${formatPlural(flows, 'conversation')} have other packets in the captures than in the report: ` +
    'another version made the report, or it was changed; make it again'
  )
}
