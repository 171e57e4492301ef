// The whole pipeline, top to bottom: bytes -capture-> packet -decode-> PacketView -flows-> conversations -names-> applications
// -geo-> places -detect-> findings -store-> traffic.sqlite. It uses no platform: the host provides bytes, lookups and the database.
// The stages after the reader are one object, Analysis.
import { Analysis, type ConcludedFlows } from './analysis.ts'
import { CaptureInput } from './capture/input.ts'
import { merge } from './capture/merge.ts'
import type { CapturedPacket } from './capture/packet.ts'
import { isWaiting, progressOf } from './capture/sources.ts'
import type { DetectionOptions } from './detect/index.ts'
import type { NewHash } from './detect/observe/carried-files.ts'
import { type Geolocator, HostLocator } from './geo/index.ts'
import { LookAhead } from './look-ahead.ts'
import { MemoryPages, type PageStore } from './sqlite/btree-writer.ts'
import { makeTrafficPages, type TrafficNumbers, type TrafficPages } from './store/traffic-pages.ts'
import type { CaptureSource, OnProgress, Origin, ReportInputs, SqlDatabase } from './types.ts'

export interface AnalysisHost {
  /** Awaited after the last packet, so that databases are opened while packets are read. */
  geoip: Promise<Geolocator | null>
  openDatabase: Promise<() => SqlDatabase>
  /** For files that packets carry; default: a slower one that runs everywhere. */
  sha256?: NewHash
  onProgress?: OnProgress
  /** Called when tables that packets fill have left much memory: V8 does not count what threads share. */
  collectGarbage?: () => void
  /** Default: makeTrafficPages() in this thread. */
  pageMaker?: PageMaker
  /** Returns true once the user has stopped reading: the packets read so far become a valid report. */
  isInterrupted?: () => boolean
  /** Called before the first packet. @returns called with every packet, for a page that is updated while they are read */
  follow?: (analysis: Analysis) => OnPacket
}

/** Bytes by which tables grow between two calls of collectGarbage(): a third of them is free then. */
const GROWTH_BYTES = 128 << 20

/** A packet right after it was added. Hot path. @param flow as Analysis.add() returns it */
export type OnPacket = (flow: number, packet: CapturedPacket) => void

/** Runs makeTrafficPages() in another thread while the analysis continues. */
export interface PageMaker {
  /** Called between chunks of packets. @param rows of activity so far */
  follow(rows: number): void
  /** The argument must not be used afterwards. */
  make(numbers: TrafficNumbers): Promise<TrafficPages>
  /** Called when less memory is in use. @param dataOf called if the pages of flows and tcp are made there, too */
  addFlows?(dataOf: () => ConcludedFlows): void
}

export interface AnalysisOptions {
  reportName: string
  programVersion: string
  origin: Origin | 'auto'
  /** Packet rows kept; Infinity for all. */
  maxPackets: number
  /** Conversations, and hosts, with a row of their own (flows/aggregates.ts). */
  maxFlows?: number | undefined
  /** Undefined: all rules with their defaults. */
  detection?: DetectionOptions
  /** For meta. */
  inputs?: ReportInputs
  /** By source: number of packets after which reading ends, to repeat an interrupted analysis. */
  packetLimits?: number[]
}

/**
 * Reads captures, merged by time, into one database.
 * @returns the bytes of traffic.sqlite
 * @throws CaptureError if one of the sources is not a capture
 */
export async function analyze(sources: CaptureSource[], host: AnalysisHost, options: AnalysisOptions): Promise<Uint8Array> {
  const store = new MemoryPages()
  await analyzeTo(store, sources, host, options)
  return store.bytes
}

/** The same, with the bytes of traffic.sqlite written to a store. @throws what the store throws, too */
export async function analyzeTo(store: PageStore, sources: CaptureSource[], host: AnalysisHost, options: AnalysisOptions): Promise<void> {
  const { maxPackets, maxFlows } = options
  const analysis = new Analysis(maxPackets, maxFlows, options.inputs?.deduplicate ?? false, options.inputs?.chosen, host.sha256)
  const { flows, names } = analysis
  const opened = sources.map((source, i) => new CaptureInput(source, options.packetLimits?.[i], false, i))
  try {
    await readPackets(sources, opened, analysis, host)
    for (const input of opened) await input.interrupt()
  } finally {
    for (const source of sources) await source.close()
  }
  analysis.finish()
  for (const { fileNames } of opened) for (const { address, name } of fileNames) names.addFileName(address, name)
  for (const [i, { logLinks }] of opened.entries()) for (const link of logLinks) analysis.addLink(link, i)
  names.addLogNames(opened.flatMap(({ logNames }) => logNames ?? []))
  const captures = opened.map(({ summary }) => summary!)

  const isFirstClient = flows.firstClients()
  const numbers = analysis.numbers(flows.timeline.release(), isFirstClient)
  const pages = host.pageMaker?.make(numbers) ?? Promise.resolve(makeTrafficPages(numbers))
  pages.catch(() => {}) // reported where it is awaited
  const geoip = await host.geoip
  const lookups = await geoip?.lookUp(flows.hosts)
  const nameResults = analysis.nameResults(isFirstClient)
  host.pageMaker?.addFlows?.(() => analysis.flowData(nameResults))
  const located = new HostLocator(null, lookups).locate(analysis.hosts(isFirstClient), options.origin)
  const conclusions = analysis.conclude(located, isFirstClient, options.detection, nameResults)
  const { reportName, programVersion, inputs } = options
  const facts = { reportName, programVersion, inputs, captures, located, geoSource: geoip?.source ?? null }
  const openDatabase = await host.openDatabase
  const made = await pages
  const rest = analysis.beginWrite(openDatabase(), store, made, conclusions, facts)
  for await (const part of made.conversations ?? []) rest.add(part)
  rest.finish()
}

async function readPackets(sources: CaptureSource[], all: CaptureInput[], analysis: Analysis, host: AnalysisHost): Promise<void> {
  const inputs = all.filter(({ summary }) => summary === null)
  let packets = 0
  let collected = 0
  const follower = host.follow?.(analysis)
  const lookAhead = new LookAhead(analysis.flows, analysis.tcp.records, analysis.names, analysis.observer)
  const onPacket = (index: number): void => {
    const input = inputs[index]
    packets++
    const record = input.reader!.flow
    if (record !== null) {
      analysis.addRecord(record, input.coverage)
      return
    }
    lookAhead.follow(input.reader!)
    const flow = analysis.add(input.reader!.packet, input.coverage)
    if (follower !== undefined) follower(flow, input.reader!.packet)
    input.countDown()
  }
  let geolocator: Geolocator | null = null
  host.geoip.then(
    (opened) => {
      geolocator = opened
    },
    () => {}, // reported where it is awaited
  )
  await merge(inputs, onPacket, () => {
    geolocator?.follow(analysis.flows.hosts)
    host.pageMaker?.follow(analysis.flows.timeline.count)
    if (analysis.tableBytes - collected > GROWTH_BYTES) {
      collected = analysis.tableBytes
      host.collectGarbage?.()
    }
    while (isWaiting(sources) && geolocator?.lookUpSome(analysis.flows.hosts) === true) {
      // Hosts are looked up while the analysis would otherwise wait for bytes.
    }
    host.onProgress?.({ ...progressOf(sources), packets })
    return !(host.isInterrupted?.() ?? false)
  })
}
