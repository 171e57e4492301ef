// Report -> the summary printed on a terminal. Pure: nothing of the network's text can move the cursor or change colours.

import { NOT_READ } from '../capture/coverage.ts'
import { END_OF_FILE } from '../capture/index.ts'
import { formatBytes, formatCount, formatDuration, formatPercent, formatPlural, formatTime, printable } from './figures.ts'
import { NO_INCIDENT } from './incident-summary.ts'
import type { Report } from './index.ts'
import {
  alertsLabel,
  applicationLabel,
  countryLabel,
  coverageLabel,
  leftOutByChoice,
  leftOutLines,
  mainSpanLines,
  originLines,
  sourceLines,
  suppressionLines,
} from './wording.ts'

/** Captures with nothing to say of them. */
const CAPTURES = 10
const ROWS = 5
const LABEL_COLUMNS = 34
const ALERTS = 10
const INCIDENTS = 3
const TITLE_COLUMNS = 160
const STATION_COLUMNS = 48

export interface TextOptions {
  /** Bold headings by ANSI escapes; false for files, pipes and NO_COLOR. */
  color?: boolean
}

/** Lines end in "\n"; about thirty of them. */
export function formatReport(raw: Report, { color = false }: TextOptions = {}): string {
  const report = printable(raw)
  const heading = (text: string) => (color ? `\u001b[1m${text}\u001b[0m` : text)
  const lines = [heading(report.reportName), ...captureLines(report), '']
  if (report.packets > 0) lines.push(heading('Incidents'), ...incidentLines(report), '')
  if (report.packets > 0) lines.push(heading('Traffic'), ...trafficLines(report), '')
  if (report.flows > 0) {
    lines.push(
      heading('Countries'),
      ...rowLines(report.countries.slice(0, ROWS), report.ipBytes, (row) => countryLabel(row, report.origin)),
      '',
    )
    lines.push(heading('Applications'), ...rowLines(report.applications.slice(0, ROWS), report.ipBytes, applicationLabel), '')
    lines.push(heading('Hosts'), ...hostLines(report), '')
  }
  if (report.stationRows.length > 0) lines.push(heading('Stations without IP'), ...stationLines(report), '')
  lines.push(heading('Coverage'), ...coverageLines(report), ...leftOutLines(report).map((line) => `  ${line}`), '')
  lines.push(heading('Alerts'), ...alertLines(report), '')
  lines.push(heading('Geolocation'), ...[...originLines(report), ...sourceLines(report)].map((line) => `  ${line}`))
  return `${lines.join('\n')}\n`
}

function incidentLines({ incidents }: Report): string[] {
  if (incidents.length === 0) return [`  ${NO_INCIDENT}`]
  const rest = incidents.length - INCIDENTS
  return [
    ...incidents.slice(0, INCIDENTS).flatMap(({ summary }) => summary.map((sentence, i) => `${i === 0 ? '  ' : '    '}${sentence}`)),
    ...(rest > 0 ? [`  and ${formatPlural(rest, 'more incident')} in the report`] : []),
  ]
}

function stationLines({ stationRows }: Report): string[] {
  return stationRows
    .slice(0, ROWS)
    .map(
      ({ mac, vendor, protocols, packets }) =>
        `  ${shorten(vendor === null ? mac : `${mac} ${vendor}`, STATION_COLUMNS).padEnd(STATION_COLUMNS)}  ${formatPlural(packets, 'packet')}: ${shorten(protocols, TITLE_COLUMNS)}`,
    )
}

function alertLines(report: Report): string[] {
  const shown = report.alerts.filter(({ severity }) => severity !== 'info')
  const rest = shown.length - ALERTS
  return [
    `  ${alertsLabel(report.alerts)}`,
    ...shown.slice(0, ALERTS).map(({ severity, title }) => `    ${severity.padEnd(6)}  ${shorten(title, TITLE_COLUMNS)}`),
    ...(rest > 0 ? [`    and ${formatCount(rest)} more in the report`] : []),
    ...suppressionLines(report).map((line) => `  ${line}`),
  ]
}

function captureLines({ captures }: Report): string[] {
  const plain = captures.filter(({ endedBy, warnings }) => endedBy === END_OF_FILE && warnings.length === 0)
  const silent = new Set(plain.slice(CAPTURES))
  const lines = captures
    .filter((capture) => !silent.has(capture))
    .flatMap(({ file, format, endedBy, warnings }) => [
      `  ${shorten(file, 60)} (${format})${endedBy === END_OF_FILE ? '' : `${format === NOT_READ ? '' : '; stopped'}: ${endedBy}`}`,
      ...warnings.map((warning) => `    ${warning}`),
    ])
  return silent.size === 0 ? lines : [...lines, `  and ${formatPlural(silent.size, 'more file')}, read to the end`]
}

function trafficLines(report: Report): string[] {
  const { packets, bytes, firstUs, lastUs, durationUs, flows, hosts, publicHosts, locatedHosts } = report
  const leftOut = leftOutByChoice(report.coverage)
  return [
    `  ${formatPlural(packets, 'packet')}, ${formatBytes(bytes)}${leftOut > 0 ? ` (${formatCount(packets - leftOut)} of them read, the others left out by choice)` : ''}, ${formatPlural(flows, 'conversation')}, ${formatPlural(hosts, 'host')}`,
    `  ${formatTime(firstUs)} to ${formatTime(lastUs)} (${formatDuration(durationUs)})`,
    ...mainSpanLines(report).map((line) => `  ${line}`),
    `  ${formatCount(locatedHosts)} of ${formatPlural(publicHosts, 'public host')} located in ${formatPlural(report.countryCount, 'country', 'countries')}`,
  ]
}

function rowLines<Row extends { bytes: number }>(rows: Row[], whole: number, label: (row: Row) => string): string[] {
  return rows.map((row) => line(label(row), row.bytes, whole))
}

function hostLines({ hostRows, ipBytes }: Report): string[] {
  return hostRows.slice(0, ROWS).map(({ ip, name, bytes }) => line(name ?? ip, bytes, ipBytes))
}

function line(label: string, bytes: number, whole: number): string {
  return `  ${shorten(label, LABEL_COLUMNS).padEnd(LABEL_COLUMNS)} ${formatBytes(bytes).padStart(8)} ${formatPercent(bytes, whole).padStart(8)}`
}

function coverageLines({ coverage, packets }: Report): string[] {
  return coverage.map((row) => {
    const label = shorten(coverageLabel(row), LABEL_COLUMNS).padEnd(LABEL_COLUMNS)
    return `  ${label} ${formatCount(row.packets).padStart(12)} ${formatPercent(row.packets, packets).padStart(8)}`
  })
}

function shorten(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
