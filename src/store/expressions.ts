// SQL that more than one reader of the database needs.

import { SEVERITIES } from '../types.ts'

/** Of a row of alerts; the most severe has the lowest. */
export const SEVERITY_RANK = `CASE a.severity ${SEVERITIES.map((severity, index) => `WHEN '${severity}' THEN ${-index}`).join(' ')} ELSE 0 END`
