// A row of captures, compared with what independent code counted in the file.
import { isOfFlowRecords } from '../capture/flow-records/record.ts'
import { formatCount, formatPlural } from '../report/figures.ts'
import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs, notChecked } from './check.ts'
import type { Recount } from './recount.ts'
import { formatMicroseconds } from './time.ts'

/** The row of captures in the database. */
export interface CaptureClaim {
  file: string
  sha256: string | null
  format: string
  linkTypes: string
  packets: number
  bytes: number
  capturedBytes: number
  firstUs: number | null
  lastUs: number | null
  endedBy: string
  /** One per line. */
  warnings: string
}

/** Facts about the file, before its packets are counted. */
export interface FileFacts {
  sha256: string
  /** Size on disk, bytes. */
  storedBytes: number
  /** "gzip", "zstd" or "". */
  compression: string
  /** The programs that decompressed it, one for each layer of compression; "" if it is not compressed. */
  decompressedBy: string
  /** Why decompression ended early, "" if it did not. In a damaged file, independent code may stop earlier than the analysis. */
  stoppedBy: string
  /** Bytes after decompression, up to any damage. */
  captureBytes: number
}

/** Shortest record header: 16 bytes in classic pcap; 16 bytes around a simple packet block in pcapng. */
const MIN_RECORD_BYTES = 16

export function readClaims(database: SqlDatabase): CaptureClaim[] {
  const rows = rowsOf(
    database,
    `SELECT file, sha256, link_types, packets, bytes, captured_bytes, first_us, last_us, ended_by, format, warnings FROM captures ORDER BY id`,
  )
  return rows.map((row) => ({
    file: String(row[0]),
    sha256: row[1] === null ? null : String(row[1]),
    linkTypes: String(row[2]),
    packets: Number(row[3]),
    bytes: Number(row[4]),
    capturedBytes: Number(row[5]),
    firstUs: row[6] === null ? null : Number(row[6]),
    lastUs: row[7] === null ? null : Number(row[7]),
    endedBy: String(row[8]),
    format: String(row[9]),
    warnings: String(row[10]),
  }))
}

/** Whether the report covers only the beginning of a file, because of an interruption or a read error: only those packets can be compared. */
export function isPartial({ endedBy }: CaptureClaim): boolean {
  return /^(interrupted by the user|reading stopped at byte |zeros where the record at byte )/.test(endedBy)
}

/** Why the independent reader cannot read the file as the analysis did (joined captures, other record headers); "" if it can. */
export function whyReadOtherwise({ format }: CaptureClaim): string {
  if (isOfFlowRecords(format)) return `it was read as "${format}": a flow log has no packets to count again`
  const isPlain = /^pcap, (little|big)-endian, microseconds(, (gzip|zstd))*$/.test(format) || !format.startsWith('pcap,')
  return isPlain ? '' : `it was read as "${format}"; the independent reader (pcap-parser) reads only uncompressed classic pcap`
}

export function compareDigest(claim: CaptureClaim, facts: FileFacts): Check {
  if (claim.sha256 === null)
    return notChecked(
      claim.file,
      'SHA-256',
      'the database has none: it was not wanted (--no-digest), or the capture was not read from its file to the end',
    )
  if (claim.sha256 === facts.sha256) return agrees(claim.file, 'SHA-256', facts.sha256)
  return differs(claim.file, 'SHA-256', `database says ${claim.sha256}, the file's is ${facts.sha256}: it is another file, or was changed`)
}

/** For formats that are not recounted: checks that the file is large enough for the packets and bytes in the database. */
export function compareRoom(claim: CaptureClaim, facts: FileFacts): Check {
  if (isOfFlowRecords(claim.format)) return notChecked(claim.file, 'room in the file', 'a flow log has no packets')
  const needed = claim.packets * MIN_RECORD_BYTES + claim.capturedBytes
  const text = `${formatPlural(claim.packets, 'packet')} with ${formatPlural(claim.capturedBytes, 'captured byte')}`
  const room = `${formatPlural(facts.captureBytes, 'byte')}${afterDecompression(facts)}`
  if (needed <= facts.captureBytes) return agrees(claim.file, 'room in the file', `${text} fit into its ${room}`)
  return facts.stoppedBy === ''
    ? differs(claim.file, 'room in the file', `database says ${text}, which do not fit into the file's ${room}`)
    : notChecked(
        claim.file,
        'room in the file',
        `decompression by ${facts.decompressedBy} stopped after ${formatCount(facts.captureBytes)} bytes (${facts.stoppedBy})`,
      )
}

/** What was done before counting, as the end of a sentence. */
function afterDecompression({ compression, decompressedBy }: FileFacts): string {
  return compression === '' ? '' : ` after ${compression} decompression by ${decompressedBy}`
}

export function compareRecount(claim: CaptureClaim, recount: Recount, facts: FileFacts): Check[] {
  if (facts.stoppedBy !== '' && recount.packets < claim.packets) {
    const { decompressedBy, stoppedBy } = facts
    const counted = `${formatCount(recount.packets)} of the ${formatCount(claim.packets)} packets`
    return [
      notChecked(claim.file, 'packets, bytes and times', `decompression by ${decompressedBy} stopped after ${counted} (${stoppedBy})`),
    ]
  }
  const compare = (subject: string, said: number, counted: number, note = ''): Check =>
    said === counted
      ? agrees(claim.file, subject, formatCount(counted) + note)
      : differs(claim.file, subject, `database says ${formatCount(said)}, recount says ${formatCount(counted)}${note}`)
  const time = (subject: string, said: number | null, counted: number | null): Check =>
    said === counted
      ? agrees(claim.file, subject, formatMicroseconds(counted))
      : differs(claim.file, subject, `database says ${formatMicroseconds(said)}, recount says ${formatMicroseconds(counted)}`)
  const { ownBytes } = recount
  const note =
    ownBytes === 0
      ? ''
      : `; the records claim ${formatCount(ownBytes)} more, which were on no wire: headers of the capturing system, or garbage`
  const linkType = String(recount.linkType)
  return [
    compare(
      'packets',
      claim.packets,
      recount.packets,
      `, recounted by pcap-parser${afterDecompression(facts)}${recount.note === '' ? '' : `; ${recount.note}`}`,
    ),
    compare('bytes', claim.bytes, recount.bytes, note),
    compare('captured bytes', claim.capturedBytes, recount.capturedBytes),
    time('first packet', claim.firstUs, recount.firstUs),
    time('last packet', claim.lastUs, recount.lastUs),
    recount.packets === 0 || claim.linkTypes === linkType
      ? agrees(claim.file, 'link type', linkType)
      : differs(claim.file, 'link type', `database says ${claim.linkTypes}, the file says ${linkType}`),
  ]
}

/** By capture: packets after which a reading of it must end to be that of the report; undefined: all are read to their ends. */
export function packetLimitsOf(captures: CaptureClaim[]): number[] | undefined {
  if (!captures.some(isPartial)) return undefined
  return captures.map((claim) => (isPartial(claim) ? claim.packets : Number.POSITIVE_INFINITY))
}
