// npm run bench:blocklists: how fast lists are read, and how many addresses and names a second are held against them.
import { random } from '../../fixtures/generate/random.ts'
import { DomainSet } from '../../src/detect/blocklist/domain-set.ts'
import { BlocklistBuilder } from '../../src/detect/blocklist/index.ts'
import { Ipv4RangeBuilder } from '../../src/detect/blocklist/ipv4-ranges.ts'

const ENTRIES = Number(process.argv[2] ?? 1_000_000)
const ASKED = 1 << 16
const ROUNDS = 200

const next = random(11)
const number = (below: number): number => Math.floor(next() * below)
const address = (): number => number(0x1_0000_0000)
const dotted = (ip: number): string => `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`
const label = (): string => Array.from({ length: 4 + number(9) }, () => 'abcdefghijklmnopqrstuvwxyz0123456789-'[number(36)]).join('')
const domain = (): string => `x${label()}.${['com', 'net', 'org', 'info', 'co.uk'][number(5)]}`

/** Processor seconds of the fastest of three: other programs on the machine do not count. */
function fastest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const began = process.cpuUsage()
    work()
    best = Math.min(best, process.cpuUsage(began).user / 1e6)
  }
  return best
}

function tell(what: string, count: number, seconds: number): void {
  console.log(`| ${what} | ${count.toLocaleString('en')} | ${seconds.toFixed(2)} | ${(count / seconds / 1e6).toFixed(1)} million |`)
}

console.log('| what | how many | seconds | a second |\n| --- | --- | --- | --- |')

const addresses = Uint32Array.from({ length: ENTRIES }, address)
const domains = Array.from({ length: ENTRIES }, domain)
const lines = [...addresses].map((ip, i) => (i % 8 === 0 ? `${dotted(ip)}/24 ; network` : dotted(ip)))
tell(
  'lines of addresses read',
  ENTRIES,
  fastest(() => readAll(lines)),
)
tell(
  'lines of domains read',
  ENTRIES,
  fastest(() => readAll(domains)),
)

const ranges = new Ipv4RangeBuilder()
for (const [i, ip] of addresses.entries()) ranges.add(i % 8 === 0 ? ip & ~255 : ip, i % 8 === 0 ? ip | 255 : ip, i)
const table = ranges.finish()
const asked = Uint32Array.from({ length: ASKED }, (_, i) => (i % 16 === 0 ? addresses[number(ENTRIES)] : address()))
let hits = 0
tell(
  'addresses looked up',
  ASKED * ROUNDS,
  fastest(() => {
    for (let round = 0; round < ROUNDS; round++) for (let i = 0; i < ASKED; i++) if (table.find(asked[i]) >= 0) hits++
  }),
)

const set = new DomainSet()
for (const [i, name] of domains.entries()) set.add(name, i)
const names = Array.from({ length: ASKED }, (_, i) => (i % 16 === 0 ? `www.${domains[number(ENTRIES)]}` : `www.${domain()}`))
tell(
  'names looked up',
  ASKED * 20,
  fastest(() => {
    for (let round = 0; round < 20; round++) for (let i = 0; i < ASKED; i++) if (set.find(names[i]) >= 0) hits++
  }),
)
console.log(`\n${ENTRIES.toLocaleString('en')} entries of each kind; ${hits.toLocaleString('en')} hits`)

function readAll(list: string[]): void {
  const builder = new BlocklistBuilder()
  builder.begin('list.txt')
  for (const line of list) builder.add(line)
  builder.finish()
}
