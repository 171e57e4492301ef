// One capture in, the findings of all rules out, without writing a database: hundreds of captures a minute.
import { Analysis } from '../../src/analysis.ts'
import { CaptureInput } from '../../src/capture/input.ts'
import { merge } from '../../src/capture/merge.ts'
import { BlocklistBuilder } from '../../src/detect/blocklist/index.ts'
import type { Severity } from '../../src/detect/engine/finding.ts'
import { type DetectionOptions, detect } from '../../src/detect/index.ts'
import { locate } from '../../src/geo/index.ts'
import type { Origin } from '../../src/types.ts'
import type { Labels } from '../attacks/label.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { sourceOf } from '../support/analysis.ts'

export interface FoundFinding {
  rule: string
  severity: Severity
  title: string
  /** Addresses; null for no single one. */
  source: string | null
  target: string | null
  firstUs: number
  lastUs: number
}

export interface FoundInCapture {
  findings: FoundFinding[]
  /** From the beginning of the first conversation to the end of the last. */
  seconds: number
  packets: number
}

const NOWHERE: Origin = { name: 'nowhere', latitudeDeg: 0, longitudeDeg: 0, source: 'default' }
/** As the command line reads files. */
const CHUNK_BYTES = 1 << 20

/** What a user would give on the command line for this capture. */
export function detectionOf(labels: Labels | null): DetectionOptions {
  const lines = labels?.blocklist ?? []
  if (lines.length === 0) return {}
  const builder = new BlocklistBuilder()
  builder.begin('evaluation.txt')
  for (const line of lines) builder.add(line)
  return { blocklist: builder.finish() }
}

/** @throws CaptureError if the bytes are no capture */
export async function findingsOf(bytes: Uint8Array, detection?: DetectionOptions): Promise<FoundInCapture> {
  const analysis = new Analysis(0)
  const input = new CaptureInput(sourceOf(bytes, CHUNK_BYTES))
  let packets = 0
  const onPacket = (): void => {
    packets++
    analysis.add(input.reader!.packet, input.coverage)
  }
  await merge([input], onPacket, () => true)
  const { flows, names, observer } = analysis
  flows.finish()
  const located = await locate(analysis.hosts(), null, NOWHERE)
  const isFirstClient = flows.firstClients()
  const facts = {
    flows,
    isFirstClient,
    isFromDatabase: false,
    names: names.finish((flow) => isFirstClient[flow] === 1),
    located,
    tcp: analysis.tcp.records,
    observations: observer.finish(),
  }
  const ip = (host: number | null): string | null => (host === null ? null : flows.hosts.ip(host))
  const findings = detect(facts, detection).alerts.map(({ rule, finding: { severity, title, source, target, firstUs, lastUs } }) => ({
    rule: rule.id,
    severity,
    title,
    source: ip(source),
    target: ip(target),
    firstUs,
    lastUs,
  }))
  let firstUs = Number.POSITIVE_INFINITY
  let lastUs = 0
  for (let flow = 0; flow < flows.table.count; flow++) {
    firstUs = Math.min(firstUs, flows.table.startUs(flow))
    lastUs = Math.max(lastUs, flows.table.endUs(flow))
  }
  return { findings, seconds: Math.max(0, lastUs - firstUs) / 1_000_000 || 0, packets }
}

/** Severity, rule and title, a line each, of what the rules find where only `act` happens, without loss and translation of addresses. */
export async function linesOf(act: (world: World) => void, seed: number, seconds: number): Promise<string[]> {
  const world = new World({ seed, seconds, loss: 0, isBehindNat: false })
  act(world)
  const { findings } = await findingsOf(written(world.sorted()))
  return findings.map(({ severity, rule, title }) => `${severity} ${rule} ${title}`)
}
