// The form of options -> what the analysis is told.
import type { DropOptions } from '../../../src/browser/messages.ts'
import { byId } from '../ui/dom.ts'
import type { Chosen } from './chosen.ts'

/** Rows of the packets table, as typed. @throws Error */
export function parsePackets(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (text === 'none') return 0
  if (!/^\d{1,10}$/.test(text)) throw new Error(`Packet rows kept: ${text}: it must be a number, "all" or "none".`)
  return Number(text)
}

/** @param dropped stands before what the form names @throws Error */
export function readOptions(dropped: Pick<Chosen, 'geoip' | 'rules'>): DropOptions {
  const text = (id: string) => byId<HTMLInputElement>(id).value.trim() || null
  const files = (id: string) => [...(byId<HTMLInputElement>(id).files ?? [])]
  return {
    name: text('option-name'),
    origin: text('option-origin'),
    maxPackets: parsePackets(text('option-packets') ?? '100000'),
    geoip: dropped.geoip.length > 0 ? dropped.geoip : files('option-geoip'),
    rules: dropped.rules ?? files('option-rules')[0] ?? null,
    blocklists: files('option-blocklists'),
    baseline: files('option-baseline')[0] ?? null,
  }
}
