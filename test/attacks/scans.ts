// Scans of all directions and kinds: one machine's ports, one port on many machines, both; fast and slow; with flags no connection begins with.
import { icmp, ipv4, join, type Layer, raw, tcp, u16, u32, udp } from '../support/build.ts'
import type { World } from './world.ts'

export type Probe = 'syn' | 'connect' | 'fin' | 'null' | 'xmas' | 'ack' | 'maimon' | 'udp'

export interface Scan {
  probe: Probe
  perSecond: number
  /** How many ports and machines; the product is how many probes there are. */
  ports: number
  hosts: number
  from: 'inside' | 'outside'
  towards: 'inside' | 'outside'
  /** Shares of probes that are refused, and that meet an open port; the rest is silence. */
  refused: number
  open: number
}

const FLAGS: Record<Exclude<Probe, 'udp'>, string> = { syn: 'S', connect: 'S', fin: 'F', null: '', xmas: 'FPU', ack: 'A', maimon: 'FA' }
const FAVOURITES = [
  21, 22, 23, 25, 53, 80, 110, 135, 139, 143, 443, 445, 993, 1433, 1723, 3306, 3389, 5432, 5900, 6379, 8080, 8443, 9200, 27017,
]

/** Many machines are a sweep, however many ports of each are tried. */
export const ruleOf = ({ ports, hosts }: Scan): string => (ports === 1 || hosts > 5 ? 'sweep' : 'port-scan')

export function scan(world: World, atS: number, scan: Scan): void {
  const source = scan.from === 'inside' ? world.newcomer() : world.outsider()
  const targets = Array.from({ length: scan.hosts }, (_, index) =>
    scan.towards === 'outside' ? world.outsider() : scan.hosts === 1 ? world.server : world.lanAddress(2 + ((index * 3) % 240)),
  )
  const port = world.pick([22, 23, 80, 443, 445, 3389, 5900, 8080])
  const ports = scan.ports === 1 ? [port] : portsOf(world, scan.ports)
  const probes = targets.flatMap((target) => ports.map((port) => ({ target, port })))
  shuffle(world, probes)
  const base = world.whole(33_000, 60_000)
  let now = world.at(atS)
  for (const { target, port } of probes) {
    now += (1_000_000 / scan.perSecond) * world.between(0.6, 1.4)
    probe(world, now, source, target, scan, scan.probe === 'connect' ? world.port() : base, port)
  }
  const variant = `${scan.probe} ${scan.ports} ports ${scan.hosts} hosts ${scan.perSecond}/s ${scan.from}-${scan.towards}`
  const endS = atS + (now - world.at(atS)) / 1_000_000
  world.label(ruleOf(scan), variant, source, scan.hosts === 1 ? targets[0] : null, atS, endS, ['port-scan', 'sweep'])
}

function portsOf(world: World, count: number): number[] {
  const chosen = new Set(FAVOURITES.slice(0, Math.min(FAVOURITES.length, count)))
  while (chosen.size < count) chosen.add(world.whole(1, 10_000))
  return [...chosen]
}

function shuffle<T>(world: World, list: T[]): void {
  for (let index = list.length - 1; index > 0; index--) {
    const other = world.whole(0, index)
    ;[list[index], list[other]] = [list[other]!, list[index]!]
  }
}

function probe(world: World, atUs: number, source: string, target: string, scan: Scan, from: number, port: number): void {
  const backUs = atUs + world.between(300, 30_000)
  const chance = world.random()
  const isRefused = chance < scan.refused
  const isOpen = !isRefused && chance < scan.refused + scan.open
  if (scan.probe === 'udp') {
    const datagram: Layer = udp(from, port, port === 53 ? world.bytes(12) : '')
    world.add(atUs, source, target, datagram)
    const quoted = ipv4(world.seen(source), world.seen(target), datagram).bytes.subarray(0, 28)
    if (isRefused) world.add(backUs, target, source, icmp(3, 3, u32(0), quoted))
    return
  }
  const sequence = world.whole(1, 0x7fffffff)
  world.add(atUs, source, target, tcp(from, port, FLAGS[scan.probe], '', { sequence, window: 1024 }))
  const answer = (flags: string): void =>
    world.add(backUs, target, source, tcp(port, from, flags, '', { sequence: 5, acknowledgment: sequence + 1 }))
  if (isRefused) answer('RA')
  else if (isOpen && (scan.probe === 'syn' || scan.probe === 'connect')) {
    answer('SA')
    if (scan.probe === 'connect')
      world.add(backUs + 200, source, target, tcp(from, port, 'A', '', { sequence: sequence + 1, acknowledgment: 6 }))
    world.add(
      backUs + 400,
      source,
      target,
      tcp(from, port, scan.probe === 'connect' ? 'RA' : 'R', '', { sequence: sequence + 1, acknowledgment: 6 }),
    )
  }
}

