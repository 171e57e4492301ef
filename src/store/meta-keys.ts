// The keys of the table meta: what each says of a report.

/** Options that leave packets out. */
export const CHOSEN_KEYS = ['from_option', 'to_option', 'only_option', 'filter_option'] as const
type ChosenKey = (typeof CHOSEN_KEYS)[number]

/** Keys without a row if they do not apply. */
export type OptionalKey =
  | 'flows_limit'
  | 'aggregated_flows'
  | 'aggregated_packets'
  | 'subframes'
  | 'origin_region'
  | 'deduplicate'
  | 'mask_accounts'
  | 'observations_kept'
  | 'merged'
  | ChosenKey

/**
 * Keys of the meta table; every value is text, numbers in decimal, "" for unknown.
 * - program, program_version; report_name
 * - first_us, last_us, tick_us, ticks: the timeline (ticks = how many there are; 0 without packets)
 * - main_first_us, main_last_us: the part of the timeline that has the packets, in whole ticks. The same as first_us and last_us unless
 *   a clock jumped: 20 packets of 1970 before 5 minutes of today leave ticks that suit the 5 minutes, and tick numbers of billions
 * - packets, packets_kept, ip_packets, bytes, flows, hosts: totals over all captures
 * - subframes: only where 802.11 frames carried several packets (A-MSDU): packets in flows beyond one per frame, so ip_packets and these make the packets of flows
 * - public_hosts, located_hosts: located of public
 * - origin_name, origin_latitude_deg, origin_longitude_deg, origin_source: default (assumed: nobody said
 *   where it was captured), option, auto, or page (chosen in the page that this file was saved from)
 * - origin_region: only where nobody said where it was captured, and round-trip times allow a region: JSON of its middle, radius, the name of the nearest
 *   place in it, and how many places with a time agree
 * - geoip_database, geoip_build_date (ISO 8601), geoip_attribution; asn_database, asn_build_date
 * - kernel_drops, queue_drops: of a live capture, packets that the kernel and the program had no room for; of a pcapng file with interface
 *   statistics, those dropped by interface and system; "" for other capture files, which do not say
 * - drops_estimated: 1 where kernel_drops comes from the interface's counters and not from the capturing program
 * - names_left_out, dns_queries_left_out, software_left_out, identities_left_out: how many rows the bounds on memory kept out; observations_left_out: the same of what
 *   rules look at beside conversations (logins, TLS servers, ARP and their like)
 * - observations_kept: which kinds the table observations has, 2: all of this version; no such row with pseudonyms of accounts, and in reports of earlier versions
 * - link_packets_unlisted: packets without IP that have no row in link_traffic: their frame has no hardware addresses, --only or -f was given, there were
 *   more pairs of addresses than the table holds, or a merged report is of an earlier version
 * - flows_limit, aggregated_flows, aggregated_packets: only where there were more conversations or hosts than the limit: how many have a row of their own;
 *   how many rows of flows stand for many conversations each (those with an id above the limit and no ports; state OTH), and the packets in them
 * - rules_version: of the set of rules, the sum of their versions; rules_off: ids of rules switched off, space separated
 * - findings_suppressed: JSON [{"line":12,"reason":"...","findings":3}], one for each suppression of the rules file
 * What the report was made from beside the captures, so that it can be made again (rtnvis verify); file names without folders:
 * - report_name_option, origin_option: as typed; "" for the default
 * - max_packets: rows of packets kept at most, or all
 * - deduplicate: 1 where packets that are there a second time were left out (skipped says how many); else there is no such row
 * - mask_accounts: 1 where identities have pseudonyms in place of the names of accounts; else there is no such row
 * - merged: 1 where the report was made of reports, not of captures; else there is no such row
 * - from_option, to_option, only_option, filter_option: --from, --to, --only and -f as typed, each only where it was given; the packets that they left
 *   out are counted in packets, and in skipped
 * - pages: what was written beside this file: folder (player and assets/), file (player as one file) or none
 * - rules_file, rules_sha256; baseline_file, baseline_sha256; blocklists: JSON [{"file":"...","sha256":"..."}] in the order given
 * - geoip_files: JSON [{"type":"...","buildEpoch":1789700000,"bytes":66000000}] in the order they are asked
 */
export type MetaKey =
  | OptionalKey
  | 'program'
  | 'program_version'
  | 'report_name'
  | 'first_us'
  | 'last_us'
  | 'main_first_us'
  | 'main_last_us'
  | 'tick_us'
  | 'ticks'
  | 'packets'
  | 'packets_kept'
  | 'ip_packets'
  | 'bytes'
  | 'flows'
  | 'hosts'
  | 'public_hosts'
  | 'located_hosts'
  | 'origin_name'
  | 'origin_latitude_deg'
  | 'origin_longitude_deg'
  | 'origin_source'
  | 'geoip_database'
  | 'geoip_build_date'
  | 'geoip_attribution'
  | 'asn_database'
  | 'asn_build_date'
  | 'kernel_drops'
  | 'queue_drops'
  | 'drops_estimated'
  | 'names_left_out'
  | 'dns_queries_left_out'
  | 'software_left_out'
  | 'identities_left_out'
  | 'observations_left_out'
  | 'link_packets_unlisted'
  | 'rules_version'
  | 'rules_off'
  | 'findings_suppressed'
  | 'report_name_option'
  | 'origin_option'
  | 'max_packets'
  | 'pages'
  | 'rules_file'
  | 'rules_sha256'
  | 'baseline_file'
  | 'baseline_sha256'
  | 'blocklists'
  | 'geoip_files'
