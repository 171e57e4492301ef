// The whole pipeline, top to bottom: bytes -capture-> packet -decode-> PacketView -flows-> conversations -names-> applications
// -geo-> places -detect-> findings -store-> traffic.sqlite. It knows no platform: the host hands in bytes, lookup and database.

import { type CaptureSummary, Coverage } from './capture/coverage.ts'
import { CaptureReader } from './capture/index.ts'
import { merge } from './capture/merge.ts'
import { bytesOnWire } from './capture/wire.ts'
import { decodePacket } from './decode/index.ts'
import { PacketView } from './decode/packet.ts'
import { DECODED } from './decode/status.ts'
import { type DetectionOptions, detect } from './detect/index.ts'
import { NOT_IP_ARP, Observer } from './detect/observe/index.ts'
import { CaptureError } from './errors.ts'
import { Flows } from './flows/index.ts'
import { clientBytesByHost } from './flows/totals.ts'
import { locate } from './geo/index.ts'
import { Names } from './names/index.ts'
import { writeDatabase } from './store/write.ts'
import type { CaptureSource, GeoSource, Lookup, OnProgress, Origin, SqlDatabase } from './types.ts'

export interface AnalysisHost {
  /** Awaited after the last packet, so that opening goes on while reading. */
  geoip: Promise<{ lookup: Lookup; source: GeoSource } | null>
  openDatabase: Promise<() => SqlDatabase>
  onProgress?: OnProgress
  /** True once the user wants no more packets: what was read becomes a valid report. */
  isInterrupted?: () => boolean
}

export interface AnalysisOptions {
  reportName: string
  programVersion: string
  origin: Origin | 'auto'
  /** Packet rows kept; Infinity for all. */
  maxPackets: number
  /** Undefined: all rules with their defaults. */
  detection?: DetectionOptions
}

/**
 * Reads captures, merged by time, into one database.
 * @returns the bytes of traffic.sqlite
 * @throws CaptureError if one of the sources is no capture
 */
export async function analyze(sources: CaptureSource[], host: AnalysisHost, options: AnalysisOptions): Promise<Uint8Array> {
  const flows = new Flows(options.maxPackets)
  const names = new Names(flows.table, flows.hosts)
  const observer = new Observer(flows.table)
  const readers: CaptureReader[] = []
  const coverages: Coverage[] = []
  const captures: CaptureSummary[] = []
  try {
    for (const source of sources) {
      readers.push(await openReader(source))
      coverages.push(new Coverage())
    }
    await readPackets(sources, readers, coverages, flows, names, observer, host)
    for (const reader of readers) await reader.close()
    const isInterrupted = host.isInterrupted?.() ?? false
    for (const [i, source] of sources.entries()) {
      captures.push(coverages[i]!.summary(source, readers[i]!, await source.finish(isInterrupted), isInterrupted))
    }
  } finally {
    for (const source of sources) await source.close()
  }
  flows.finish()
  for (const reader of readers) for (const { address, name } of reader.fileNames) names.addFileName(address, name)

  const geoip = await host.geoip
  const clientBytes = clientBytesByHost(flows)
  const hosts = {
    count: flows.hosts.count,
    ip: (id: number) => flows.hosts.ip(id),
    scope: (id: number) => flows.hosts.scope(id),
    clientBytes: (id: number) => clientBytes[id]!,
  }
  const located = await locate(hosts, geoip?.lookup ?? null, options.origin)
  const named = names.finish((flow) => flows.isFirstClient(flow))
  const detection = detect({ flows, names: named, located, observations: observer.finish() }, options.detection)
  const openDatabase = await host.openDatabase
  return writeDatabase(openDatabase(), {
    captures,
    flows,
    names: named,
    located,
    detection,
    geoSource: geoip?.source ?? null,
    reportName: options.reportName,
    programVersion: options.programVersion,
  })
}

/** What is wrong below the capture format (compressed data without a beginning) tells more than that the capture is empty. */
async function openReader(source: CaptureSource): Promise<CaptureReader> {
  try {
    return await CaptureReader.open(source.chunks, source.file)
  } catch (error) {
    const { problem } = await source.finish(true)
    throw problem === '' ? error : new CaptureError(`${source.file}: ${problem}`)
  }
}

/** The loop over all packets. Hot path. */
async function readPackets(
  sources: CaptureSource[],
  readers: CaptureReader[],
  coverages: Coverage[],
  flows: Flows,
  names: Names,
  observer: Observer,
  host: AnalysisHost,
): Promise<void> {
  const view = new PacketView()
  let admitted = 0
  let packets = 0
  const onPacket = (index: number): void => {
    const packet = readers[index]!.packet
    const coverage = coverages[index]!
    const bytes = bytesOnWire(packet.originalBytes, packet.linkType)
    coverage.add(packet, bytes)
    const status = decodePacket(packet.bytes, packet.start, packet.end, packet.linkType, view)
    packets++
    if (status !== DECODED) {
      coverage.skip(status)
      if (status === NOT_IP_ARP) observer.inspectArp(packet)
      flows.timeline.cover(packet.timeUs)
      return
    }
    const flow = flows.add(view, packet.timeUs, bytes)
    while (admitted < flows.table.count) {
      names.admit(admitted)
      observer.admit(admitted++)
    }
    if (flow < 0 || view.payloadAt >= view.end) return
    const { direction } = flows.table
    if (names.budget[flow] !== 0) names.inspect(flow, direction, view, packet.timeUs)
    if ((observer.watch[flow] & (1 << direction)) !== 0) observer.inspect(flow, direction, view, packet)
  }
  await merge(readers, onPacket, () => {
    host.onProgress?.({ ...progressOf(sources), packets })
    return !(host.isInterrupted?.() ?? false)
  })
}

function progressOf(sources: CaptureSource[]): { bytes: number; totalBytes: number | null } {
  let bytes = 0
  let totalBytes: number | null = 0
  for (const source of sources) {
    bytes += source.bytesRead()
    totalBytes = totalBytes === null || source.totalBytes === null ? null : totalBytes + source.totalBytes
  }
  return { bytes, totalBytes }
}
