// Dropped rules, block lists and baseline -> options of the pipeline.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { parseRulesFile } from '../detect/engine/rules-file.ts'
import type { DetectionOptions } from '../detect/index.ts'
import { UsageError } from '../errors.ts'
import { type Hash, readBlocklists } from '../input/blocklist.ts'
import { readBaseline } from '../store/read-baseline.ts'
import { openReportDatabase } from '../store/report-database.ts'
import type { ReportInputs, SqlDatabase } from '../types.ts'
import { piecesOf, reasonOf } from './file-stream.ts'
import type { DropOptions } from './messages.ts'

export interface OpenDetection {
  detection: DetectionOptions
  inputs: Pick<ReportInputs, 'rules' | 'blocklists' | 'baseline'>
  warnings: string[]
}

/** @throws UsageError naming the file, and for a rules file the line */
export async function openDetection(
  { rules, blocklists, baseline }: DropOptions,
  openDatabase: Promise<(bytes: Uint8Array) => SqlDatabase>,
): Promise<OpenDetection> {
  const inputs: OpenDetection['inputs'] = { rules: null, blocklists: [], baseline: null }
  const detection: DetectionOptions = { blocklist: null, baseline: null }
  if (rules !== null) {
    const bytes = await wholeFile(rules, '--rules')
    detection.settings = parseRulesFile(new TextDecoder().decode(bytes), rules.name)
    inputs.rules = { file: rules.name, sha256: bytesToHex(sha256(bytes)) }
  }
  const files = blocklists.map((file) => ({ path: file.name, file: file.name, chunks: () => piecesOf(file) }))
  const lists = await readBlocklists(files, { sha256: nobleHash, reasonOf })
  detection.blocklist = lists.blocklist
  inputs.blocklists = lists.inputs
  if (baseline !== null) {
    const bytes = await wholeFile(baseline, '--baseline')
    try {
      const database = openReportDatabase(await openDatabase, bytes)
      detection.baseline = readBaseline(database, baseline.name)
      database.close()
    } catch (error) {
      throw new UsageError(`--baseline ${baseline.name}: ${(error as Error).message}`)
    }
    inputs.baseline = { file: baseline.name, sha256: bytesToHex(sha256(bytes)) }
  }
  return { detection, inputs, warnings: lists.warnings }
}

async function wholeFile(file: File, option: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch (error) {
    throw new UsageError(`${option} ${file.name}: ${reasonOf(error)}`)
  }
}

function nobleHash(): Hash {
  const hash = sha256.create()
  return { update: (bytes) => hash.update(bytes), digest: () => bytesToHex(hash.digest()) }
}
