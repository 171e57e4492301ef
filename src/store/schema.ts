// The schema of traffic.sqlite. Its comments are the documentation that a user reads with `.schema`.
// Times are integer microseconds since the epoch, UTC (`*_us`). Bytes are original frame lengths on the wire unless a column says otherwise.

import { FLOW_COLUMNS, type FlowColumn } from './flow-columns.ts'
import { TCP_COLUMNS } from './tcp-columns.ts'

/** "RTNV": `file` and other tools recognise an rtnvis database by it (SQLite file format, 1.3.17). */
export const APPLICATION_ID = 0x52544e56

/** Raised when a column or table changes its meaning, not when one is added. */
export const SCHEMA_VERSION = 1

/** Executed once on the empty database, before any row. Pages stay in the cache until the only commit, which saves a third of the time. */
export const PRAGMAS = `
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA foreign_keys = OFF;
PRAGMA cache_size = -262144;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`

function describeColumns(columns: readonly Pick<FlowColumn, 'name' | 'sql' | 'about'>[] | typeof TCP_COLUMNS): string {
  const lines = columns.map(({ name, sql, about }, index) => {
    const column = `  ${name} ${sql}${index < columns.length - 1 ? ',' : ''}`
    return about === undefined ? column : `${column.padEnd(34)} -- ${about}`
  })
  return lines.join('\n')
}

/** Came after schema version 1 was first released. */
export const RETRANSMISSIONS_TABLE = `CREATE TABLE retransmissions (
  tick INTEGER NOT NULL,           -- as in activity; only where a TCP segment was repeated
  flow_id INTEGER NOT NULL REFERENCES flows(id),
  client_retransmissions INTEGER NOT NULL, -- their sums are those of tcp
  server_retransmissions INTEGER NOT NULL,
  PRIMARY KEY (tick, flow_id)
) STRICT, WITHOUT ROWID;`
export const LINK_TRAFFIC_TABLE = `CREATE TABLE link_traffic (
  source_mac TEXT NOT NULL,        -- who sent frames without IP (ARP, STP, LLDP, 802.11 management, ...); six bytes in hexadecimal digits, with colons
  destination_mac TEXT NOT NULL,   -- ff:ff:ff:ff:ff:ff is everybody, an odd first byte a group; '' where the frame does not say (Linux cooked captures)
  protocol TEXT NOT NULL,          -- skipped.reason without "not IP: "
  source_vendor TEXT,              -- who made the interface, by the addresses that IEEE registers; null: not known
  destination_vendor TEXT,
  packets INTEGER NOT NULL,        -- with meta.link_packets_unlisted, all packets of skipped whose reason begins with "not IP" or "encrypted"
  bytes INTEGER NOT NULL,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  frame INTEGER NOT NULL,          -- number in its capture of the first of these packets: Wireshark's frame.number
  capture_id INTEGER NOT NULL REFERENCES captures(id),
  source_addresses TEXT,           -- IPv4 addresses that the sender gives as its own in these frames (ARP), the four lowest, with commas between; null: none
  PRIMARY KEY (source_mac, destination_mac, protocol)
) STRICT, WITHOUT ROWID;`
export const TCP_TABLE = `CREATE TABLE tcp (
  flow_id INTEGER PRIMARY KEY REFERENCES flows(id), -- of TCP conversations, unless there is only a SYN and perhaps a reset; of QUIC ones, of which handshake_us and syn_ack_us alone are known
${describeColumns(TCP_COLUMNS)}
) STRICT;`

/** The same. */
export const IDENTITIES_TABLE = `CREATE TABLE identities (
  host_id INTEGER NOT NULL REFERENCES hosts(id),
  kind TEXT NOT NULL,              -- role, mac, vendor (of the mac), os, host-name, account, machine (account of a machine), vendor-class, user-agent, ssh-client, ssh-server, ja4, certificate and file (SHA-256)
  value TEXT NOT NULL,             -- what the host says of itself, or what it answers (role); text from the network, never markup
  source TEXT NOT NULL,            -- the protocol that carried it; of a file, its name behind it; of a role, what the host answered or who names it; of a vendor, the mac
  first_us INTEGER NOT NULL,       -- when it was first seen
  count INTEGER NOT NULL,          -- packets that carried it; of a role, conversations; of ja4, user-agent and ssh, conversations
  flow_id INTEGER REFERENCES flows(id), -- the conversation that carried it first; null for ARP, which has none
  frame INTEGER NOT NULL,          -- number in its capture of the first packet that carried it: Wireshark's frame.number
  capture_id INTEGER NOT NULL REFERENCES captures(id),
  PRIMARY KEY (host_id, kind, value, source)
) STRICT, WITHOUT ROWID;`

