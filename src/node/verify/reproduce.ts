// A report's captures and the options in its meta -> the database made again, and what cannot be compared with the report.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { analyze } from '../../analyze.ts'
import type { DetectionOptions } from '../../detect/index.ts'
import { UsageError } from '../../errors.ts'
import type { HostTable } from '../../flows/hosts.ts'
import { type Geolocator, HostLocator, lookUp, routedAddress } from '../../geo/index.ts'
import { GREW } from '../../input/source.ts'
import type { CaptureSource, GeoSource, Location, NamedFile, SourceEnd, SqlDatabase } from '../../types.ts'
import { type CaptureClaim, isPartial, packetLimitsOf } from '../../verify/capture.ts'
import { type Check, notChecked } from '../../verify/check.ts'
import { type Claims, isLiveCapture } from '../../verify/inputs.ts'
import type { Exempt } from '../../verify/rows.ts'
import type { VerifyFlags } from '../commands/options.ts'
import { originOf } from '../commands/report-options.ts'
import { openRules } from '../commands/rules.ts'
import { openAnalysisGeoip } from '../geoip/analysis-geoip.ts'
import { openBaseline } from '../input/baseline.ts'
import { openBlocklist } from '../input/blocklist.ts'
import { openAll } from '../input/inputs.ts'
import { filesNamed, findDigest, isFile, isPlainName, placesNear } from '../input/named-files.ts'
import { vendorOf } from '../input/vendors.ts'
import { reportName } from '../output/report-list.ts'

/** Paths of input files other than captures; without them they are searched near the report. */
export type InputFlags = Pick<VerifyFlags, 'rules' | 'blocklist' | 'baseline' | 'geoip'>

export interface Reproduction {
  database: Uint8Array
  /** Inputs that were not available, and why. */
  checks: Check[]
  exempt: Exempt
}

/** Facts from the report. */
export interface Original {
  claims: Claims
  captures: CaptureClaim[]
  /** Locations of its hosts, by address. */
  locations: Map<string, Location>
  /** Version that made the report. */
  programVersion: string
}

type OpenDatabase = (bytes?: Uint8Array) => SqlDatabase

const FRAME_COLUMNS = ['first_frame', 'first_capture_id', 'last_frame', 'last_capture_id']
  .map((column) => `flows.${column}`)
  .concat('packets.frame', 'packets.capture_id')
/** Longest --origin that is accepted. */
const MAX_ORIGIN = 200

/**
 * @param paths of the captures: one for each capture of the report, or the raw files of a live capture
 * @param folder the report's folder
 */
export async function reproduce(
  { claims, captures, locations, programVersion }: Original,
  paths: string[],
  folder: string,
  flags: InputFlags,
  openDatabase: OpenDatabase,
): Promise<Reproduction> {
  const { inputs } = claims
  const isLive = isLiveCapture(claims, captures)
  const { detection, checks } = await openInputsOf(claims, placesNear(folder), flags)
  const hasFindings = checks.length === 0
  const geoip = await openGeolocator(claims, locations, flags.geoip)
  checks.push(...geoip.checks)
  const sources: CaptureSource[] = []
  try {
    const names = captures.map(({ file }) => file)
    const opened = await openAll(paths, new AbortController().signal, isLive ? {} : { names })
    sources.push(...opened.map((source, i) => (isLive ? source : asRead(source, captures[i]))))
    const packetLimits = isLive ? undefined : packetLimitsOf(captures)
    const database = await analyze(
      sources,
      { geoip: Promise.resolve(geoip.locator), openDatabase: Promise.resolve(openDatabase), sha256: () => createHash('sha256') },
      {
        reportName: inputs.name ?? reportName(captures.map(({ file }) => file)),
        programVersion,
        origin: await originAsTyped(inputs.origin),
        maxPackets: inputs.maxPackets,
        maxFlows: claims.maxFlows,
        detection,
        inputs,
        ...(packetLimits && { packetLimits }),
      },
    )
    return { database, checks, exempt: exemptions(isLive, paths.length > 1, hasFindings) }
  } finally {
    for (const source of sources) await source.close()
    await geoip.close()
  }
}

/** The file under its name in the report; if its reading ended early, digest and reason are taken from the report. Without digest there, none is compared. */
function asRead(source: CaptureSource, claim: CaptureClaim): CaptureSource {
  const { file, endedBy, sha256 } = claim
  const warnings = claim.warnings.split('\n').filter((line) => line.startsWith(GREW))
  const finish = async (isInterrupted: boolean): Promise<SourceEnd> =>
    isPartial(claim)
      ? { sha256, problem: endedBy }
      : { ...(await source.finish(isInterrupted)), warnings, ...(sha256 === null && { sha256 }) }
  return { ...source, file, finish }
}

