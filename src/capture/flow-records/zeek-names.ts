// Fields of a line of Zeek's dns.log, ssl.log and http.log -> names of servers and addresses, DNS messages.
// Fields: https://docs.zeek.org/en/current/logs/dns.html, ssl.html, http.html
import { Protocol } from '../../decode/codes.ts'
import type { LogNames } from './log-names.ts'
import { protocolOf } from './protocols.ts'
import type { LogEnds } from './record.ts'
import { decimal, microseconds } from './values.ts'
import { type Field, type FieldList, zeekTime } from './zeek-conn.ts'

/** @returns null, or why the line is left out */
export function readSsl(field: Field, names: LogNames): string | null {
  // ssl.log has TLS and DTLS; only the version tells them apart.
  const protocol = field('version')?.startsWith('DTLS') ? Protocol.udp : Protocol.tcp
  return names.addServer('tls', field('server_name') ?? '', zeekTime(field('ts')), endsOf(field, protocol), field('ja4') ?? '')
}

/** @returns null, or why the line is left out */
export function readHttp(field: Field, names: LogNames): string | null {
  return names.addServer('http', field('host') ?? '', zeekTime(field('ts')), endsOf(field, Protocol.tcp))
}

/** A question and its answer, with the time between them if Zeek saw both. @returns null, or why the line is left out */
export function readDns(field: Field, names: LogNames, list: FieldList): string | null {
  const atUs = zeekTime(field('ts'))
  const rttUs = microseconds(decimal(field('rtt') ?? ''))
  const message = {
    ends: endsOf(field, protocolOf(field('proto') ?? '')),
    // A line has both messages. Its trans_id may be unset, and that of two lines the same.
    id: names.messages.length & 0xffff,
    name: field('query') ?? '',
    type: field('qtype_name') ?? '',
  }
  const responseCode = field('rcode_name') ?? ''
  const answers = list('answers').filter((answer) => answer !== '')
  if (responseCode === '' || rttUs !== null) {
    const problem = names.addMessage({ ...message, atUs, isResponse: false, responseCode: '', answers: [] })
    if (problem !== null || responseCode === '') return problem
  }
  return names.addMessage({ ...message, atUs: atUs === null ? null : atUs + (rttUs ?? 0), isResponse: true, responseCode, answers })
}

function endsOf(field: Field, protocol: number): LogEnds {
  return {
    client: field('id.orig_h') ?? '',
    clientPort: decimal(field('id.orig_p') ?? ''),
    server: field('id.resp_h') ?? '',
    serverPort: decimal(field('id.resp_p') ?? ''),
    protocol,
  }
}