/** The same. */
export const OBSERVATIONS_TABLE = `CREATE TABLE observations (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,              -- what packets showed and conversations do not: credentials, answered_logins, kerberos, controllers, http_exploits, ...
  flow_id INTEGER REFERENCES flows(id), -- the conversation in which it was seen; null for kinds of several
  data TEXT NOT NULL               -- JSON object: what was seen, for the rules; texts from the network, never markup
) STRICT;`

export const TABLES = `
CREATE TABLE captures (
  id INTEGER PRIMARY KEY,          -- 1, 2, ... in the order the files were given
  file TEXT NOT NULL,              -- base name only: a shared report must not tell folders
  sha256 TEXT,                     -- hex digest of the file's bytes as stored (compressed if it was); null when they were not all read, or it was not wanted
  format TEXT NOT NULL,            -- pcap or pcapng, with byte order, time resolution and compression in words
  link_types TEXT NOT NULL,        -- LINKTYPE_ numbers seen, ascending, comma separated
  packets INTEGER NOT NULL,        -- every packet record read
  bytes INTEGER NOT NULL,          -- sum of original lengths
  captured_bytes INTEGER NOT NULL, -- sum of the lengths that are really in the file
  ip_packets INTEGER NOT NULL,     -- packets that are in a flow; with all of skipped they make packets (see meta.subframes)
  first_us INTEGER,                -- earliest packet time, null without packets
  last_us INTEGER,                 -- latest packet time
  ended_by TEXT NOT NULL,          -- "end of file", or what stopped the reading and at which byte
  warnings TEXT NOT NULL           -- one oddity a line, empty when there was none
) STRICT;
CREATE TABLE skipped (
  capture_id INTEGER NOT NULL REFERENCES captures(id),
  reason TEXT NOT NULL,            -- why these packets are in no flow, in words
  packets INTEGER NOT NULL,
  PRIMARY KEY (capture_id, reason)
) STRICT, WITHOUT ROWID;
${LINK_TRAFFIC_TABLE}
CREATE TABLE places (
  id INTEGER PRIMARY KEY,
  latitude_deg REAL NOT NULL,
  longitude_deg REAL NOT NULL,
  accuracy_km INTEGER,             -- radius the geolocation database gives, null if it gives none
  city TEXT,
  region TEXT,
  country_code TEXT,               -- ISO 3166-1 alpha-2
  country TEXT,
  continent_code TEXT,
  time_zone TEXT,                  -- IANA name
  precision TEXT NOT NULL          -- city, region, country (a centre, not a place), or origin (set by the user: where private addresses stand)
) STRICT;
CREATE TABLE hosts (
  id INTEGER PRIMARY KEY,
  ip TEXT NOT NULL UNIQUE,         -- canonical text (RFC 5952); 0.0.0.0/0 and ::/0 stand for all hosts beyond meta.flows_limit
  scope TEXT NOT NULL,             -- public, private, loopback, link-local, multicast, broadcast, documentation, cgnat or reserved
  place_id INTEGER REFERENCES places(id), -- null: not located
  asn INTEGER,                     -- autonomous system number
  as_name TEXT,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  sent_packets INTEGER NOT NULL,
  received_packets INTEGER NOT NULL,
  sent_bytes INTEGER NOT NULL,
  received_bytes INTEGER NOT NULL,
  name TEXT,                       -- the one of its names that reports show: from TLS or QUIC, else HTTP, else DNS, else any; the most frequent of these
  name_source TEXT,                -- where that name was read, as in names.source
  rtt_us INTEGER,                  -- shortest round-trip time from the capture to it, of TCP conversations without repeated segments; null: not known
  place_check TEXT                 -- whether light could reach its place from the origin in that time: possible or impossible; null where no origin was chosen,
                                   -- or time or place (city or region) is not known
) STRICT;
CREATE TABLE flows (
  id INTEGER PRIMARY KEY,          -- in the order the conversations began
${describeColumns(FLOW_COLUMNS)}
) STRICT;
${TCP_TABLE}
CREATE TABLE activity (
  tick INTEGER NOT NULL,           -- floor((time - meta.first_us) / meta.tick_us)
  flow_id INTEGER NOT NULL REFERENCES flows(id),
  client_packets INTEGER NOT NULL,
  server_packets INTEGER NOT NULL,
  client_bytes INTEGER NOT NULL,
  server_bytes INTEGER NOT NULL,
  PRIMARY KEY (tick, flow_id)
) STRICT, WITHOUT ROWID;
${RETRANSMISSIONS_TABLE}
CREATE TABLE ticks (
  tick INTEGER PRIMARY KEY,        -- as in activity; ticks without packets have no row
  packets INTEGER NOT NULL,        -- of all conversations together
  bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE totals (
  subject TEXT NOT NULL,           -- application, transport; or where an end of the conversation stands: country, origin, unlocated (public, place not known), none (multicast, ...)
  name TEXT,                       -- of the application, transport or country; null where not known
  country_code TEXT,               -- ISO 3166-1 alpha-2
  hosts INTEGER,                   -- that stand there; null for applications and transports
  flows INTEGER NOT NULL,          -- a conversation counts once for each place it has an end in
  packets INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE packets (
  id INTEGER PRIMARY KEY,          -- in the order read
  flow_id INTEGER NOT NULL REFERENCES flows(id),
  at_us INTEGER NOT NULL,
  from_client INTEGER NOT NULL,    -- 1: client to server, 0: server to client
  bytes INTEGER NOT NULL,
  tcp_flags INTEGER,               -- null unless TCP
  frame INTEGER,                   -- number in its capture, from 1: Wireshark's frame.number
  capture_id INTEGER REFERENCES captures(id)
) STRICT;
CREATE TABLE names (
  host_id INTEGER NOT NULL REFERENCES hosts(id),
  name TEXT NOT NULL,              -- as seen, lower case, no trailing dot; text from the network, never markup
  source TEXT NOT NULL,            -- tls, quic, http, dns, mdns, pcapng, ...: where it was read
  first_us INTEGER NOT NULL,       -- when it was first learned
  count INTEGER NOT NULL,          -- how often
  PRIMARY KEY (host_id, name, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE software (
  host_id INTEGER NOT NULL REFERENCES hosts(id),
  source TEXT NOT NULL,            -- http, sip (User-Agent of a client's first request), ssh (identification string, either end), smtp, ftp, imap, pop3 (a server's greeting)
  text TEXT NOT NULL,              -- what the program calls itself; text from the network, never markup
  first_us INTEGER NOT NULL,
  count INTEGER NOT NULL,          -- conversations it was read in
  PRIMARY KEY (host_id, source, text)
) STRICT, WITHOUT ROWID;
${IDENTITIES_TABLE}
${OBSERVATIONS_TABLE}
CREATE TABLE dns_queries (
  id INTEGER PRIMARY KEY,
  flow_id INTEGER NOT NULL REFERENCES flows(id),
  at_us INTEGER NOT NULL,          -- time of the question, or of the answer where the question was not seen
  name TEXT NOT NULL,
  type TEXT NOT NULL,              -- A, AAAA, HTTPS, ...
  response_code TEXT,              -- NOERROR, NXDOMAIN, ...; null: no answer seen
  answers TEXT,                    -- addresses and names answered, space separated; null: no answer seen
  answer_us INTEGER                -- from the question (the first, if it was repeated) to the answer; null: one of them was not seen
) STRICT;
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,          -- gravest first, then in the order they began
  rule TEXT NOT NULL,              -- id of the rule, as \`rtnvis rules\` lists it
  rule_version INTEGER NOT NULL,   -- raised when what the rule finds changes
  severity TEXT NOT NULL,          -- info, low, medium or high
  severity_reason TEXT NOT NULL,   -- why this severity
  title TEXT NOT NULL,             -- who did what to whom, in one sentence
  next_step TEXT NOT NULL,         -- what to check next, in one sentence
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  source_host_id INTEGER REFERENCES hosts(id), -- who did it; null: no single one
  target_host_id INTEGER REFERENCES hosts(id), -- to whom; null: no single one
  technique TEXT,                  -- MITRE ATT&CK id
  flows INTEGER NOT NULL,          -- how many conversations show it
  story_id INTEGER NOT NULL REFERENCES alerts(id), -- findings that belong together share it: the id of the first of them
  evidence TEXT NOT NULL           -- JSON: {"observed":[{"name","value","unit","threshold"}],"picture":{...} or null}; with "frame", "capture_id" where frames show it (ARP)
) STRICT;
CREATE TABLE alert_flows (
  alert_id INTEGER NOT NULL REFERENCES alerts(id),
  flow_id INTEGER NOT NULL REFERENCES flows(id), -- at most 1,000 an alert; alerts.flows has the true number
  PRIMARY KEY (alert_id, flow_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
