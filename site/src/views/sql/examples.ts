// Example queries: complete statements over tables that every report has.

export interface Example {
  title: string
  sql: string
}

const ENDS = `  JOIN hosts c ON c.id = f.client_host_id
  JOIN hosts s ON s.id = f.server_host_id`

export const EXAMPLES: Example[] = [
  {
    title: 'Flows with most bytes',
    sql: `SELECT f.id, c.ip AS client, s.ip AS server, f.server_port, f.application, f.server_name,
  f.client_bytes + f.server_bytes AS bytes
FROM flows f
${ENDS}
ORDER BY bytes DESC
LIMIT 50;`,
  },
  {
    title: 'Who talks to whom',
    sql: `SELECT c.ip AS client, s.ip AS server, count(*) AS flows, sum(f.client_bytes) AS sent, sum(f.server_bytes) AS received
FROM flows f
${ENDS}
GROUP BY c.id, s.id
ORDER BY sent + received DESC;`,
  },
  {
    title: 'Countries by bytes',
    sql: `SELECT p.country, count(DISTINCT h.id) AS hosts, sum(h.sent_bytes) AS sent, sum(h.received_bytes) AS received
FROM hosts h
  JOIN places p ON p.id = h.place_id
WHERE p.precision <> 'origin'
GROUP BY p.country_code
ORDER BY sent + received DESC;`,
  },
  {
    title: 'Bytes a minute',
    sql: `SELECT datetime((m.first_us + a.tick * m.tick_us) / 60000000 * 60, 'unixepoch') AS minute_utc,
  sum(a.client_bytes) AS from_clients, sum(a.server_bytes) AS from_servers
FROM activity a,
  (SELECT max(value) FILTER (WHERE key = 'first_us') + 0 AS first_us, max(value) FILTER (WHERE key = 'tick_us') + 0 AS tick_us FROM meta) m
GROUP BY minute_utc
ORDER BY minute_utc;`,
  },
  {
    title: 'Connections that failed',
    sql: `SELECT c.ip AS client, s.ip AS server, f.server_port, f.state, count(*) AS attempts
FROM flows f
${ENDS}
WHERE f.transport = 'tcp' AND f.state IN ('S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH')
GROUP BY c.id, s.id, f.server_port, f.state
ORDER BY attempts DESC;`,
  },
  {
    title: 'Names that do not exist (NXDOMAIN)',
    sql: `SELECT name, type, count(*) AS times
FROM dns_queries
WHERE response_code = 'NXDOMAIN'
GROUP BY name, type
ORDER BY times DESC;`,
  },
  {
    title: 'TLS clients by fingerprint (JA4)',
    sql: `SELECT f.ja4, count(*) AS flows, count(DISTINCT f.client_host_id) AS clients, group_concat(DISTINCT f.server_name) AS server_names
FROM flows f
WHERE f.ja4 IS NOT NULL
GROUP BY f.ja4
ORDER BY flows DESC;`,
  },
  {
    title: 'Alerts',
    sql: `SELECT a.severity, a.title, a.rule, a.technique, s.ip AS source, t.ip AS target,
  datetime(a.first_us / 1000000, 'unixepoch') AS first_utc
FROM alerts a
  LEFT JOIN hosts s ON s.id = a.source_host_id
  LEFT JOIN hosts t ON t.id = a.target_host_id
ORDER BY a.id;`,
  },
  {
    title: 'What became of every packet',
    sql: 'SELECT reason, sum(packets) AS packets\nFROM skipped\nGROUP BY reason\nORDER BY packets DESC;',
  },
]
