// Options of a report -> options of the pipeline, the same for `analyze` and `live`.
import { packetChoice } from '../../choice/packet-choice.ts'
import { parseOrigin } from '../../geo/origin.ts'
import type { ChosenPackets, Origin, ReportInputs } from '../../types.ts'
import { siteFile } from '../paths.ts'
import { flowLimit } from './flow-limit.ts'
import type { ReportFlags, Run } from './options.ts'

export type ReportOptions = ReportFlags & Run

export interface PipelineOptions {
  programVersion: string
  origin: Origin | 'auto'
  maxPackets: number
  maxFlows: number
  /** For meta; the other inputs are known after the files are opened. */
  inputs: Omit<ReportInputs, 'rules' | 'blocklists' | 'baseline'>
}

/** @throws UsageError for a place that does not exist, CaptureError if the page was not built */
export async function pipelineOptions(command: 'analyze' | 'live', options: ReportOptions): Promise<PipelineOptions> {
  const { maxPackets, programVersion } = options
  if (options.site) siteFile('index.html')
  const origin = options.origin ?? null
  const chosen = chosenOf(command, options)
  return {
    programVersion,
    origin: await originOf(origin),
    maxPackets,
    maxFlows: flowLimit(command, options.maxMemory),
    inputs: {
      name: options.name ?? null,
      origin,
      maxPackets,
      ...(options.maskAccounts && { maskAccounts: true }),
      ...(chosen && { chosen }),
      pages: pagesOf(options),
    },
  }
}

/** @param options of `live`, -f is the capturing program's @returns null: all packets are read @throws UsageError for a wrong one */
function chosenOf(command: 'analyze' | 'live', options: ReportOptions & { filter?: string }): ChosenPackets | null {
  const { from, to, only, filter } = options
  const chosen: ChosenPackets = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(only !== undefined && { only }),
    ...(command === 'analyze' && filter !== undefined && { captureFilter: filter }),
  }
  if (Object.keys(chosen).length === 0) return null
  packetChoice(chosen) // a wrong text is reported before anything is read
  return chosen
}

/** The default origin needs no data; the name of a city loads the list of cities. */
export async function originOf(text: string | null): Promise<Origin | 'auto'> {
  const origin = parseOrigin(text)
  if (origin !== null) return origin
  const { originNamed } = await import('../geoip/cities.ts')
  return originNamed(text!)
}

/** What of the page a report gets. */
export function pagesOf({ site, singleFile = false }: { site: boolean; singleFile?: boolean }): ReportInputs['pages'] {
  if (!site) return 'none'
  return singleFile ? 'file' : 'folder'
}
