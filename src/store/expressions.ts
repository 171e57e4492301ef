// SQL expressions for several readers of the database.

import { SEVERITIES } from '../types.ts'

/** Sort key of a row of `alerts a`: the most severe is the lowest. */
export const SEVERITY_RANK = `CASE a.severity ${SEVERITIES.map((severity, index) => `WHEN '${severity}' THEN ${-index}`).join(' ')} ELSE 0 END`
