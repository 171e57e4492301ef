// The open database -> its incidents: the same code that writes report.html.
import { readIncidents } from '../../../../src/report/incidents.ts'
import type { SqlDatabase } from '../../../../src/types.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { isGrowing } from '../live/grow.ts'

/** Null for a capture that runs, whose database has alerts of another time than the page, and for a database without these tables. */
export function listIncidents(report: OpenReport): Questions['incidents']['answer'] {
  if (isGrowing(report)) return null
  try {
    return readIncidents(report.database as SqlDatabase)
  } catch {
    return null
  }
}
