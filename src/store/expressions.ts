// SQL that more than one reader of the database needs.

/** Of a row of alerts, the gravest 0. */
export const SEVERITY_RANK = "CASE a.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END"
