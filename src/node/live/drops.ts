// Counters -> number of packets that were on the wire but not captured, whether it is an estimate, and messages about it.
import type { LiveDrops } from '../../contract/live-feed.ts'
import { formatCount, formatPlural } from '../../report/figures.ts'
import type { CaptureRequest } from './capture-tool.ts'
import { estimateDrops, type InterfaceCounters, readCounters } from './interface-counters.ts'
import type { ToolCounters } from './tool-counters.ts'

/** @param first the interface's counters at the start @param processed packets that arrived in the pipeline */
export function dropsOf(request: CaptureRequest, tool: ToolCounters | null, first: InterfaceCounters | null, processed: number): LiveDrops {
  const queue = tool?.queueDrops ?? 0
  const counted = tool?.kernelDrops ?? null
  // With a filter, the interface's counters do not show how many packets should have been captured.
  const isComparable = request.filter === '' && counted === null
  const taken = (tool?.captured ?? processed) + queue
  const estimate = isComparable ? estimateDrops(first, readCounters(request.interfaceName), taken) : 0
  return { kernel: counted ?? estimate, queue, isEstimate: counted === null }
}

/** Texts for captures.warnings. */
export function dropLines({ kernel, queue, isEstimate }: LiveDrops): string[] {
  const lines: string[] = []
  if (kernel > 0 && isEstimate) lines.push(`about ${formatPlural(kernel, 'packet')} not captured (estimated from the interface's counters)`)
  else if (kernel > 0)
    lines.push(
      `${kernel === 1 ? '1 packet was' : `${formatCount(kernel)} packets were`} dropped by the kernel: packets arrived faster than they could be read`,
    )
  if (queue > 0) lines.push(`${queue === 1 ? '1 packet was' : `${formatCount(queue)} packets were`} dropped: the queue was full`)
  return lines
}
