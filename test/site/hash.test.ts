// The page's hash: everything a link carries comes back as it was, and what is no link's work is left out.
import { describe, expect, it } from 'vitest'
import { createClock, play, seek, setSpeed } from '../../site/src/model/clock.ts'
import { formatHash, type Linked, readHash } from '../../site/src/session/hash.ts'

const MINUTE_US = 60_000_000

const START: Linked = {
  view: 'globe',
  filterText: '',
  clock: createClock(MINUTE_US),
  isWhole: true,
  span: null,
  selection: null,
  detail: null,
  options: {},
}

describe('the hash', () => {
  it('of the start is empty', () => {
    expect(formatHash(START)).toBe('')
    expect(readHash('', START)).toEqual(START)
  })

  it.each<[string, Partial<Linked>]>([
    ['v=flows', { view: 'flows' }],
    ['q=country%3AKE', { filterText: 'country:KE' }],
    ['t=12.345678', { clock: seek(createClock(MINUTE_US), 12_345_678), isWhole: false }],
    ['t=0', { isWhole: false }],
    ['x=0.25&p=1', { clock: play(setSpeed(createClock(MINUTE_US), 0.25)), isWhole: false }],
    ['s=1.5-20', { span: { fromUs: 1_500_000, toUs: 20_000_000 } }],
    ['f=host:2001:db8::1', { selection: { kind: 'host', ip: '2001:db8::1' } }],
    ['d=flow:7', { detail: { kind: 'flow', id: 7 } }],
    ['f=name:a%26b%3Dc%23%20%E2%80%AE', { selection: { kind: 'name', name: 'a&b=c# \u202e' } }],
    ['o.flows.sort=-bytes', { options: { 'flows.sort': '-bytes' } }],
  ])('%s restores exactly', (hash, change) => {
    const linked = { ...START, ...change }
    expect(readHash(hash, START)).toEqual(linked)
    expect(readHash(formatHash(linked), START)).toEqual(linked)
  })

  it('with everything in it restores exactly', () => {
    const all: Linked = {
      view: 'hosts',
      filterText: 'name:"a b" (app:tls or -port:443) bytes>1M 100%',
      clock: setSpeed(seek(createClock(MINUTE_US), 1), 1000),
      isWhole: false,
      span: { fromUs: 0, toUs: MINUTE_US },
      selection: { kind: 'route', route: 3 },
      detail: { kind: 'host', ip: '10.0.0.1' },
      options: { 'flows.columns': 'first,bytes', zone: 'Africa/Nairobi' },
    }
    expect(readHash(formatHash(all), START)).toEqual(all)
  })

  it.each([
    'v=nothing',
    't=NaN',
    't=-5',
    'x=0',
    'x=Infinity',
    's=9-1',
    's=a-b',
    'f=flow:x',
    'd=place:1',
    'f=',
    '%E0%A4%A=1',
    '=&==&&',
    'q=%',
  ])('%s is as if it were not there', (hash) => {
    expect(readHash(hash, START)).toEqual(START)
  })

  it('holds a position within the capture, and a name with half a character', () => {
    expect(readHash('t=99999', START).clock.positionUs).toBe(MINUTE_US)
    expect(formatHash({ ...START, selection: { kind: 'name', name: 'a\ud800' } })).toBe('f=name:a%EF%BF%BD')
  })
})
