// SQL that more than one reader of the database needs.

/** The name a host is shown by: what it was addressed by (TLS, QUIC, then HTTP), else what DNS called it, else any; the most frequent of these. */
export const HOST_NAME = `(SELECT n.name FROM names n WHERE n.host_id = h.id
  ORDER BY CASE n.source WHEN 'tls' THEN 0 WHEN 'quic' THEN 0 WHEN 'http' THEN 1 WHEN 'dns' THEN 2 ELSE 3 END, n.count DESC, n.name LIMIT 1)`

/** Of a row of alerts, the gravest 0. */
export const SEVERITY_RANK = "CASE a.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END"