/** One packet of each IP protocol, as nmap -sO sends them; some are refused. */
export function protocolScan(world: World, atS: number, protocols: number, perSecond: number): void {
  const source = world.newcomer()
  for (let number = 0; number < protocols; number++) {
    const atUs = world.at(atS) + (number * 1_000_000) / perSecond
    const protocol = (number * 7 + 100) % 256
    if ([1, 4, 6, 17, 41, 47, 58].includes(protocol)) continue
    const probe = raw(protocol)
    world.add(atUs, source, world.server, probe)
    const quoted = ipv4(world.seen(source), world.seen(world.server), probe).bytes.subarray(0, 20)
    if (world.random() < 0.3) world.add(atUs + 900, world.server, source, icmp(3, 2, u32(0), quoted))
  }
  const endS = atS + protocols / perSecond
  world.label('protocol-scan', `${protocols} protocols ${perSecond}/s`, source, world.server, atS, endS)
}

/** Who lives? One echo request to each address. */
export function pingSweep(world: World, atS: number, hosts: number, perSecond: number): void {
  const source = world.newcomer()
  for (let host = 0; host < hosts; host++) {
    const atUs = world.at(atS) + (host * 1_000_000) / perSecond
    const target = world.lanAddress(2 + host)
    const rest = join(u16(0x77), u16(host))
    world.add(atUs, source, target, icmp(8, 0, rest, new Uint8Array(8)))
    if (world.clients.includes(target)) world.add(atUs + 400, target, source, icmp(0, 0, rest, new Uint8Array(8)))
  }
  world.label('sweep', `ping ${hosts} hosts ${perSecond}/s`, source, null, atS, atS + hosts / perSecond, ['port-scan'])
}

/** The series of nmap -O to one open and one closed port, which it repeats when it is not sure. */
export function osScan(world: World, atS: number, rounds: number): void {
  const source = world.newcomer()
  const [open, closed] = [445, 31_999]
  for (let round = 0; round < rounds; round++) {
    const atUs = world.at(atS + round * 2)
    const from = world.whole(33_000, 60_000)
    const probes: [string, number][] = [
      ['', open],
      ['SFPU', open],
      ['A', open],
      ['S', closed],
      ['A', closed],
      ['FPU', closed],
    ]
    for (const [index, [flags, port]] of probes.entries()) {
      const sequence = world.whole(1, 0x7fffffff)
      world.add(atUs + index * 25_000, source, world.server, tcp(from + index, port, flags, '', { sequence, window: 128 << index }))
      if (port === closed || flags === 'A')
        world.add(
          atUs + index * 25_000 + 400,
          world.server,
          source,
          tcp(port, from + index, 'RA', '', { sequence: 0, acknowledgment: sequence }),
        )
    }
  }
  world.label('os-scan', `${rounds} rounds`, source, world.server, atS, atS + rounds * 2, ['port-scan'])
}

/** Timestamp requests (nmap -PP) or lone ACKs to a port (nmap -PA), one or two to each address: those that live answer. */
export function quietSweep(world: World, atS: number, hosts: number, kind: 'timestamp' | 'ack'): void {
  const source = world.newcomer()
  const base = world.whole(33_000, 60_000)
  for (let host = 0; host < hosts; host++) {
    const atUs = world.at(atS) + host * 40_000
    const target = world.lanAddress(2 + host)
    const isAlive = world.clients.includes(target)
    if (kind === 'timestamp') {
      const [rest, times] = [join(u16(0x77), u16(host)), new Uint8Array(12)]
      world.add(atUs, source, target, icmp(13, 0, rest, times))
      if (isAlive) world.add(atUs + 400, target, source, icmp(14, 0, rest, times))
    } else {
      for (const from of isAlive ? [base] : [base, base + 1])
        world.add(atUs, source, target, tcp(from, 80, 'A', '', { sequence: 7, acknowledgment: 9, window: 1024 }))
      if (isAlive) world.add(atUs + 400, target, source, tcp(80, base, 'R', '', { sequence: 9, window: 0 }))
    }
  }
  world.label('sweep', `${kind} ${hosts} hosts`, source, null, atS, atS + hosts * 0.04, ['port-scan'])
}
