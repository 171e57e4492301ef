// Ends and protocol of a conversation, as columns -> its Community ID in DuckDB's SQL: the same as flows/community-id.ts, for TCP, UDP and SCTP.

/** Statements, in their order; macros call those before them. */
export const COMMUNITY_ID_MACROS = [
  // DuckDB may compute a branch of CASE for rows that take the other one: a cast there must not fail.
  `CREATE MACRO ip4_hex(ip) AS
    array_to_string(list_transform(string_split(ip, '.'), lambda part: printf('%02x', TRY_CAST(part AS INTEGER))), '')`,
  `CREATE MACRO groups_hex(groups) AS CASE WHEN groups = '' THEN ''
    ELSE array_to_string(list_transform(string_split(groups, ':'), lambda part: lpad(part, 4, '0')), '') END`,
  `CREATE MACRO filled_hex(before, after) AS concat(before, repeat('0', 32 - length(before) - length(after)), after)`,
  // Text of RFC 5952: "::" stands for the zeros, a mapped IPv4 address is dotted.
  `CREATE MACRO ip6_hex(ip) AS CASE WHEN ip LIKE '::ffff:%.%' THEN filled_hex('', concat('ffff', ip4_hex(substr(ip, 8))))
    ELSE filled_hex(groups_hex(split_part(ip, '::', 1)), groups_hex(split_part(ip, '::', 2))) END`,
  `CREATE MACRO ip_hex(ip) AS CASE WHEN contains(ip, ':') THEN ip6_hex(ip) ELSE ip4_hex(ip) END`,
  // The seed 0, the smaller end's address, the other's, the protocol, a zero, both ports.
  `CREATE MACRO ordered_id(protocol, a, a_port, b, b_port) AS concat('1:', to_base64(unhex(sha1(unhex(concat('0000',
    CASE WHEN (a, a_port) <= (b, b_port) THEN concat(a, b) ELSE concat(b, a) END, printf('%02x00', protocol),
    CASE WHEN (a, a_port) <= (b, b_port) THEN printf('%04x%04x', a_port, b_port) ELSE printf('%04x%04x', b_port, a_port) END))))))`,
  `CREATE MACRO community_id(protocol, client, client_port, server, server_port) AS CASE
    WHEN protocol IN (6, 17, 132) AND client_port IS NOT NULL AND server_port IS NOT NULL
    THEN ordered_id(protocol, ip_hex(client), client_port, ip_hex(server), server_port) END`,
]
