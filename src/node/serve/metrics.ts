// Counters -> Prometheus' text format (exposition format 0.0.4).
import type { LiveStatus } from '../../contract/live-feed.ts'
import type { Counters } from './env.ts'
import type { Viewers } from './viewers.ts'

export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge'
  values: { labels?: Record<string, string>; value: number }[]
}

export function formatMetrics(metrics: Metric[]): string {
  return metrics
    .map(({ name, help, type, values }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...values.map(({ labels = {}, value }) => `${name}${formatLabels(labels)} ${value}`),
        '',
      ].join('\n'),
    )
    .join('')
}

function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** Counters of every server. */
export function serverMetrics({ requests, failedKeys }: Pick<Counters, 'requests' | 'failedKeys'>): Metric[] {
  return [
    {
      name: 'rtnvis_http_responses_total',
      help: 'Answers by HTTP status.',
      type: 'counter',
      values: [...requests.byStatus].sort(([a], [b]) => a - b).map(([status, value]) => ({ labels: { status: String(status) }, value })),
    },
    {
      name: 'rtnvis_failed_keys_total',
      help: 'Wrong access keys received.',
      type: 'counter',
      values: [{ value: failedKeys.total }],
    },
    {
      name: 'rtnvis_resident_memory_bytes',
      help: 'Memory of the process.',
      type: 'gauge',
      values: [{ value: process.memoryUsage.rss() }],
    },
  ]
}

/** Counters of a running capture. */
export function liveMetrics({ state, totals, drops }: LiveStatus, viewers: Viewers): Metric[] {
  const one = (name: string, type: Metric['type'], help: string, value: number): Metric => ({ name, help, type, values: [{ value }] })
  return [
    one('rtnvis_capturing', 'gauge', '1 while packets are captured.', state === 'capturing' ? 1 : 0),
    one('rtnvis_packets_total', 'counter', 'Packets captured.', totals.packets),
    one('rtnvis_bytes_total', 'counter', 'Bytes of these packets on the wire.', totals.bytes),
    {
      name: 'rtnvis_dropped_packets_total',
      help: `Packets on the wire that were not captured${drops.isEstimate ? ' (estimated from the interface)' : ''}.`,
      type: 'counter',
      values: [
        { labels: { by: 'kernel' }, value: drops.kernel },
        { labels: { by: 'queue' }, value: drops.queue },
      ],
    },
    one('rtnvis_flows', 'gauge', 'Conversations seen.', totals.flows),
    one('rtnvis_hosts', 'gauge', 'Addresses seen.', totals.hosts),
    one('rtnvis_last_packet_timestamp_seconds', 'gauge', 'Time of the latest packet.', (totals.lastUs ?? 0) / 1e6),
    one('rtnvis_viewers', 'gauge', 'Live pages connected.', viewers.count),
    one('rtnvis_viewers_waiting_bytes', 'gauge', 'Bytes that viewers have not read yet.', viewers.waitingBytes),
  ]
}
