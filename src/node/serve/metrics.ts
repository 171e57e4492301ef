// Prometheus' text format (exposition format 0.0.4).
import type { RunningServer } from './server.ts'

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

/** Counters that every server has. */
export function serverMetrics({ requests, failedKeys }: Pick<RunningServer, 'requests' | 'failedKeys'>): Metric[] {
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
