// The options: the fields of the form (pages/analyze.astro), and what the analysis is told of them.
import type { DropOptions } from '../../../src/browser/messages.ts'
import { DEFAULT_ORIGIN } from '../../../src/geo/origin.ts'
import { DEFAULT_PACKET_ROWS, parsePacketRows } from '../../../src/input/packet-rows.ts'
import { byId } from '../ui/dom.ts'
import type { Chosen } from './chosen.ts'

/** One input each: its label, what stands below it, the rest are its attributes. `name` as in DropOptions. */
interface OptionField {
  name: Exclude<keyof DropOptions, 'maxPackets'> | 'packets'
  label: string
  about?: string
  type: 'text' | 'file'
  [attribute: string]: string | number | boolean | undefined
}

export const OPTION_FIELDS: readonly OptionField[] = [
  { name: 'name', label: 'Title', type: 'text', maxlength: 200, placeholder: 'the file’s name' },
  {
    name: 'origin',
    label: 'Where private addresses stand',
    type: 'text',
    maxlength: 200,
    placeholder: `a city, latitude,longitude, or auto (default: ${DEFAULT_ORIGIN.name})`,
    list: 'origins',
  },
  {
    name: 'packets',
    label: 'Packet rows kept',
    about: 'a number, all or none; conversations always count every packet',
    type: 'text',
    inputmode: 'numeric',
    value: DEFAULT_PACKET_ROWS,
  },
  {
    name: 'geoip',
    label: 'Location databases',
    about: 'your own .mmdb files, City or Country, and ASN; default: the one beside this page',
    type: 'file',
    accept: '.mmdb',
    multiple: true,
  },
  { name: 'blocklists', label: 'Block lists', type: 'file', multiple: true },
  { name: 'rules', label: 'Rules', type: 'file', accept: '.toml' },
  {
    name: 'baseline',
    label: 'Baseline',
    about: 'an older traffic.sqlite: says what was never contacted before',
    type: 'file',
    accept: '.sqlite',
  },
]

/** @throws Error */
function packetRows(text: string | null): number {
  if (text === null) return DEFAULT_PACKET_ROWS
  const rows = parsePacketRows(text)
  if (rows === null) throw new Error(`Packet rows kept: ${text}: it must be a number, "all" or "none".`)
  return rows
}

/** @param dropped stands before what the form names @throws Error */
export function readOptions(dropped: Pick<Chosen, 'geoip' | 'rules'>): DropOptions {
  const input = (name: OptionField['name']) => byId<HTMLInputElement>(`option-${name}`)
  const text = (name: OptionField['name']) => input(name).value.trim() || null
  const files = (name: OptionField['name']) => [...(input(name).files ?? [])]
  return {
    name: text('name'),
    origin: text('origin'),
    maxPackets: packetRows(text('packets')),
    geoip: dropped.geoip.length > 0 ? dropped.geoip : files('geoip'),
    rules: dropped.rules ?? files('rules')[0] ?? null,
    blocklists: files('blocklists'),
    baseline: files('baseline')[0] ?? null,
  }
}
