// The part of the session that a link carries <-> the page's hash. Times are seconds since the capture's first packet, to the microsecond.
// Without a time (t) and not playing (p), the link shows the whole period as one picture.
//   #v=flows&q=app:tls&t=30.5&x=4&p=1&s=10-20&f=host:192.0.2.7&d=flow:12&o.heat=1
import { fitSpeed, play, seek, setSpeed } from '../model/clock.ts'
import type { Detail, Selection, TimeSpan } from '../model/selection.ts'
import { type SessionState, VIEW_NAMES, type ViewName } from './session.ts'

export type Linked = Pick<SessionState, 'view' | 'filterText' | 'clock' | 'isWhole' | 'span' | 'selection' | 'detail' | 'options'>

/** `home`: the view that needs no mention. */
export function formatHash(
  { view, filterText, clock, isWhole, span, selection, detail, options }: Linked,
  home: ViewName = 'globe',
): string {
  const parts: [string, string][] = []
  if (view !== home) parts.push(['v', view])
  if (filterText !== '') parts.push(['q', filterText])
  if (!isWhole) parts.push(['t', formatSeconds(clock.positionUs)])
  if (clock.speed !== fitSpeed(clock.durationUs)) parts.push(['x', String(clock.speed)])
  if (clock.isPlaying) parts.push(['p', '1'])
  if (span) parts.push(['s', `${formatSeconds(span.fromUs)}-${formatSeconds(span.toUs)}`])
  if (selection) parts.push(['f', formatSelection(selection)])
  if (detail) parts.push(['d', formatSelection(detail)])
  for (const name of Object.keys(options).sort()) parts.push([`o.${name}`, options[name]])
  return parts.map(([key, value]) => `${escapeText(key)}=${escapeText(value)}`).join('&')
}

/** Leaves characters that a hash may hold as they are; a lone surrogate cannot be escaped and is replaced. */
function escapeText(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')).replace(/%(3A|2F|2C|40)/g, (code) => decodeURIComponent(code))
}

function formatSeconds(us: number): string {
  return String(Math.round(us) / 1e6)
}

/** Reads a hash (without #); what it does not name is taken from `start`, what cannot be read is left out. */
export function readHash(hash: string, start: Linked, home: ViewName = 'globe'): Linked {
  const read = new Map<string, string>()
  for (const part of hash.split('&')) {
    const at = part.indexOf('=')
    if (at < 1) continue
    const text = unescapeText(part.slice(at + 1))
    const key = unescapeText(part.slice(0, at))
    if (text !== null && key !== null) read.set(key, text)
  }
  const view = read.get('v') as ViewName | undefined
  const isAt = /^\d+(?:\.\d*)?$/.test(read.get('t') ?? '')
  let clock = seek(start.clock, isAt ? Math.round(Number(read.get('t')) * 1e6) : 0)
  clock = setSpeed(clock, Number(read.get('x') ?? fitSpeed(clock.durationUs)))
  return {
    view: view && VIEW_NAMES.includes(view) ? view : home,
    filterText: read.get('q') ?? '',
    isWhole: !isAt && read.get('p') !== '1',
    clock: read.get('p') === '1' ? play(clock) : { ...clock, isPlaying: false },
    span: readSpan(read.get('s'), clock.durationUs),
    selection: readSelection(read.get('f')),
    detail: readDetail(read.get('d')),
    options: Object.fromEntries([...read].filter(([key]) => key.startsWith('o.')).map(([key, value]) => [key.slice(2), value])),
  }
}

/** After a clock jump: number of the part that the link shows, from 1; 0 for the main one. Times of the link count from its first packet. */
export function eraOf(hash: string): number {
  return Number(/(?:^#?|&)o\.era=(\d{1,2})(?:&|$)/.exec(hash)?.[1] ?? 0)
}

function unescapeText(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

function readSpan(text: string | undefined, durationUs: number): TimeSpan | null {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)-(\d{1,12}(?:\.\d{1,6})?)$/.exec(text ?? '')
  if (!match) return null
  const fromUs = Math.round(Number(match[1]) * 1e6)
  const toUs = Math.min(durationUs, Math.round(Number(match[2]) * 1e6))
  return fromUs < toUs ? { fromUs, toUs } : null
}

export function formatSelection(selection: Selection): string {
  switch (selection.kind) {
    case 'host':
      return `host:${selection.ip}`
    case 'station':
      return `station:${selection.mac}`
    case 'name':
      return `name:${selection.name}`
    case 'country':
      return `country:${selection.code}`
    case 'place':
      return `place:${selection.place}`
    case 'route':
      return `route:${selection.route}`
    default:
      return `${selection.kind}:${selection.id}`
  }
}

function readSelection(text: string | undefined): Selection | null {
  const match = /^(\w+):(.*)$/s.exec(text ?? '')
  if (!match) return null
  const [, kind, value] = match as unknown as [string, string, string]
  const number = /^\d{1,15}$/.test(value) ? Number(value) : null
  if (kind === 'host') return { kind, ip: value }
  if (kind === 'station') return { kind, mac: value }
  if (kind === 'name') return { kind, name: value }
  if (kind === 'country') return { kind, code: value }
  if (number === null) return null
  if (kind === 'flow' || kind === 'alert') return { kind, id: number }
  if (kind === 'place') return { kind, place: number }
  // Links of earlier versions say "lane".
  return kind === 'route' || kind === 'lane' ? { kind: 'route', route: number } : null
}

const DETAILS = new Set<string>(['flow', 'host', 'station', 'alert'] satisfies Detail['kind'][])

function readDetail(text: string | undefined): Detail | null {
  const selection = readSelection(text)
  return selection && DETAILS.has(selection.kind) ? (selection as Detail) : null
}
