// traffic.sqlite -> what incidents are told from: who hosts are, and what their conversations show.
import { objectsOf } from '../sqlite/query.ts'
import type { Scope, SqlDatabase } from '../types.ts'

/** Where to look in Wireshark. */
export interface FramePlace {
  frame: number | null
  /** Name of the capture; null where there is only one. */
  frameFile: string | null
}

export interface IdentityRow extends FramePlace {
  kind: string
  value: string
  source: string
}

/** A conversation of a finding. */
export interface EvidenceFlow extends FramePlace {
  alertId: number
  client: string
  clientScope: Scope
  server: string
  serverScope: Scope
  application: string | null
  serverName: string | null
  serverNameSource: string | null
  ja4: string | null
  userAgent: string | null
  certificate: string | null
}

const FILE = 'CASE WHEN (SELECT count(*) FROM captures) > 1 THEN c.file END AS frameFile'
/** Conversations of a finding that are read for its indicators; they are alike. */
const MAX_FLOWS = 200

/** What a host says of itself, in the order of time. */
export function readIdentities(db: SqlDatabase, ip: string): IdentityRow[] {
  return objectsOf<IdentityRow>(
    db,
    `SELECT i.kind, i.value, i.source, i.frame, ${FILE}
     FROM identities i JOIN hosts h ON h.id = i.host_id LEFT JOIN captures c ON c.id = i.capture_id
     WHERE h.ip = ? ORDER BY i.first_us, i.kind, i.value, i.source`,
    [ip],
  )
}

/** The conversations of a finding that began first. */
export function readEvidence(db: SqlDatabase, alertId: number): EvidenceFlow[] {
  const ofFlow = (host: string, kind: string) =>
    `(SELECT i.value FROM identities i WHERE i.host_id = ${host} AND i.kind = '${kind}' ORDER BY i.flow_id = f.id DESC, i.first_us, i.value LIMIT 1)`
  return objectsOf<EvidenceFlow>(
    db,
    `SELECT x.alert_id AS alertId, k.ip AS client, k.scope AS clientScope, s.ip AS server, s.scope AS serverScope, f.application,
       f.server_name AS serverName, f.server_name_source AS serverNameSource, f.ja4, f.first_frame AS frame, ${FILE},
       CASE WHEN f.application = 'http' THEN ${ofFlow('k.id', 'user-agent')} END AS userAgent,
       CASE WHEN f.application = 'tls' THEN ${ofFlow('s.id', 'certificate')} END AS certificate
     FROM alert_flows x JOIN flows f ON f.id = x.flow_id JOIN hosts k ON k.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
       LEFT JOIN captures c ON c.id = f.first_capture_id
     WHERE x.alert_id = ? ORDER BY f.first_us, f.id LIMIT ?`,
    [alertId, MAX_FLOWS],
  )
}

/** SHA-256 of the files that the conversations of a finding carried, with the frames in which they begin. */
export function readFiles(db: SqlDatabase, alertId: number): (FramePlace & { value: string })[] {
  return objectsOf(
    db,
    `SELECT i.value, i.frame, ${FILE} FROM alert_flows x JOIN flows f ON f.id = x.flow_id
       JOIN identities i ON i.host_id IN (f.client_host_id, f.server_host_id) AND i.kind = 'file' AND i.flow_id = f.id LEFT JOIN captures c ON c.id = i.capture_id
     WHERE x.alert_id = ? ORDER BY i.first_us, i.value LIMIT ?`,
    [alertId, MAX_FLOWS],
  )
}

/** Null for an address without packets. */
export function readScope(db: SqlDatabase, ip: string): Scope | null {
  return objectsOf<{ scope: Scope }>(db, 'SELECT scope FROM hosts WHERE ip = ?', [ip])[0]?.scope ?? null
}

/** The names that the conversations of a finding asked DNS for, in order. */
export function readQuestions(db: SqlDatabase, alertId: number, most: number): string[] {
  return objectsOf<{ name: string }>(
    db,
    `SELECT q.name FROM dns_queries q JOIN alert_flows x ON x.flow_id = q.flow_id WHERE x.alert_id = ? ORDER BY q.id LIMIT ?`,
    [alertId, most],
  ).map(({ name }) => name)
}
