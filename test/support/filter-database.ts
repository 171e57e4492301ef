// The sample report with what filters ask for beyond it: an alert, a DNS question, a network, a fingerprint, a tunnel, IPv6.
import { FIRST_US, makeSampleDatabase } from './sample-database.ts'

const at = (seconds: number) => FIRST_US + seconds * 1e6

/** Flow 8 goes from 2001:db8::5 to 203.0.114.5 at second 55; the others are those of sample-database.ts. */
export function makeFilterDatabase(): Promise<Uint8Array> {
  return makeSampleDatabase((database) => database.run(CHANGES))
}

const CHANGES = `
    UPDATE hosts SET asn = 64500, as_name = 'Example Networks' WHERE id = 3;
    UPDATE flows SET ja4 = 't13d1516h2_8daaf6152771_e5627efa2ab1' WHERE id = 1;
    UPDATE flows SET community_id = '1:LQU9qZlK+B5F3KDmev6m5PMibrg=' WHERE id = 2;
    UPDATE flows SET tunnel = 'mpls/gre/vxlan' WHERE id = 6;
    INSERT INTO hosts VALUES (8, '2001:db8::5', 'documentation', NULL, NULL, NULL, ${at(55)}, ${at(56)}, 1, 1, 100, 100, NULL, NULL, NULL, NULL);
    UPDATE hosts SET rtt_us = 900, place_check = 'impossible' WHERE place_id = (SELECT id FROM places WHERE city = 'Tokyo');
    INSERT INTO flows (id, transport, protocol_number, client_host_id, client_port, server_host_id, server_port, first_us, last_us,
      client_packets, server_packets, client_bytes, server_bytes, client_tcp_flags, server_tcp_flags, state, application, application_source)
      VALUES (8, 'tcp', 6, 8, 51000, 3, 443, ${at(55)}, ${at(56)}, 1, 1, 100, 100, 2, 18, 'SF', 'tls', 'port');
    INSERT INTO activity VALUES (55, 8, 1, 1, 100, 100);
    INSERT INTO dns_queries (id, flow_id, at_us, name, type, response_code, answers, answer_us)
      VALUES (1, 2, ${at(10)}, 'www.example.org', 'A', 'NOERROR', '203.0.114.5', 12000), (2, 2, ${at(10)}, 'gone.example.net', 'A', 'NXDOMAIN', '', NULL);
    INSERT INTO alerts (id, rule, rule_version, severity, severity_reason, title, next_step, first_us, last_us, source_host_id, target_host_id, technique,
      evidence, flows, story_id)
      VALUES (1, 'brute-force', 1, 'high', 'because', '200.160.2.3 guessed passwords of 192.168.1.20.', 'Look at the log of 192.168.1.20.', ${at(20)},
        ${at(40)}, 5, 2, 'T1110', '{"observed":[{"name":"attempts","value":30,"unit":"","threshold":20}],"picture":{"kind":"bars","x":{"label":"Time","unit":"s"},"y":{"label":"Attempts","unit":""},"points":[[0,10],[10,20]],"threshold":{"axis":"y","value":15,"label":"15 attempts"},"caption":"Attempts over time"}}', 1, 1);
    INSERT INTO alert_flows (alert_id, flow_id) VALUES (1, 3);
    INSERT INTO packets (id, flow_id, at_us, from_client, bytes) VALUES (1, 1, ${at(1)}, 1, 1514), (2, 3, ${at(20)}, 1, 60), (3, 8, ${at(55)}, 0, 100);
    UPDATE meta SET value = '8' WHERE key IN ('flows', 'hosts');
    UPDATE meta SET value = '32' WHERE key IN ('packets', 'ip_packets');
    UPDATE meta SET value = '10200' WHERE key = 'bytes';
    INSERT INTO meta VALUES ('rules_version', '1');
  `
