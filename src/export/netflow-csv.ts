// A report -> flow records in one direction each, as CSV with the first columns of `nfdump -o csv` (nfdump 1.6 and 1.7.1).

import { ownValue } from '../own-value.ts'
import type { ExportFormat } from './format.ts'
import { icmpMessage } from './icmp.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportFlow, ExportHost } from './rows.ts'

const COLUMNS = [
  'ts',
  'te',
  'td',
  'sa',
  'da',
  'sp',
  'dp',
  'pr',
  'flg',
  'fwd',
  'stos',
  'ipkt',
  'ibyt',
  'opkt',
  'obyt',
  'in',
  'out',
  'sas',
  'das',
]

/** Highest bit first, as nfdump writes them. */
const FLAGS = 'CEUAPRSF'

/** UTC, to the second as nfdump; `td` has milliseconds. */
const timeOf = (us: number): string => new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19).replace('T', ' ')

const PROTOCOLS: Record<string, string> = { icmpv6: 'ICMP6' }

/** nfdump prints the number of a protocol that it has no name for. */
const protocolOf = ({ transport }: ExportFlow): string => ownValue(PROTOCOLS, transport) ?? transport.replace(/^ip-/, '').toUpperCase()

/** Texts are of the report, which may be hostile: what could end a cell is left out. */
const plain = (text: string): string => text.replace(/[^\w.:%-]/g, '')

interface Side {
  host: ExportHost
  port: number | null
  packets: number
  bytes: number
  flags: number
}

/** Of ICMP, nfdump has type and code in place of the port. */
function portOf(flow: ExportFlow, to: Side): number | string {
  const icmp = icmpMessage(flow)
  if (icmp === null) return to.port ?? 0
  return to.host === flow.server ? `${icmp.type}.${icmp.code}` : `${icmp.answer ?? icmp.type}.0`
}

function record(flow: ExportFlow, from: Side, to: Side): string {
  const flags = [...FLAGS].map((letter, i) => (from.flags & (128 >> i) ? letter : '.')).join('')
  const cells = [
    timeOf(flow.firstUs),
    timeOf(flow.lastUs),
    (Math.floor((flow.lastUs - flow.firstUs) / 1000) / 1000).toFixed(3),
    plain(from.host.address),
    plain(to.host.address),
    from.port ?? 0,
    portOf(flow, to),
    plain(protocolOf(flow)),
    flags,
    ...[0, 0, from.packets, from.bytes, 0, 0, 0, 0],
    ...[from.host.asn ?? 0, to.host.asn ?? 0],
  ]
  return `${cells.join(',')}\n`
}

export const NETFLOW_CSV: ExportFormat = {
  files: [{ name: 'flows.csv', head: () => `${COLUMNS.join(',')}\n` }],
  write(report: ReportRows, add) {
    for (const flow of report.flows()) {
      const client = {
        host: flow.client,
        port: flow.clientPort,
        packets: flow.clientPackets,
        bytes: flow.clientBytes,
        flags: flow.clientFlags,
      }
      const server = {
        host: flow.server,
        port: flow.serverPort,
        packets: flow.serverPackets,
        bytes: flow.serverBytes,
        flags: flow.serverFlags,
      }
      if (client.packets > 0) add(0, record(flow, client, server))
      if (server.packets > 0) add(0, record(flow, server, client))
    }
  },
}
