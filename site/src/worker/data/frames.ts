// Frame numbers of the report's packets -> texts for "go to packet" in Wireshark: with several captures, they name the file.

import { isCount, textOf } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import type { OpenReport } from './report-state.ts'

/** Names of the captures by id; empty where there is only one. */
const captureNames = oncePerReport(({ database }): Map<number, string> => {
  const names = new Map<number, string>()
  forEachRow(database, "SELECT id, file FROM captures WHERE format <> 'not read'", (row) => {
    const [id, file] = row.get()
    if (isCount(id)) names.set(id, textOf(file))
  })
  if (names.size < 2) names.clear()
  return names
})

/** "1234", or "1234 in monday.pcap"; null when it is not known. */
export function describeFrame(report: OpenReport, frame: unknown, capture: unknown): string | null {
  if (!isCount(frame) || frame === 0) return null
  const name = captureNames(report).get(capture as number)
  return name === undefined ? String(frame) : `${frame} in ${name}`
}

/** The first frame of each finding: that of the conversation that began first, by alert id. */
export const framesOfAlerts = (report: OpenReport): Map<number, string> => {
  const frames = new Map<number, string>()
  for (const [alert, [frame, capture]] of firstFrames(report)) {
    const text = describeFrame(report, frame, capture)
    if (text !== null) frames.set(alert, text)
  }
  return frames
}

const firstFrames = oncePerReport(({ database, rows }): Map<number, [unknown, unknown]> => {
  const { alerts, details, flows } = rows
  const wanted = new Map<number, number[]>()
  for (const alert of alerts) {
    let first = -1
    for (const row of alert.flows) if (first < 0 || details.firstUs[row] < details.firstUs[first]) first = row
    if (first < 0) continue
    const id = flows.id[first]
    const alike = wanted.get(id)
    if (alike === undefined) wanted.set(id, [alert.id])
    else alike.push(alert.id)
  }
  const found = new Map<number, [unknown, unknown]>()
  const ids = [...wanted.keys()]
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    const part = ids.slice(at, at + MOST_IDS).join()
    forEachRow(database, `SELECT id, first_frame, first_capture_id FROM flows WHERE id IN (${part})`, (row) => {
      const [id, frame, capture] = row.get()
      for (const alert of wanted.get(id as number) ?? []) found.set(alert, [frame, capture])
    })
  }
  return found
})

/** Ids in one statement. */
const MOST_IDS = 1000

/** Most packets whose frame numbers are listed. */
const MOST_FRAMES = 1000

/**
 * The frames of flows as a display filter for their capture: "frame.number in {1, 5..9}".
 * @param flowIds of the flows @param span microseconds since the epoch, both ends included
 */
export function frameFilter(
  report: OpenReport,
  flowIds: readonly number[],
  packets: number,
  span: { fromUs: number; toUs: number } | null,
): { text: string; notes: string[] } {
  if (packets > MOST_FRAMES) return { text: '', notes: [`More than ${MOST_FRAMES} packets are too many for a list: filter for fewer.`] }
  const frames: number[] = []
  const captures = new Set<unknown>()
  let kept = 0
  forEachRow(
    report.database,
    `SELECT frame, capture_id, at_us FROM packets WHERE flow_id IN (${flowIds.join()}) AND frame IS NOT NULL`,
    (row) => {
      const [frame, capture, atUs] = row.get()
      if (!isCount(frame)) return
      kept++
      if (span !== null && ((atUs as number) < span.fromUs || (atUs as number) > span.toUs)) return
      frames.push(frame)
      captures.add(capture)
    },
  )
  if (kept < packets)
    return { text: '', notes: [`The report has ${kept} of these ${packets} packets (analyze --max-packets all keeps every one).`] }
  if (captures.size > 1) return { text: '', notes: ['These packets are in several captures: filter for fewer.'] }
  const [capture] = captures
  const name = captureNames(report).get(capture as number)
  return { text: frames.length === 0 ? '' : `frame.number in {${ranges(frames)}}`, notes: name === undefined ? [] : [`For ${name}.`] }
}

/** 1, 2, 3, 7 -> "1..3, 7" */
function ranges(frames: number[]): string {
  const sorted = [...new Set(frames)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < sorted.length; ) {
    let end = at
    while (sorted[end + 1] === sorted[end] + 1) end++
    parts.push(end === at ? String(sorted[at]) : `${sorted[at]}${end === at + 1 ? ', ' : '..'}${sorted[end]}`)
    at = end + 1
  }
  return parts.join(', ')
}