async function originAsTyped(text: string | null) {
  if (text !== null && text.length > MAX_ORIGIN) throw new UsageError('origin_option is longer than any place')
  return originOf(text)
}

/** Rules, lists and baseline with the digests in the report. */
async function openInputsOf(
  { inputs }: Claims,
  places: string[],
  flags: InputFlags,
): Promise<{ detection: DetectionOptions; checks: Check[] }> {
  const checks: Check[] = []
  const find = async (named: NamedFile, given: string[], option: string): Promise<string | null> => {
    const path = await findDigest(named.sha256, [...given, ...(await filesNamed(named.file, places))])
    if (path !== null) return path
    const why = `${named.file} with SHA-256 ${named.sha256}, which they were made with, was not found: give it with ${option}`
    checks.push(notChecked('report', 'findings', why))
    return null
  }
  const rules = inputs.rules && (await find(inputs.rules, flags.rules === undefined ? [] : [flags.rules], '--rules FILE'))
  const lists: string[] = []
  for (const list of inputs.blocklists) {
    const path = await find(list, flags.blocklist, '--blocklist FILE')
    if (path !== null) lists.push(path)
  }
  const names = inputs.blocklists.map(({ file }) => file)
  let baseline: string | null = null
  if (inputs.baseline !== null) {
    const { file } = inputs.baseline
    const folders = [
      ...(flags.baseline === undefined ? [] : [flags.baseline]),
      ...(isPlainName(file) ? places.map((place) => join(place, file)) : []),
    ]
    const given = flags.baseline !== undefined && (await isFile(flags.baseline)) ? [flags.baseline] : []
    baseline = await find(inputs.baseline, [...given, ...(await filesNamed('traffic.sqlite', folders))], '--baseline REPORT')
  }
  if (checks.length > 0) return { detection: {}, checks }
  const settings = (await openRules(rules ?? undefined))?.settings
  const { blocklist } = await openBlocklist(lists, names)
  const known = await openBaseline(baseline ?? undefined, inputs.baseline?.file)
  return { detection: { ...(settings && { settings }), blocklist, baseline: known?.baseline ?? null, vendorOf }, checks }
}

/** The geolocation databases of the report; if they are missing, the locations in the report, so that everything else can be made again. */
async function openGeolocator(
  { geoFiles, geoSource }: Claims,
  locations: Map<string, Location>,
  path: string | undefined,
): Promise<{ locator: Geolocator | null; checks: Check[]; close(): Promise<void> }> {
  const close = async () => {}
  if (geoSource === null) return { locator: null, checks: [], close }
  const opened = await openAnalysisGeoip({ path, env: { ...process.env }, now: Date.now() })
  if (opened !== null && JSON.stringify(opened.source.files) === JSON.stringify(geoFiles))
    return { locator: opened, checks: [], close: () => opened.close() }
  await opened?.close()
  const wanted = geoFiles.map(({ type, buildEpoch }) => `${type} built ${dayOf(buildEpoch)}`).join(' and ')
  const why = `${wanted} was not found: give it with --geoip PATH; everything else was reproduced with the places in the report`
  return { locator: new ReportPlaces(geoSource, locations), checks: [notChecked('report', 'places and networks of hosts', why)], close }
}

function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'at no time' : date.toISOString().slice(0, 10)
}

/** Answers with the locations in the report. */
class ReportPlaces implements Geolocator {
  readonly source: GeoSource
  private readonly locations: Map<string, Location>

  constructor(source: GeoSource, locations: Map<string, Location>) {
    this.source = source
    this.locations = new Map([...locations].map(([ip, location]) => [routedAddress(ip), location]))
  }

  follow(): void {}

  lookUpSome(): boolean {
    return false
  }

  lookUp(hosts: HostTable) {
    return lookUp(hosts, new HostLocator((ip) => this.locations.get(ip) ?? null))
  }
}

function exemptions(isLive: boolean, isDivided: boolean, hasFindings: boolean): Exempt {
  const findings = hasFindings ? [] : ['alerts', 'alert_flows']
  const ofFindings = hasFindings ? [] : ['rules_off', 'findings_suppressed']
  return {
    // The device, the end and the drop counts are known only during the capture.
    tables: new Set([...findings, ...(isLive ? ['captures'] : []), ...(isLive && isDivided ? ['skipped'] : [])]),
    metaKeys: new Set([...ofFindings, ...(isLive ? ['kernel_drops', 'queue_drops', 'drops_estimated'] : [])]),
    // Each raw file numbers its own frames.
    columns: new Set(isLive && isDivided ? FRAME_COLUMNS : []),
  }
}
