// The text of an option -> its value; what it must be where it is wrong.
import { InvalidArgumentError } from 'commander'
import { UsageError } from '../../errors.ts'
import { DDL, type ExportTarget, FORMAT_NAMES } from '../../export/format-names.ts'
import { parsePacketRows } from '../../input/packet-rows.ts'
import { SEVERITIES, type Severity } from '../../types.ts'
import { parseDuration } from '../live/duration.ts'

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a number, at least 1.')
  return Number(text)
}

export function parseName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}

export function parseFormat(text: string): 'pcap' | 'pcapng' {
  if (text !== 'pcap' && text !== 'pcapng') throw new InvalidArgumentError('It must be pcap or pcapng.')
  return text
}

export function parseSpan(text: string): 'hour' | 'day' {
  if (text !== 'hour' && text !== 'day') throw new InvalidArgumentError('It must be hour or day.')
  return text
}

/** Days that a report may be kept: 27 years. */
const MAX_KEPT_DAYS = 9999

export function parseEvery(text: string): number {
  return parseDuration(text, '--every')
}

export function parseSettle(text: string): number {
  return /^0s?$/.test(text) ? 0 : parseDuration(text, '--settle')
}

export function parseKeep(text: string): number {
  return parseDuration(text, '--keep', MAX_KEPT_DAYS)
}

export function parseExport(text: string): ExportTarget {
  if (text.startsWith('clickhouse://')) return text as ExportTarget
  const name = [...FORMAT_NAMES, DDL].find((known) => known === text)
  if (name === undefined) throw new InvalidArgumentError(`It must be one of ${FORMAT_NAMES.join(', ')}, clickhouse://..., ${DDL}.`)
  return name as ExportTarget
}

export function parseMaxPackets(text: string): number {
  const rows = parsePacketRows(text)
  if (rows === null) throw new InvalidArgumentError('It must be a number, "all" or "none".')
  return rows
}

export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.')
  return Number(text)
}

export function parseSeverity(text: string): Severity {
  const severity = SEVERITIES.find((known) => known === text)
  if (severity === undefined) throw new UsageError(`--fail-on ${text}: it must be one of ${SEVERITIES.join(', ')}`)
  return severity
}
