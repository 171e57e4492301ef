// traffic.sqlite -> findings, with what was measured and the first packet of each.
import type { Observed } from '../detect/engine/finding.ts'
import { objectsOf, rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'
import { SEVERITY_RANK } from './expressions.ts'

/** Longer texts are not ours; they are not parsed. */
const LONGEST_EVIDENCE = 65_536

/** The conversation of an alert that began first. */
const FIRST_FLOW =
  'SELECT x.flow_id FROM alert_flows x JOIN flows y ON y.id = x.flow_id WHERE x.alert_id = a.id ORDER BY y.first_us, y.id LIMIT 1'

const PLACE = (key: string, otherwise: string) =>
  `coalesce(CASE WHEN json_valid(a.evidence) THEN json_extract(a.evidence, '$.${key}') END, ${otherwise})`

export interface AlertRow {
  id: number
  rule: string
  severity: string
  severityReason: string
  title: string
  nextStep: string
  firstUs: number
  lastUs: number
  source: string | null
  target: string | null
  technique: string | null
  /** Number of its conversations. */
  flows: number
  /** Id of the first alert of the same incident. */
  storyId: number
  /** Number, in its capture, of the frame that shows it (ARP), else of the first packet of the conversation that began first; null for none. */
  frame: number | null
  /** Name of that capture; null where there is only one. */
  frameFile: string | null
  /** Measured values with their thresholds. */
  observed: Observed[]
}

/** Findings that begin a story, and how many have each severity, all findings counted. @param alerts all of the database, where they are read already */
export function readStories(db: SqlDatabase, most: number, alerts?: AlertRow[]): { heads: AlertRow[]; counts: Record<string, number> } {
  const counts = rowsOf(db, 'SELECT severity, count(*) FROM alerts GROUP BY severity') as [string, number][]
  const heads = alerts?.filter(({ id, storyId }) => id === storyId).slice(0, most)
  return {
    heads: heads ?? readAlerts(db, `WHERE a.id = a.story_id AND length(a.evidence) <= ${LONGEST_EVIDENCE}`, most),
    counts: Object.fromEntries(counts),
  }
}

/** The most severe incident first; inside it the most severe alert first, then by start time. */
export function readAlerts(db: SqlDatabase, where = '', most = -1): AlertRow[] {
  const alerts = objectsOf<Omit<AlertRow, 'observed'> & { evidence: string }>(
    db,
    `SELECT a.id, a.rule, a.severity, a.severity_reason AS severityReason, a.title, a.next_step AS nextStep, a.first_us AS firstUs,
       a.last_us AS lastUs, s.ip AS source, t.ip AS target, a.technique, a.flows, a.story_id AS storyId,
       ${PLACE('frame', 'f.first_frame')} AS frame, CASE WHEN (SELECT count(*) FROM captures) > 1 THEN c.file END AS frameFile, a.evidence
     FROM alerts a LEFT JOIN hosts s ON s.id = a.source_host_id LEFT JOIN hosts t ON t.id = a.target_host_id
       LEFT JOIN flows f ON f.id = (${FIRST_FLOW}) LEFT JOIN captures c ON c.id = ${PLACE('capture_id', 'f.first_capture_id')}
     ${where} ORDER BY a.story_id, ${SEVERITY_RANK}, a.first_us, a.id LIMIT ?`,
    [most],
  )
  return alerts.map(({ evidence, ...alert }) => ({ ...alert, observed: (JSON.parse(evidence) as Partial<AlertRow>).observed ?? [] }))
}
